"""One reader of one channel, for all subscribers of it in this process."""

import asyncio
import logging
import random
import time
from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from broadcaster import Broadcast

from adapters import bell
from app.metrics import DELIVERIES
from app.realtime.buffer import Buffer
from app.realtime.edition import Edition, Share
from app.realtime.history import History
from app.realtime.judging import Judging
from app.realtime.patience import Runner
from app.realtime.presence import Presence
from app.realtime.settling import Settling
from graph.audience import Audience, JudgedPage
from graph.streams import StreamEvent, read_events

_logger = logging.getLogger(__name__)
_BELL_S: Final = 0.05
"""How long an event that is seen before its bell is left to it."""
_REST_S: Final = 10.0
"""How long a group that kept the others waiting reads the history instead."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """How streams are read.

    Args:
        poll_s: How long a reader waits for a bell before it looks anyway, ± a fifth.
        batch_size: Most events that one statement reads.
        buffer_size: Most events that wait for one subscriber.
    """

    poll_s: float = 5.0
    batch_size: int = 200
    buffer_size: int = 400


class Hub:
    """Reads each event of a channel once and hands it to everyone's buffer, rendered if it can be.

    Neo4j shows a transaction's changes while it still applies them, so that an event can be seen
    a moment before one with a lower position. What a bell has told of is committed. For an event
    seen without one it is asked whether all before it can be read, and then it is read again.

    Args:
        graph: Where events are read, patiently.
        broadcast: Where the bell rings.
        channel: The stream's name.
        position: Where to begin: the newest position that the first subscriber knows.
        limits: How to read.
        settling: Tells up to where all events can be read.
        reader: Where what events tell of is read, once; as `graph` when left out.
    """

    def __init__(
        self,
        graph: Runner,
        broadcast: Broadcast,
        channel: str,
        position: int,
        limits: StreamLimits,
        settling: Settling,
        reader: Runner | None = None,
    ) -> None:
        self._graph = graph
        self._reader = reader or graph
        self._judging = Judging(graph, self._reader)
        self._settling = settling
        self._broadcast = broadcast
        self._channel = channel
        self._limits = limits
        self._settled = position
        self._rung = asyncio.Event()
        self._has_started = asyncio.Event()
        self._presence = Presence()
        self._resting: dict[Hashable, float] = {}
        self.history = History(graph, self._reader, channel, limits.batch_size)
        """What was told on this channel before."""
        self.position = position
        """Every event up to here has been handed out, or was there before the hub was."""
        self.seen = position
        """Of all events of Nexus up to here, those of this channel have been handed out."""
        self._horizon = position
        self._task = asyncio.create_task(self._run())

    @property
    def is_deserted(self) -> bool:
        """Whether nobody listens any more."""
        return not len(self._presence)

    def join(self, buffer: Buffer) -> None:
        """Hand out to a buffer what comes from now on."""
        self._presence.add(buffer)

    def leave(self, buffer: Buffer) -> None:
        """Collect no more."""
        self._presence.discard(buffer)

    async def stop(self) -> None:
        """End the reader and its subscription."""
        self._task.cancel()
        await asyncio.wait([self._task])
        await self.history.stop()

    async def started(self) -> None:
        """Wait until all events up to the position at which the hub began can be read."""
        await self._has_started.wait()

    async def _run(self) -> None:
        async with (
            self._broadcast.subscribe(bell.channel_of(self._channel)) as bells,
            asyncio.TaskGroup() as tasks,
        ):
            tasks.create_task(self._read())
            # The queue of bells has no bounds of its own, so they are taken as they come.
            while True:
                self._hear(bell.position_of((await bells.get()).message))

    def _hear(self, position: int | None) -> None:
        if position is None or position > self.position:
            self._settled = max(self._settled, position or 0)
            self._rung.set()

    async def _read(self) -> None:
        self._settled = max(self._settled, await self._settling.settled())
        self._has_started.set()
        is_quiet = False
        while True:
            try:
                await (self._look_further() if is_quiet else self._catch_up(is_rung=True))
                self.seen = max(self.seen, self.position)
            except Exception:
                _logger.exception("Channel %s could not be read; trying again.", self._channel)
            jitter = random.uniform(0.8, 1.2)  # noqa: S311 - not a secret
            is_quiet = not await self._rings_within(self._limits.poll_s * jitter)

    async def _look_further(self) -> None:
        """Catch up, and note how far all events have come, for a channel where nothing happens.

        What they had come to at the look before is asked for, unless another channel has asked.
        """
        horizon = self._horizon
        if horizon > self._settling.known:
            await self._settling.settled()
        await self._catch_up(is_rung=False)
        self.seen = max(self.seen, horizon)

    async def _catch_up(self, *, is_rung: bool) -> None:
        """Hand out all that there is.

        Args:
            is_rung: Whether there is likely to be something.
        """
        while True:
            # A bell that comes while a page is read may tell of events that the reading missed.
            known = self._settled
            people = frozenset(self._presence.viewer_ids)
            found = await self._read_page(people if is_rung else frozenset())
            page = found.page
            self._horizon = page.bounds.newest
            if page.bounds.oldest > max(self.position, self.seen):
                self._lose(page.bounds.oldest)
                continue
            settled = [event for event in page.events if event.position <= known]
            are_judged = people.issuperset(self._presence.viewer_ids)
            await self._hand_out(settled, found.audiences if are_judged else None)
            if len(settled) < len(page.events):
                if not await self._rings_within(_BELL_S):
                    self._settled = max(self._settled, await self._settling.settled())
            elif not page.is_full:
                return

    async def _read_page(self, people: Collection[str]) -> JudgedPage:
        """Read what comes next and, of those who share it, who may be told."""
        judge, size = self._presence.judge, self._limits.batch_size
        if judge is None or not people:
            page = await self._graph.run(read_events(self._channel, self.position, size))
            return JudgedPage(page, None)
        return await self._judging.page(judge, self._channel, self.position, size, people)

    def _lose(self, floor: int) -> None:
        """Go on behind what is gone; everybody learns of it from the history."""
        self.position = self.seen = floor
        for buffer in self._presence.buffers:
            buffer.overflow()

    async def _hand_out(
        self, events: Sequence[StreamEvent], audiences: Sequence[Audience] | None
    ) -> None:
        """Hand events to those who are here by now; who joins later reads them as history.

        Args:
            events: The first of those that were read.
            audiences: Of each that was read; None where they are to be asked for.
        """
        if not events:
            return
        present, viewer_ids = self._presence.groups, self._presence.viewer_ids
        self.position = events[-1].position
        try:
            edition = await Edition.of(
                events,
                self._groups_in_time(),
                viewer_ids,
                self._judging,
                self._reader,
                audiences and audiences[: len(events)],
            )
        except BaseException:
            for buffer in chain.from_iterable(present.values()):
                buffer.overflow(self.seen)
            raise
        for group in edition.late:
            self._resting[group] = time.monotonic() + _REST_S
        DELIVERIES.inc(
            sum(
                self._fill(group, self._presence.staying(group, buffers), edition)
                for group, buffers in present.items()
            )
        )

    def _groups_in_time(self) -> list[Share]:
        """Give a member of each group to read for: of none that keeps the others waiting."""
        now = time.monotonic()
        self._resting = {group: until for group, until in self._resting.items() if until > now}
        return [each for each in self._presence.largest_groups if each.group not in self._resting]

    def _fill(self, group: Hashable, buffers: Collection[Buffer], edition: Edition) -> int:
        """Hand a batch to the subscribers of a group; whatever fails at one is nobody else's loss.

        Returns:
            How many times one of them was told an event at once.
        """
        if group in self._resting:
            for buffer in buffers:
                buffer.overflow(self.seen)
            return 0
        shared, excepted, seen, told = edition.shared_by(group), edition.excepted, self.seen, 0
        # This loop is most of what a delivery costs, beside the writing.
        for buffer in buffers:
            share = buffer.share
            try:
                if shared is not None and not (excepted and share and share.viewer_id in excepted):
                    told += buffer.extend(shared, seen)
                else:
                    told += buffer.extend(edition.of_subscriber(share), seen)
            except Exception:
                _logger.exception("A subscriber could not be told; it reads the history instead.")
                buffer.overflow(seen)
        return told

    async def _rings_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True
