"""Who is at the other end of a WebSocket."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from app.errors import Unauthenticated
from app.realtime.operations import AuthenticationRefused
from app.realtime.seats import Seats
from app.tokens import Access, Tokens
from graph.viewer import Viewer


@dataclass(frozen=True, slots=True)
class SocketCaller:
    """A socket's viewer; nobody when the client brought no token.

    Args:
        viewer: Who is logged in, if anybody.
        expires_at: When the token ends, in seconds since 1970 UTC; None for never.
    """

    viewer: Viewer | None
    expires_at: float | None

    async def ended(self) -> str:
        """Wait until the token expires; tell so."""
        left_s = None if self.expires_at is None else self.expires_at - time.time()
        with suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await asyncio.Event().wait()
        return "Token expired"


class SocketLogin:
    """Tells who brings a token, and counts their sockets.

    Without one the socket opens, so that explorers can read the schema and sign up over it; each
    root field then says itself who may use it.
    """

    def __init__(self, tokens: Tokens, seats: Seats) -> None:
        self._tokens = tokens
        self._seats = seats

    @asynccontextmanager
    async def __call__(self, token: str | None) -> AsyncIterator[SocketCaller]:
        """Tell who brings the token, for as long as the socket is open.

        Raises:
            AuthenticationRefused: It opens nothing.
            TooManySockets: Its user has as many open as they may.
        """
        access = None if token is None else self._read(token)
        if access is None:
            yield SocketCaller(None, None)
            return
        with self._seats.taken(access.viewer.user_id):
            yield SocketCaller(access.viewer, access.expires_at)

    def _read(self, token: str) -> Access:
        try:
            return self._tokens.read_access(token)
        except Unauthenticated as error:
            raise AuthenticationRefused(error.message) from error
