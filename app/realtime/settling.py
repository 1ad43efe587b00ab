"""Up to which position every event can be read, where no bell has told it."""

import asyncio

from app.realtime.patience import Runner
from graph.streams import settle


class Settling:
    """Asks for all channels of a process.

    One statement runs at a time, and serves everybody who asked before it began.

    Args:
        graph: Where to ask, patiently.
    """

    def __init__(self, graph: Runner) -> None:
        self._graph = graph
        self._turn = asyncio.Lock()
        self._begun_count = 0
        self._answered = 0
        self.known = 0
        """All events up to here can be read, as far as anybody has asked."""

    async def settled(self) -> int:
        """Give a position up to which all events can be read from now on, those seen too."""
        begun_before = self._begun_count
        async with self._turn:
            if self._answered <= begun_before:
                self._begun_count += 1
                turn = self._begun_count
                self.known = max(self.known, await self._graph.run(settle()))
                self._answered = turn
            return self.known
