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


class KnownTexts:
    """Texts that Neo4j has planned, as far as this process knows."""

    def __init__(self) -> None:
        self._keys: dict[int, None] = {}

    def __contains__(self, text: str) -> bool:
        return hash(text) in self._keys

    def note(self, text: str) -> None:
        """Take note that a text has been planned."""
        self._keys[hash(text)] = None
        if len(self._keys) > _MOST_TEXTS:
            del self._keys[next(iter(self._keys))]

    def forget(self) -> None:
        """Know none any more, since Neo4j may have been started anew."""
        self._keys.clear()


class FirstRuns:
    """Lets a text run once alone, and from then on as often at a time as one likes."""

    def __init__(self) -> None:
        self._known = KnownTexts()
        self._locks = WeakValueDictionary[int, asyncio.Lock]()
        self._planning: dict[int, asyncio.Event] = {}
        self._peace = asyncio.Lock()

    @asynccontextmanager
    async def turn(self, text: str) -> AsyncGenerator[None]:
        """Wait until the text may be run, and run it; what fails leaves the next the first."""
        while text not in self._known:
            async with self._lock(text):
                if text in self._known:
                    break
                planned = self._planning.get(hash(text))
                if planned is None:
                    yield
                    self._known.note(text)
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
        if text in self._known or key in self._planning:
            return
        self._planning[key] = asyncio.Event()
        try:
            async with self._peace:
                await explain()
            self._known.note(text)
        finally:
            self._planning.pop(key).set()

    def forget(self) -> None:
        """Let each text run alone again, since Neo4j may have been started anew."""
        self._known.forget()

    def _lock(self, text: str) -> asyncio.Lock:
        return self._locks.setdefault(hash(text), asyncio.Lock())
