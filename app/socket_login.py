"""Who is at the other end of a WebSocket or event stream, and for how long."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import NoReturn

from app.caller import find_access
from app.errors import Unauthenticated
from app.realtime.operations import AuthenticationRefused
from app.realtime.seats import Seats
from app.realtime.session_watch import SessionWatch
from app.tokens import Access, Tokens
from graph.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Stranger:
    """Nobody in particular, for as long as they like.

    Args:
        viewer: Why their token was refused; None when there was none.
    """

    viewer: Unauthenticated | None = None

    async def ended(self) -> NoReturn:
        """Wait for ever."""
        while True:
            await asyncio.Event().wait()


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
    async def __call__(self, token: str | None) -> AsyncIterator[LoggedIn | Stranger]:
        """Tell who brings the token, for as long as the socket is open.

        Raises:
            AuthenticationRefused: It opens nothing.
            TooManySockets: Its user has as many open as they may.
        """
        if token is None:
            yield Stranger()
            return
        with self._seated(self._read(token)) as caller:
            yield caller

    @asynccontextmanager
    async def by_header(self, authorization: str | None) -> AsyncIterator[LoggedIn | Stranger]:
        """Tell who sends an `Authorization` header, for as long as the answer lasts.

        As over plain HTTP, a token that is no good is told only when something needs it.

        Raises:
            TooManySockets: Its user has as many open as they may.
        """
        access = find_access(authorization, self._tokens)
        if not isinstance(access, Access):
            yield Stranger(access)
            return
        with self._seated(access) as caller:
            yield caller

    @contextmanager
    def _seated(self, access: Access) -> Iterator[LoggedIn]:
        with self._seats.taken(access.viewer.user_id):
            yield LoggedIn(access, self._watch)

    def _read(self, token: str) -> Access:
        try:
            return self._tokens.read_access(token)
        except Unauthenticated as error:
            raise AuthenticationRefused(error.message) from error
