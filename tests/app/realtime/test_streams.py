"""Streams on a real Neo4j and a real Redis: every event once, in order, whatever happens."""

import asyncio
import itertools
import random
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from broadcaster import Broadcast

from adapters import bell
from app.realtime.buffer import Buffer
from app.realtime.bus import RedisBackend
from app.realtime.edition import Alone
from app.realtime.history import StreamGap
from app.realtime.hub import StreamLimits
from app.realtime.outlet import Outlet
from app.realtime.patience import PatientRunner
from app.realtime.streams import StreamItem, Streams
from graph import retention
from graph.errors import InvalidInput, Unavailable
from graph.events import CREATE_EVENT, Event, EventKind, new_event, user_notifications
from graph.outbox import number_pending
from graph.runner import AsyncGraph
from graph.statement import Access, Statement
from graph.streams import StreamBounds, StreamEvent, read_bounds
from graph.tally import tally

pytestmark = pytest.mark.usefixtures("clean")

NEVER = 10**15
CHANNEL = user_notifications("u_1")
PATIENT = StreamLimits(poll_s=60)


def _commit(event: Event) -> Statement[None]:
    return Statement(CREATE_EVENT, {"event": event.properties()}, lambda _: None, Access.WRITE)


class Stage:
    """People who get notifications, a relay that does as told, and a process that listens."""

    def __init__(self, graph: AsyncGraph, redis_url: str) -> None:
        self.graph = graph
        self.broadcast = Broadcast(backend=RedisBackend(redis_url))
        self.clock = itertools.count(1)

    def streams(self, limits: StreamLimits | None = None) -> Streams:
        return Streams(self.graph, self.broadcast, limits)

    async def happen(self, count: int, user_id: str = "u_1", *, rings: bool = True) -> None:
        """Let someone be notified, the events be numbered and told of by a bell, or not."""
        for _ in range(count):
            event = new_event(EventKind.NOTIFICATION_CREATED, 0, user_id, "n_1")
            await self.graph.run(_commit(event))
        numbered = await self.graph.run(number_pending(count, next(self.clock), NEVER))
        if rings:
            await self.ring(numbered[-1].position, user_id)

    async def ring(self, position: int, user_id: str = "u_1") -> None:
        channel = bell.channel_of(user_notifications(user_id))
        await self.broadcast.publish(channel, bell.payload_of(position))


@pytest.fixture
async def stage(graph: AsyncGraph, redis_url: str) -> AsyncIterator[Stage]:
    stage = Stage(graph, redis_url)
    async with stage.broadcast:
        yield stage


async def listen(
    streams: Streams, channel: str, after: int | None = None
) -> AsyncGenerator[StreamItem, None]:
    return streams.follow(await streams.open(channel, after))


@asynccontextmanager
async def listening(
    streams: Streams, after: int | None = None, channel: str = CHANNEL
) -> AsyncIterator[AsyncGenerator[StreamItem, None]]:
    async with aclosing(await listen(streams, channel, after)) as stream:
        yield stream


async def take(stream: AsyncGenerator[StreamItem, None], count: int) -> list[int]:
    async with asyncio.timeout(30):
        return [(await anext(stream)).position for _ in range(count)]


async def test_history_comes_first_and_then_what_happens(stage: Stage) -> None:
    await stage.happen(3)
    async with listening(stage.streams(), after=1) as stream:
        assert await take(stream, 2) == [2, 3]
        await stage.happen(2)
        assert await take(stream, 2) == [4, 5]


async def test_history_is_read_in_batches(stage: Stage) -> None:
    await stage.happen(7)
    async with listening(stage.streams(StreamLimits(batch_size=3)), after=0) as stream:
        assert await take(stream, 7) == [1, 2, 3, 4, 5, 6, 7]


async def test_a_stream_without_a_position_begins_where_it_was_opened(stage: Stage) -> None:
    await stage.happen(2)
    stream = await listen(stage.streams(PATIENT), CHANNEL)
    await stage.happen(1)
    async with aclosing(stream):
        assert await take(stream, 1) == [3]


