"""What does not reach a subscriber live comes from the shared past, or a gap says so."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from typing import Any

import pytest
from broadcaster import Broadcast

from adapters import bell
from app.realtime import edition, hub
from app.realtime.buffer import Buffer
from app.realtime.edition import Share
from app.realtime.hub import StreamLimits
from app.realtime.outlet import Outlet
from app.realtime.streams import Streams
from graph.audience import Audience, JudgedPage
from graph.errors import Unavailable
from graph.streams import StreamEvent
from tests.app.realtime.past import JudgedReading, Past, share, words

pytestmark = pytest.mark.unit


class Stage:
    """A channel in memory, that a crowd follows."""

    def __init__(self, graph: Past, broadcast: Broadcast, stack: AsyncExitStack) -> None:
        self.graph = graph
        self.streams = Streams(graph, broadcast, StreamLimits(poll_s=60, buffer_size=400))
        self._broadcast = broadcast
        self._stack = stack

    async def happen(self, count: int = 1) -> None:
        self.graph.newest += count
        await self._broadcast.publish(bell.channel_of("a"), bell.payload_of(self.graph.newest))

    async def follow(
        self, part: Share | None, after: int | None = None, outlet: Outlet | None = None
    ) -> AsyncGenerator[Any, None]:
        stream = self.streams.follow(await self.streams.open("a", after), part, outlet)
        return await self._stack.enter_async_context(aclosing(stream))

    async def settle_down(self, streams: list[AsyncGenerator[Any, None]]) -> list[Any]:
        """Begin to hear, each one event, and wait until all of them wait for it."""
        hearing = [asyncio.create_task(heard(stream, 1)) for stream in streams]
        async with asyncio.timeout(20):
            while not self._wait(len(streams)):  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0)
        return hearing

    def _wait(self, count: int) -> bool:
        buffers = [
            buffer for one in self.streams._hubs.values() for buffer in one._presence.buffers
        ]
        return len(buffers) == count and all(buffer._waiter for buffer in buffers)


async def heard(stream: AsyncGenerator[Any, None], count: int) -> list[Any]:
    async with asyncio.timeout(20):
        return [words(await anext(stream)) for _ in range(count)]


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def broadcast() -> AsyncIterator[Broadcast]:
    async with Broadcast("memory://") as broadcast:
        yield broadcast


class Stumbling(Past):
    """A graph that gives up the next readings of objects."""

    failures = 0

    async def run(self, statement: Any) -> Any:
        if isinstance(statement, int) and self.failures:
            self.failures -= 1
            self.read.append(statement)
            raise Unavailable("too busy")
        return await super().run(statement)


async def test_a_shared_reading_that_fails_is_made_again_for_all_together(
    broadcast: Broadcast, stack: AsyncExitStack
) -> None:
    stage = Stage(graph := Stumbling(3), broadcast, stack)
    streams = [await stage.follow(share("g", f"u_{n}")) for n in range(200)]
    hearing = await stage.settle_down(streams)
    graph.failures = 1
    await stage.happen()
    assert await asyncio.gather(*hearing) == [["g 4"]] * 200
    assert len(graph.read) <= 3


async def test_a_slow_group_holds_up_nobody_and_is_told_all_the_same(
    broadcast: Broadcast, stack: AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edition, "_PATIENCE_S", 0.05)
    monkeypatch.setattr(hub, "_REST_S", 600.0)
    may_go_on, tries = asyncio.Event(), []

    class Slow(Past):
        async def run(self, statement: Any) -> Any:
            if isinstance(statement, str):
                tries.append(statement)
                await may_go_on.wait()
                return {"n": int(statement)}
            return await super().run(statement)

    stage = Stage(Slow(0), broadcast, stack)
    slow = await stage.follow(share("s", "u_s", lambda each: str(each.position)))
    quick = await stage.follow(share("g", "u_g"))
    slow_hears, quick_hears = await stage.settle_down([slow, quick])
    await stage.happen()
    assert await quick_hears == ["g 1"]
    assert not slow_hears.done()
    monkeypatch.setattr(edition, "_PATIENCE_S", 600.0)
    for n in range(2, 5):
        await stage.happen()
        assert await heard(quick, 1) == [f"g {n}"], "nobody waits for it a second time"
    may_go_on.set()
    assert await slow_hears == ["s 1"]
    assert await heard(slow, 3) == ["s 2", "s 3", "s 4"]


async def test_what_was_pruned_before_a_live_reader_came_to_it_is_told(
    broadcast: Broadcast, stack: AsyncExitStack
) -> None:
    stage = Stage(graph := Past(3), broadcast, stack)
    streams = [await stage.follow(share("g", f"u_{n}")) for n in range(3)]
    hearing = await stage.settle_down(streams)
    graph.floor = 6
    await stage.happen(6)
    assert await asyncio.gather(*hearing) == [["gap 6"]] * 3
    assert await heard(streams[0], 3) == ["g 7", "g 8", "g 9"]


async def test_who_had_been_told_all_is_told_of_no_gap_when_it_overflows(
    broadcast: Broadcast, stack: AsyncExitStack
) -> None:
    """Nothing happened on its channel for longer than history lasts."""
    stage = Stage(graph := Stumbling(3), broadcast, stack)
    outlet = Outlet()
    stream = await stage.follow(share("g", "u_1"), outlet=outlet)
    (hearing,) = await stage.settle_down([stream])
    (one,) = stage.streams._hubs.values()
    one.seen, graph.floor, graph.newest, graph.failures = 900, 800, 900, 1
    await stage.happen()
    assert await hearing == ["g 901"]


async def test_a_bell_that_is_heard_costs_no_statement_more(
    broadcast: Broadcast, stack: AsyncExitStack
) -> None:
    stage = Stage(graph := Past(3), broadcast, stack)
    streams = [await stage.follow(share("g", f"u_{n}")) for n in range(5)]
    hearing = await stage.settle_down(streams)
    before = graph.statement_count, graph.settled_count
    await stage.happen()
    await asyncio.gather(*hearing)
    assert graph.statement_count - before[0] == 2, "events with their audience, and the object"
    assert graph.settled_count == before[1] == 1, "only where a channel begins"


async def test_clients_that_resume_are_told_together_with_the_others(
    broadcast: Broadcast, stack: AsyncExitStack
) -> None:
    stage = Stage(graph := Past(20), broadcast, stack)
    streams = [await stage.follow(share("g", f"u_{n}"), after=n % 20) for n in range(200)]
    told = await asyncio.gather(*(heard(each, 20 - n % 20) for n, each in enumerate(streams)))
    assert told == [[f"g {k}" for k in range(n % 20 + 1, 21)] for n in range(200)]
    assert graph.statement_count < 200 + 100, "an opening each, and some tens"


class Interrupted(Past):
    """A graph at whose next judged reading something happens meanwhile."""

    def __init__(self, newest: int) -> None:
        super().__init__(newest)
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        self.hides_first = False

    async def run(self, statement: Any) -> Any:
        meanwhile, found = None, await super().run(statement)
        if isinstance(statement, JudgedReading):
            meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            await meanwhile()
        if meanwhile and self.hides_first:
            rest = replace(found.page, events=found.page.events[1:])
            return JudgedPage(rest, found.audiences[1:])
        return found


async def test_what_a_reading_missed_before_the_bell_rang_is_not_passed_over(
    broadcast: Broadcast, stack: AsyncExitStack
) -> None:
    """Neo4j shows 5 before 4 while it applies both, and it is done when the bell rings for both."""
    stage = Stage(graph := Interrupted(3), broadcast, stack)
    stream = await stage.follow(share("g", "u_1"))
    (hearing,) = await stage.settle_down([stream])
    (one,) = stage.streams._hubs.values()

    async def ring() -> None:
        one._hear(5)

    graph.meanwhile, graph.hides_first, graph.newest = ring, True, 5
    one._hear(None)
    assert [*await hearing, *await heard(stream, 1)] == ["g 4", "g 5"]


async def test_who_comes_while_a_page_is_judged_is_asked_about(
    broadcast: Broadcast, stack: AsyncExitStack
) -> None:
    def judge(events: Sequence[StreamEvent], present: Any) -> Any:
        return [Audience(None, frozenset({"u_late"} & {*present})) for _ in events]

    stage = Stage(graph := Interrupted(3), broadcast, stack)
    here = await stage.follow(share("g", "u_1", judge=judge))
    (hearing,) = await stage.settle_down([here])
    (one,) = stage.streams._hubs.values()
    late, too = (Buffer(9, 3, share("g", name, judge=judge)) for name in ("u_late", "u_2"))

    async def join() -> None:
        one.join(late)
        one.join(too)

    graph.meanwhile = join
    await stage.happen()
    assert await hearing == ["g 4"]
    assert [words(item) for item in await too.take()] == ["g 4"]
    assert not late._items, "it is hidden from them"
    one.leave(late)
    one.leave(too)


async def test_a_look_without_a_bell_asks_about_nobody(
    broadcast: Broadcast, stack: AsyncExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = 0

    class Watched(Past):
        async def run(self, statement: Any) -> Any:
            nonlocal judged
            judged += isinstance(statement, JudgedReading)
            return await super().run(statement)

    stage = Stage(graph := Watched(3), broadcast, stack)
    stream = await stage.follow(share("g", "u_1"))
    (hearing,) = await stage.settle_down([stream])
    (one,) = stage.streams._hubs.values()
    before = judged
    graph.newest = 4
    monkeypatch.setattr(one, "_settled", 4)
    await one._look_further()
    assert await hearing == ["g 4"], "the bell was lost, and the event was not"
    assert judged == before
