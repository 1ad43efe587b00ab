"""Where a client of a socket can put its token."""

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from app.realtime.operations import AuthenticationRefused, Payload

COOKIE: Final = "nexus_token"
_SCHEME: Final = "bearer"


def find_token(payload: Payload, headers: Headers) -> str | None:
    """Find the token in the payload of `connection_init`, or else in the handshake's headers.

    There it is in `Authorization`, or else in the cookie `nexus_token`.

    Returns:
        None where there is no token, or an empty one.

    Raises:
        AuthenticationRefused: There is something that cannot be a token.
    """
    for name in ("authorization", "Authorization"):
        if payload.get(name):
            return _bearer(payload[name])
    if token := payload.get("token"):
        if not isinstance(token, str):
            raise AuthenticationRefused("'token' must be a string")
        return token
    cookies = cookie_parser(headers.get("cookie", ""))
    return _bearer(headers.get("authorization", "")) or cookies.get(COOKIE) or None


def _bearer(value: object) -> str | None:
    if not isinstance(value, str):
        raise AuthenticationRefused("'authorization' must be a string")
    scheme, _, token = value.strip().partition(" ")
    if scheme and scheme.lower() != _SCHEME:
        raise AuthenticationRefused("Authorization must be 'Bearer <token>'")
    return token.strip() or None