async def test_only_the_channels_own_events_come(stage: Stage) -> None:
    async with listening(stage.streams(), after=0) as stream:
        await stage.happen(2, "u_2")
        await stage.happen(1)
        assert await take(stream, 1) == [3]


async def test_a_bell_is_all_that_is_waited_for(stage: Stage) -> None:
    async with listening(stage.streams(PATIENT)) as stream:
        first = asyncio.create_task(take(stream, 1))
        await asyncio.sleep(0.3)
        await stage.happen(1)
        assert await first == [1]


@pytest.mark.parametrize("rings", [[], [0], [1, 1, 1], [3, 2, 1], [10**9]])
async def test_bells_lost_doubled_late_or_false_cost_no_event(
    stage: Stage, rings: list[int]
) -> None:
    async with listening(stage.streams(StreamLimits(poll_s=0.2))) as stream:
        events = asyncio.create_task(take(stream, 5))
        for count in (1, 2):
            await stage.happen(count, rings=False)
            for position in rings:
                await stage.ring(position)
        await stage.happen(2, rings=False)
        assert await events == [1, 2, 3, 4, 5]


async def test_a_quiet_subscriber_learns_how_far_it_has_been_told(stage: Stage) -> None:
    """What happens elsewhere takes it along, so that it does not fall out of history."""
    streams, outlet = stage.streams(StreamLimits(poll_s=0.1)), Outlet()
    stream = streams.follow(await streams.open(CHANNEL, 0), None, outlet)
    async with aclosing(stream):
        hearing = asyncio.create_task(take(stream, 1))
        await stage.happen(5, "u_2")
        async with asyncio.timeout(20):
            while outlet.cursor is None or outlet.cursor() != "e_5":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await stage.happen(1)
        assert await hearing == [6]
        assert outlet.cursor() == "e_5", "the last event is still on its way to the client"
    await stage.graph.run(tally(100))  # what is not tallied stays
    await stage.graph.run(retention.prune_events(before=2, limit=10))
    async with listening(stage.streams(), after=5) as stream:
        assert await take(stream, 1) == [6]


async def test_pruned_history_is_told_as_one_gap(stage: Stage) -> None:
    await stage.happen(2)
    await stage.happen(2)
    await stage.graph.run(tally(100))  # what is not tallied stays
    await stage.graph.run(retention.prune_events(before=2, limit=10))
    async with listening(stage.streams(), after=1) as stream:
        assert await anext(stream) == StreamGap(2)
        assert await take(stream, 2) == [3, 4]
    async with listening(stage.streams(), after=2) as stream:
        assert await take(stream, 2) == [3, 4]


async def test_history_pruned_while_it_is_read_is_told_too(stage: Stage) -> None:
    await stage.happen(2)
    await stage.happen(2)
    stream = await listen(stage.streams(), CHANNEL, 1)
    await stage.graph.run(tally(100))  # what is not tallied stays
    await stage.graph.run(retention.prune_events(before=2, limit=10))
    async with aclosing(stream):
        assert await anext(stream) == StreamGap(2)
        assert await take(stream, 2) == [3, 4]


@pytest.mark.parametrize("after", [-1, 3, 10**18])
async def test_a_made_up_position_is_refused(stage: Stage, after: int) -> None:
    await stage.happen(2)
    with pytest.raises(InvalidInput, match="eventId"):
        await listen(stage.streams(), CHANNEL, after)


async def test_each_event_is_read_once_for_all_subscribers(stage: Stage) -> None:
    streams = stage.streams(PATIENT)
    opened = [await listen(streams, CHANNEL) for _ in range(50)]
    takers = [asyncio.create_task(take(stream, 3)) for stream in opened]
    await asyncio.sleep(0.5)
    before = stage.graph.statement_count
    await stage.happen(3)
    assert await asyncio.gather(*takers) == [[1, 2, 3]] * 50
    written = 3 + 2
    assert stage.graph.statement_count - before - written <= 2
    for stream in opened:
        await stream.aclose()


