"""Tells of logins that end while a socket is open."""

import asyncio
import logging
from types import TracebackType
from typing import Self

from app.realtime.outage import Outage
from app.realtime.patience import Runner
from graph.errors import Unavailable
from graph.sessions import read_ended
from graph.viewer import Viewer

_logger = logging.getLogger(__name__)


class SessionWatch:
    """Looks every few seconds who may no longer act: one statement for everybody who is watched.

    Sessions end by revocation, people by suspension, and a token's role by another one. While
    Neo4j is away nobody's end is known, and nobody is thrown out.

    Args:
        graph: Where sessions are.
        interval_s: Between two looks.
    """

    def __init__(self, graph: Runner, interval_s: float = 2.0) -> None:
        self._graph = graph
        self._interval_s = interval_s
        self._waiting: dict[Viewer, set[asyncio.Future[None]]] = {}
        self._outage = Outage("Neo4j is away; sockets whose sessions have ended stay open")
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def ended(self, viewer: Viewer) -> None:
        """Wait until somebody may no longer act."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(viewer, set())
        waiting.add(future)
        try:
            await future
        finally:
            waiting.discard(future)
            if not waiting and self._waiting.get(viewer) is waiting:
                del self._waiting[viewer]

    async def look(self) -> None:
        """Look once, and tell those who wait."""
        if not self._waiting:
            return
        for viewer in await self._graph.run(read_ended(list(self._waiting))):
            for future in self._waiting.pop(viewer, ()):
                if not future.done():
                    future.set_result(None)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            try:
                await self.look()
            except Unavailable as error:
                self._outage.began(error)
            except Exception:
                _logger.exception("Sessions could not be looked at; trying again.")
            else:
                self._outage.ended()
