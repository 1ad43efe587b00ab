"""JSON Web Tokens: short access tokens, and refresh tokens that are good for one use."""

import time
from dataclasses import dataclass
from typing import Any, Final

import jwt

from app.errors import Unauthenticated
from graph.errors import InvalidCredentials
from graph.viewer import Role, Viewer

_ALGORITHM: Final = "HS256"
_ISSUER: Final = "nexus"
_REQUIRED: Final = ["exp", "iat", "sub", "jti", "sid", "typ"]


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says.

    Args:
        viewer: Who brings it.
        expires_at: When it ends, in seconds since 1970 UTC.
    """

    viewer: Viewer
    expires_at: float


class Tokens:
    """Makes and reads tokens.

    Args:
        secret: The HMAC key, at least 32 bytes.
        access_s: Lifetime of access tokens in seconds.
        refresh_s: Lifetime of refresh tokens in seconds.
    """

    def __init__(self, secret: str, access_s: int, refresh_s: int) -> None:
        self._secret = secret
        self.access_s = access_s
        self.refresh_s = refresh_s

    def access(self, viewer: Viewer) -> str:
        """Make an access token; it claims the viewer's role, which the graph is asked again."""
        jti = f"{viewer.session_id}.{time.time_ns()}"
        return self._sign("access", viewer, self.access_s, jti, {"role": viewer.role.name})

    def refresh(self, viewer: Viewer, refresh_id: str) -> str:
        """Make the refresh token with the id that the session knows."""
        return self._sign("refresh", viewer, self.refresh_s, refresh_id, {})

    def read_access(self, token: str) -> Access:
        """Tell who brings an access token.

        Raises:
            Unauthenticated: It is forged, has expired, or is no access token.
        """
        try:
            claims = self._read(token, "access")
            viewer = Viewer(claims["sub"], claims["sid"], Role[claims["role"]])
        except jwt.ExpiredSignatureError as error:
            raise Unauthenticated("The access token has expired. Use `refreshToken`.") from error
        except (jwt.InvalidTokenError, KeyError) as error:
            raise Unauthenticated("The access token is not valid. Log in again.") from error
        return Access(viewer, claims["exp"])

    def read_refresh(self, token: str) -> tuple[str, str]:
        """Give the session and the id of a refresh token.

        Raises:
            InvalidCredentials: It is forged, has expired, or is no refresh token.
        """
        try:
            claims = self._read(token, "refresh")
        except jwt.InvalidTokenError as error:
            message = "The refresh token is not valid or has expired. Log in again."
            raise InvalidCredentials(message, ("refreshToken",)) from error
        return claims["sid"], claims["jti"]

    def _sign(
        self, kind: str, viewer: Viewer, lifetime_s: int, jti: str, more: dict[str, str]
    ) -> str:
        now = int(time.time())
        claims = {
            "iss": _ISSUER,
            "sub": viewer.user_id,
            "sid": viewer.session_id,
            "jti": jti,
            "typ": kind,
            "iat": now,
            "exp": now + lifetime_s,
        }
        return jwt.encode({**claims, **more}, self._secret, algorithm=_ALGORITHM)

    def _read(self, token: str, kind: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                issuer=_ISSUER,
                options={"require": _REQUIRED},
            )
        except RecursionError as error:  # the head is JSON of anybody's making
            raise jwt.InvalidTokenError("This token is nested too deeply.") from error
        if claims["typ"] != kind:
            raise jwt.InvalidTokenError(f"This is a token of type {claims['typ']!r}.")
        return claims
