"""Counts of the posts that people watch: the latest value, at most twice a second.

Counts are not events: who missed one value is told the next. So they are looked at, all that
somebody watches in one statement, and a flood of likes costs no subscriber more than that.
"""

import asyncio
import logging
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Hashable,
    Iterator,
    Mapping,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from app.realtime.buffer import Push
from app.realtime.edition import Told
from app.realtime.patience import Runner
from graph.live_stats import LiveStats, read_live_stats
from graph.projection import Row

_logger = logging.getLogger(__name__)
_MOST_PAIRS: Final = 20_000
INTERVAL_S: Final = 0.5
"""Between two looks."""


@dataclass(eq=False)
class Watcher:
    """One subscriber of one post's counts.

    Args:
        viewer_id: Id of the person.
        group: Equal for subscribers that are told the same.
        render: Makes the response of counts.
        stats: The counts that it knows.
        push: Takes what it is told at once, if it can.
    """

    viewer_id: str
    group: Hashable
    render: Callable[[Row], Awaitable[bytes]]
    stats: Row
    push: Push | None = None

    def __post_init__(self) -> None:
        self._told = Told(0, b"")
        self._is_waiting = False
        self._changed = asyncio.Event()
        self._since = time.monotonic()

    def has_had_time(self, interval_s: float) -> bool:
        """Tell whether the counts that it began with have stood for long enough."""
        return time.monotonic() - self._since >= interval_s

    def tell(self, told: Told, stats: Row) -> None:
        """Tell counts, in place of those that still wait."""
        self.stats = stats
        if self._is_waiting and self.push and self.push(told):
            return
        self._told = told
        self._changed.set()

    async def take(self) -> Told:
        """Wait for counts that were not pushed."""
        self._is_waiting = True
        try:
            await self._changed.wait()
        finally:
            self._is_waiting = False
        self._changed.clear()
        return self._told


def _slices(watchers: Mapping[str, set[Watcher]]) -> Iterator[dict[str, set[Watcher]]]:
    """Yield posts with their watchers, so many at a time as one statement looks at quickly."""
    part: dict[str, set[Watcher]] = {}
    count = 0
    for post_id, watching in list(watchers.items()):
        part[post_id] = set(watching)
        count += len(watching)
        if len(part) * count >= _MOST_PAIRS:
            yield part
            part, count = {}, 0
    if part:
        yield part


class StatsBoard:
    """Looks at the counts that somebody watches.

    Args:
        graph: Where to look, patiently.
        interval_s: Between two looks.
    """

    def __init__(self, graph: Runner, interval_s: float = INTERVAL_S) -> None:
        self._graph = graph
        self._interval_s = interval_s
        self._watchers: dict[str, set[Watcher]] = {}
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def watching(self, post_id: str, watcher: Watcher) -> AsyncIterator[None]:
        """Tell a watcher whenever a post's counts are others than it knows."""
        self._watchers.setdefault(post_id, set()).add(watcher)
        if self._task is None:
            self._task = asyncio.create_task(self._keep_looking())
        try:
            yield
        finally:
            self._watchers[post_id].discard(watcher)
            if not self._watchers[post_id]:
                del self._watchers[post_id]
            if not self._watchers and self._task:
                task, self._task = self._task, None
                task.cancel()
                await asyncio.wait([task])

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(self._interval_s)
            try:
                await self._look()
            except Exception:
                _logger.exception("Counts could not be read; trying again.")

    async def _look(self) -> None:
        for watched in _slices(self._watchers):
            present = {watcher.viewer_id for post_id in watched for watcher in watched[post_id]}
            found = await self._graph.run(read_live_stats(watched, present))
            for post_id, live in found.items():
                await self._tell(self._watchers.get(post_id, set()), live)

    async def _tell(self, watchers: set[Watcher], live: LiveStats) -> None:
        rendered: dict[Hashable, Told] = {}
        for watcher in list(watchers):
            if watcher.stats == live.stats or not live.audience.shares(watcher.viewer_id):
                continue
            if not watcher.has_had_time(self._interval_s):
                continue
            if watcher.group not in rendered:
                rendered[watcher.group] = Told(0, await watcher.render(live.stats))
            watcher.tell(rendered[watcher.group], live.stats)
