"""Who is at the other end of a WebSocket."""

from dataclasses import dataclass

from app.errors import Unauthenticated
from app.realtime.operations import AuthenticationRefused
from app.tokens import Tokens
from graph.viewer import Viewer


@dataclass(frozen=True, slots=True)
class SocketCaller:
    """A socket's viewer; nobody when the client brought no token.

    Args:
        viewer: Who is logged in, if anybody.
        expires_at: When the socket closes, in seconds since 1970 UTC; None for never.
    """

    viewer: Viewer | None
    expires_at: float | None


class SocketLogin:
    """Tells who brings a token.

    Without one the socket opens, so that explorers can read the schema and sign up over it; each
    root field then says itself who may use it.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def __call__(self, token: str | None) -> SocketCaller:
        """Tell who brings the token.

        Raises:
            AuthenticationRefused: It opens nothing.
        """
        if token is None:
            return SocketCaller(None, None)
        try:
            access = self._tokens.read_access(token)
        except Unauthenticated as error:
            raise AuthenticationRefused(error.message) from error
        return SocketCaller(access.viewer, access.expires_at)