async def test_a_slow_subscriber_loses_nothing_and_slows_nobody(stage: Stage) -> None:
    streams = stage.streams(StreamLimits(poll_s=60, batch_size=4, buffer_size=5))
    async with listening(streams) as slow, listening(streams) as fast:
        slow_first = asyncio.create_task(take(slow, 1))
        fast_all = asyncio.create_task(take(fast, 31))
        await asyncio.sleep(0.2)
        for count in (1, 10, 10, 10):
            await stage.happen(count)
        assert await fast_all == list(range(1, 32))
        assert await slow_first == [1]
        assert await take(slow, 30) == list(range(2, 32))
        await stage.happen(1)
        assert await take(slow, 1) == [32]


async def test_subscribers_that_come_in_the_middle_of_a_flood_miss_nothing(stage: Stage) -> None:
    streams = stage.streams(StreamLimits(poll_s=0.3, batch_size=7, buffer_size=10))
    total, rng = 150, random.Random(7)  # noqa: S311 - a course of events, not a secret

    async def flood() -> None:
        for _ in range(total // 5):
            await stage.happen(5, rings=rng.random() < 0.7)

    async def follow(delay: float) -> None:
        await asyncio.sleep(delay)
        bounds = await stage.graph.run(read_bounds())
        after = rng.randint(0, bounds.newest)
        async with listening(streams, after) as stream:
            assert await take(stream, total - after) == list(range(after + 1, total + 1))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(flood())
        for n in range(20):
            tasks.create_task(follow(n * 0.05))


async def test_nothing_is_left_when_the_last_subscriber_leaves(stage: Stage) -> None:
    streams = stage.streams()
    await asyncio.sleep(0.1)
    before = len(asyncio.all_tasks())
    opened = [await listen(streams, CHANNEL) for _ in range(3)]
    takers = [asyncio.create_task(take(stream, 1)) for stream in opened]
    await asyncio.sleep(0.2)
    assert list(stage.broadcast._subscribers) == [bell.channel_of(CHANNEL)]
    for taker in takers:
        taker.cancel()
    await asyncio.wait(takers)
    assert not streams._hubs
    assert not stage.broadcast._subscribers
    assert len(asyncio.all_tasks()) == before


async def test_a_stream_that_nobody_reads_holds_nothing(stage: Stage) -> None:
    streams = stage.streams()
    stream = await listen(streams, CHANNEL)
    assert not streams._hubs
    await stream.aclose()


async def test_redis_lost_with_all_its_data_loses_no_event(stage: Stage, servers: Any) -> None:
    async with listening(stage.streams(StreamLimits(poll_s=0.5))) as stream:
        events = asyncio.create_task(take(stream, 9))
        for _ in range(3):
            await stage.happen(1)
            await asyncio.to_thread(servers.redis.kill)
            await stage.happen(1, rings=False)
            await asyncio.to_thread(servers.redis.wipe)
            await stage.happen(1)
        assert await events == list(range(1, 10))


class Stubborn:
    """A graph that is away at first."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    async def run(self, statement: Any) -> Any:
        del statement
        self.failures -= 1
        if self.failures >= 0:
            raise Unavailable("away")
        return StreamBounds(0, 0)


async def test_a_patient_runner_waits_for_neo4j(caplog: pytest.LogCaptureFixture) -> None:
    assert await PatientRunner(Stubborn(3)).run(read_bounds()) == StreamBounds(0, 0)
    assert len(caplog.records) == 1


def _event(position: int) -> Alone:
    event = StreamEvent(position, f"e_{position}", "CommentCreated", 0, "u_1", "c_1", "p_1")
    return Alone(event, {})


async def test_a_buffer_gives_all_or_tells_that_it_overflowed() -> None:
    buffer = Buffer(2)
    first, second, last = _event(1), _event(2), _event(7)
    buffer.extend([first, second])
    assert await buffer.take() == [first, second]
    buffer.extend([_event(3), _event(4), _event(5)])
    buffer.extend([_event(6)])
    assert await buffer.take() == []
    assert buffer.has_overflowed
    buffer.reopen()
    buffer.extend([last])
    assert await buffer.take() == [last]
