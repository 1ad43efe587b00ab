"""The past of a channel, read once for all who catch up with it.

Whoever was away asks for what comes after their position, as much as they are ready for. While one
page of events is read, others' requests wait for the next, so that a crowd that comes back at once
is read for as one.
"""

import asyncio
import logging
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import AsyncGenerator, Coroutine, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from app.realtime.buffer import STALE_S, Buffer, Item
from app.realtime.edition import Edition, Share, Telling, Told, tell
from app.realtime.judging import Judging
from app.realtime.patience import Runner
from graph.audience import Audience
from graph.streams import StreamEvent, read_events

_logger = logging.getLogger(__name__)
_BUDGET_S: Final = 0.5
"""How long a group's events are read for until its members are told what there is."""


@dataclass(frozen=True, slots=True)
class StreamGap:
    """History is gone: events after the subscriber's position were pruned before it came.

    Args:
        position: The newest position that is gone; what follows comes after it.
    """

    position: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """What lies between two positions, for one subscriber.

    Args:
        items: In order.
        reached: Nothing else lies before this position.
    """

    items: Sequence[Item | StreamGap]
    reached: int


@dataclass(slots=True, eq=False)
class _Request:
    """Somebody who waits for what lies after a position, up to another.

    Args:
        position: What comes after it is wanted.
        target: All events up to here can be read.
        most: Events to tell.
        share: What is shared with others.
    """

    position: int
    target: int
    most: int
    share: Share | None
    answer: asyncio.Future[Stretch] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """Events of a channel.

    Args:
        events: In order.
        audiences: Who is told of each; none where each is to read alone.
        floor: Events up to here may be gone.
        until: Up to here there are no others; None where that holds for every target.
    """

    events: Sequence[StreamEvent]
    audiences: Sequence[Audience]
    floor: int
    until: int | None

    def part(self, after: int, target: int, most: int) -> "_Page":
        """Give the events between two positions, or the first of them."""
        positions = [event.position for event in self.events]
        part = slice(bisect_right(positions, after), bisect_right(positions, target))
        page = _Page(self.events[part], self.audiences[part], self.floor, self.until)
        return page.first(most)

    def first(self, count: int) -> "_Page":
        """Give the first events, at least one if there is any."""
        if count >= len(self.events):
            return self
        events, audiences = self.events[:count], self.audiences[:count]
        return _Page(events, audiences, self.floor, events[-1].position)

    def reaches(self, request: _Request) -> bool:
        """Tell whether there is an answer to a request in it, if only that there is nothing."""
        return self.until is None or request.position < self.until

    def stretch(self, request: _Request, items: Sequence[Item]) -> Stretch:
        """Give the answer to a request.

        Args:
            request: Which it reaches.
            items: The events as the subscriber is told them.
        """
        begin = max(request.position, self.floor)
        gaps = [StreamGap(begin)] if request.position < begin else []
        wanted = [item for item in items if begin < item.position <= request.target]
        reached = request.target if self.until is None else min(request.target, self.until)
        return Stretch([*gaps, *wanted], max(begin, reached))


