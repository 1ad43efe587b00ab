"""The first run of each statement, which others of the same text wait for.

Neo4j plans a statement when it first sees its text, for a second and more, and does so anew for
each transaction that brings the same text meanwhile: after a start, a crowd that does one thing
at once would keep it planning for longer than anybody waits.
"""

import asyncio
from collections.abc import AsyncGenerator
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

    @asynccontextmanager
    async def turn(self, text: str) -> AsyncGenerator[None]:
        """Wait until the text may be run, and run it; what fails leaves the next the first."""
        key = hash(text)
        if key not in self._done:
            lock = self._locks.setdefault(key, asyncio.Lock())
            async with lock:
                if key not in self._done:
                    yield
                    self._note(key)
                    return
        yield

    def forget(self) -> None:
        """Let each text run alone again, since Neo4j may have been started anew."""
        self._done.clear()

    def _note(self, key: int) -> None:
        self._done[key] = None
        if len(self._done) > _MOST_TEXTS:
            del self._done[next(iter(self._done))]
