"""What one subscriber has yet to take."""

import asyncio
from collections.abc import Iterable

from graph.streams import StreamEvent


class Buffer:
    """Events for one subscriber, at most `capacity` of them.

    A subscriber that is too slow loses all of them at once and is told so: it reads the stream
    from its own position instead, and no other subscriber waits for it.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._events: list[StreamEvent] = []
        self._filled = asyncio.Event()
        self.has_overflowed = False

    def extend(self, events: Iterable[StreamEvent]) -> None:
        """Add events, or overflow."""
        if not self.has_overflowed:
            self._events.extend(events)
        if len(self._events) > self._capacity:
            self._events.clear()
            self.has_overflowed = True
        self._filled.set()

    def reopen(self) -> None:
        """Collect events again, after an overflow."""
        self.has_overflowed = False

    async def take(self) -> list[StreamEvent]:
        """Wait for events and take them all; none after an overflow."""
        await self._filled.wait()
        self._filled.clear()
        events, self._events = self._events, []
        return events
