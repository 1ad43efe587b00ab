"""The first run of each statement, which others of the same text wait for.

Neo4j plans a statement when it first sees its text, for a second and more, and does so anew for
each transaction that brings the same text meanwhile: after a start, a crowd that does one thing
at once would keep it planning for longer than anybody waits. Nor does it keep what it has planned
so far of a transaction whose time is up: on a busy machine that just started, the next would fare
no better. Such a text is planned in peace, by `EXPLAIN`, which does nothing else.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final
from weakref import WeakValueDictionary

_MOST_TEXTS: Final = 1_000
"""As many as Neo4j keeps plans of."""


class FirstRuns:
    """Lets a text run once alone, and from then on as often at a time as one likes."""

    def __init__(self) -> None:
        self._done: dict[int, None] = {}
        self._locks = WeakValueDictionary[int, asyncio.Lock]()
        self._planning: dict[int, asyncio.Event] = {}
        self._peace = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, text: str) -> AsyncGenerator[None]:
        """Wait until the text may be run, and run it; what fails leaves the next the first."""
        key = hash(text)
        while key not in self._done:
            async with self._locks.setdefault(key, asyncio.Lock()):
                if key in self._done:
                    break
                planned = self._planning.get(key)
                if planned is None:
                    yield
                    self._note(key)
                    return
            await planned.wait()
        yield

    async def plan(self, text: str, explain: Callable[[], Awaitable[None]]) -> None:
        """Have a text planned that has never run; one at a time, and nobody runs it meanwhile.

        Args:
            text: Of the statement.
            explain: Has it planned, however long that takes.
        """
        key = hash(text)
        if key in self._done or key in self._planning:
            return
        self._planning[key] = asyncio.Event()
        try:
            async with self._peace:
                await explain()
            self._note(key)
        finally:
            self._planning.pop(key).set()

    def forget(self) -> None:
        """Let each text run alone again, since Neo4j may have been started anew."""
        self._done.clear()

    def _note(self, key: int) -> None:
        self._done[key] = None
        if len(self._done) > _MOST_TEXTS:
            del self._done[next(iter(self._done))]
