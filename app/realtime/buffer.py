"""What one subscriber has yet to take."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from app.realtime.edition import Alone, Share, Told

Item = Alone | Told
STALE_S: Final = 1.0
"""How long something rendered may wait; it may have been hidden since."""
Push = Callable[[Told], bool]
"""Sends at once what a subscriber is told; False where it cannot, and nothing was sent."""


class Buffer:
    """Events for one subscriber, at most `capacity` of them.

    A subscriber that has taken all and waits may be told at once, past the buffer. One that is too
    slow loses all of them at once and is told so: it reads the stream from its own position
    instead, and no other subscriber waits for it.

    Args:
        capacity: Most events that wait.
        position: The newest position that the subscriber has no need of.
        share: What it shares with equal subscriptions, if anything.
        push: Sends at once what a subscriber is told that waits for it, if it can.
    """

    __slots__ = (
        "_capacity",
        "_items",
        "_oldest",
        "_push",
        "_since",
        "_waiter",
        "has_overflowed",
        "position",
        "share",
    )

    def __init__(
        self,
        capacity: int,
        position: int = 0,
        share: Share | None = None,
        push: Push | None = None,
    ) -> None:
        self._capacity = capacity
        self._push = push
        self._items: list[Item] = []
        self._waiter: asyncio.Future[None] | None = None
        self._since = self._oldest = 0.0
        self.position = position
        self.share = share
        self.has_overflowed = False

    def reached(self, seen: int) -> int:
        """Give the position up to which the subscriber has been told all.

        Args:
            seen: The position up to which everything was handed out.
        """
        return max(self.position, seen) if self._waiter else self.position

    def extend(self, items: Iterable[Item], seen: int = 0) -> int:
        """Add events, or overflow; give how many the subscriber was told at once.

        Args:
            items: In order.
            seen: The position up to which everything was handed out before them.
        """
        told = 0
        for item in items:
            if item.position <= self.position:
                continue
            is_told = (
                self._waiter is not None
                and self._push is not None
                and isinstance(item, Told)
                and self._push(item)
            )
            if is_told:
                self.position = item.position
                told += 1
            elif not self.has_overflowed:
                self.position = self.reached(seen)
                self._keep(item)
        return told

    def _keep(self, item: Item) -> None:
        if not self._items:
            self._since = time.monotonic()
        self._items.append(item)
        if len(self._items) > self._capacity:
            self.overflow()
        self._wake()

    def overflow(self, seen: int = 0) -> None:
        """Lose all that waits.

        Args:
            seen: The position up to which everything was handed out before what is lost.
        """
        self.position = self.reached(seen)
        self._items.clear()
        self.has_overflowed = True
        self._wake()

    def reopen(self) -> None:
        """Collect events again, after an overflow."""
        self.has_overflowed = False

    async def take(self) -> list[Item]:
        """Wait for events and take them all; none after an overflow."""
        if not self._items and not self.has_overflowed:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        items, self._items = self._items, []
        self._oldest = self._since
        return items

    def untold(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield those of what was taken last that the subscriber has not been told yet.

        What has waited for a client that reads slowly may have been hidden since it was rendered:
        then the rest is left to the history, as after an overflow.
        """
        for item in items:
            if time.monotonic() - self._oldest > STALE_S:
                self.overflow()
                return
            if item.position > self.position:
                self.position = item.position - 1
                yield item
                self.position = item.position  # now that the next is asked for, it has been sent

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter and not waiter.done():
            waiter.set_result(None)