class History:
    """Reads one channel's past.

    The request that waits longest says where the next page begins; whoever else waits for
    something in that page is told of it at once, so that nobody starves. Each group is read for by
    itself: one that takes long keeps nobody else waiting.

    Args:
        graph: Where to read, patiently.
        reader: As `graph`, but tells when it takes too long.
        channel: The stream's name.
        size: Most events of a page.
    """

    def __init__(self, graph: Runner, reader: Runner, channel: str, size: int) -> None:
        self._graph = graph
        self._judging = Judging(graph, reader)
        self._channel = channel
        self._size = size
        self._waiting: list[_Request] = []
        self._tasks = set[asyncio.Task[None]]()
        self._is_reading = False

    async def catch_up(self, buffer: Buffer, target: int) -> AsyncGenerator[Item | StreamGap, None]:
        """Yield what a subscriber has missed up to a position, at its own pace.

        What it does not take in time may have been hidden since it was rendered, and is read
        again; then it is told of no more at once than it took last time.
        """
        most = self._size
        while buffer.position < target:
            stretch = await self._ask(_Request(buffer.position, target, most, buffer.share))
            since = time.monotonic()
            for taken, item in enumerate(stretch.items):
                if taken and isinstance(item, Told) and time.monotonic() - since > STALE_S:
                    most = taken
                    break
                yield item
                buffer.position = item.position
            else:
                buffer.position = stretch.reached
                most = min(2 * most, self._size)

    async def stop(self) -> None:
        """End all that is read."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _ask(self, request: _Request) -> Stretch:
        self._waiting.append(request)
        self._go_on()
        return await request.answer

    def _go_on(self) -> None:
        if not self._is_reading:
            self._is_reading = True
            self._begin(self._read_pages())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read_pages(self) -> None:
        try:
            while waiting := [each for each in self._waiting if not each.answer.done()]:
                await _or_fail(waiting, self._read_page(waiting))
        finally:
            self._is_reading = False

    async def _read_page(self, waiting: Sequence[_Request]) -> None:
        """Read the page of the request that waits longest, for all who wait for some of it."""
        after, size = waiting[0].position, self._size
        found = await self._graph.run(read_events(self._channel, after, size))
        until = found.events[-1].position if found.is_full else None
        page = _Page(found.events, (), found.bounds.oldest, until)
        served = [each for each in waiting if after <= each.position and page.reaches(each)]
        page = page.part(after, max(each.target for each in served), size)
        page = replace(page, audiences=await self._audiences(page.events, served))
        groups = defaultdict[Hashable, list[_Request]](list)
        for each in served:
            groups[each.share and each.share.group].append(each)
        taken = set(served)
        self._waiting = [each for each in self._waiting if each not in taken]
        for members in groups.values():
            self._begin(_or_fail(members, self._tell(members, page)))

    async def _audiences(
        self, events: Sequence[StreamEvent], served: Sequence[_Request]
    ) -> Sequence[Audience]:
        shares = [each.share for each in served if each.share]
        if not shares or not events:
            return ()
        viewer_ids = {share.viewer_id for share in shares}
        try:
            return await self._judging.audiences(shares[0].judge, events, viewer_ids)
        except Exception:
            _logger.exception("Who may be told of the past is not known; each reads alone.")
            return ()

    async def _tell(self, members: Sequence[_Request], page: _Page) -> None:
        """Tell the members of a group; who is not reached by what was read in time waits on."""
        share = members[0].share
        after = min(max(each.position, page.floor) for each in members)
        target, most = max(each.target for each in members), max(each.most for each in members)
        part = page.part(after, target, most)
        if share and part.audiences:
            tellings = await self._read(share, members, part.events)
            part = part.first(len(tellings))
            edition = Edition(part.events, part.audiences, {share.group: tellings})
        else:
            edition = Edition(part.events)
        for each in members:
            if part.reaches(each) and not each.answer.done():
                each.answer.set_result(part.stretch(each, edition.of_subscriber(each.share)))
        if unreached := [each for each in members if not each.answer.done()]:
            self._waiting[:0] = unreached
            self._go_on()

    async def _read(
        self, share: Share, members: Sequence[_Request], events: Sequence[StreamEvent]
    ) -> list[Telling]:
        began, tellings = time.monotonic(), list[Telling]()
        for event in events:
            tellings.append(await tell(share, event, self._graph))
            is_late = time.monotonic() - began > _BUDGET_S
            if is_late or all(each.answer.done() for each in members):
                break
        return tellings


async def _or_fail(requests: Sequence[_Request], work: Coroutine[Any, Any, None]) -> None:
    """Let nobody wait for an answer that cannot come."""
    try:
        await work
    except Exception as error:  # noqa: BLE001 - raised where they wait
        for each in requests:
            if not each.answer.done():
                each.answer.set_exception(error)
