"""Who is at the other end of a WebSocket, and for how long."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.errors import Unauthenticated
from app.realtime.operations import AuthenticationRefused
from app.realtime.seats import Seats
from app.realtime.session_watch import SessionWatch
from app.tokens import Access, Tokens
from graph.viewer import Viewer


class Anonymous:
    """Nobody in particular, for as long as they like."""

    viewer = None

    async def ended(self) -> str:
        """Wait for ever."""
        await asyncio.Event().wait()
        return "Nobody"


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Somebody, until their token expires or the session that it was made for ends.

    Args:
        access: What the token says.
        watch: Tells of the end of sessions.
    """

    access: Access
    watch: SessionWatch

    @property
    def viewer(self) -> Viewer:
        """Who it is."""
        return self.access.viewer

    async def ended(self) -> str:
        """Wait for the end, and tell which of the two it was."""
        try:
            async with asyncio.timeout(self.access.expires_at - time.time()):
                await self.watch.ended(self.viewer)
        except TimeoutError:
            return "Token expired"
        return "Session ended"


class SocketLogin:
    """Tells who brings a token, and counts their sockets.

    Without one the socket opens, so that explorers can read the schema and sign up over it; each
    root field then says itself who may use it.
    """

    def __init__(self, tokens: Tokens, seats: Seats, watch: SessionWatch) -> None:
        self._tokens = tokens
        self._seats = seats
        self._watch = watch

    @asynccontextmanager
    async def __call__(self, token: str | None) -> AsyncIterator[LoggedIn | Anonymous]:
        """Tell who brings the token, for as long as the socket is open.

        Raises:
            AuthenticationRefused: It opens nothing.
            TooManySockets: Its user has as many open as they may.
        """
        if token is None:
            yield Anonymous()
            return
        access = self._read(token)
        with self._seats.taken(access.viewer.user_id):
            yield LoggedIn(access, self._watch)

    def _read(self, token: str) -> Access:
        try:
            return self._tokens.read_access(token)
        except Unauthenticated as error:
            raise AuthenticationRefused(error.message) from error
