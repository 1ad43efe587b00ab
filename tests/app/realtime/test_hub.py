import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from broadcaster import Broadcast

from app.realtime.buffer import Buffer
from app.realtime.edition import Alone, Share, Told
from app.realtime.hub import Hub, StreamLimits
from app.realtime.settling import Settling
from graph.audience import Audience, JudgedPage
from graph.errors import InvalidInput
from graph.streams import StreamBounds, StreamEvent, StreamPage
from tests.app.realtime.past import FakeJudge, JudgedReading

pytestmark = pytest.mark.unit


class Applying:
    """A graph that shows a transaction's second event before its first, and stumbles at times.

    It goes on doing so until it is asked to settle.
    """

    def __init__(self) -> None:
        self.answers: list[Any] = [RuntimeError("a bug"), [6], [6], [6]]

    async def run(self, statement: Any) -> Any:
        after = statement.parameters.get("after")
        if after is None:
            return self._settle()
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, Exception):
            raise answer
        return _page(position for position in answer if position > after)

    def _settle(self) -> int:
        if len(self.answers) == 4:  # nothing was seen yet: a hub begins
            return 4
        self.answers = [[5, 6], []]
        return 6


def _page(positions: Iterable[int], oldest: int = 0) -> StreamPage:
    events = [_event(each) for each in positions]
    return StreamPage(events, StreamBounds(oldest, 10), is_full=False)


def _event(position: int) -> StreamEvent:
    return StreamEvent(position, f"e_{position}", "PostCreated", 0, "u_1", "p_1", "p_1")


async def test_an_event_seen_without_a_bell_waits_for_those_before_it() -> None:
    async with Broadcast("memory://") as broadcast:
        graph = Applying()
        hub = Hub(graph, broadcast, "a", 4, StreamLimits(poll_s=0.05), Settling(graph))
        buffer = Buffer(10)
        hub.join(buffer)
        async with asyncio.timeout(10):
            assert [item.position for item in await buffer.take()] == [5, 6]
        assert hub.position == 6
        hub.leave(buffer)
        assert hub.is_deserted
        await hub.stop()
        assert not broadcast._subscribers


class Numbered:
    """A graph that has ten events, and rows for them."""

    async def run(self, statement: Any) -> Any:
        if isinstance(statement, int):
            return {"n": statement}
        if isinstance(statement, list):
            return statement
        if "after" not in statement.parameters:
            return 10
        page = _page(range(statement.parameters["after"] + 1, 11))
        if isinstance(statement, JudgedReading):
            return JudgedPage(page, statement.judge(page.events, statement.present))
        return page


def _share(group: str, viewer_id: str, read: Any = None) -> Share:
    async def render(_: StreamEvent, row: Any) -> bytes:
        return f"{group} {row['n']}".encode()

    def judge(events: Any, present: Any) -> Any:
        del present
        return [Audience() for _ in events]

    return Share(group, viewer_id, FakeJudge(judge), read or (lambda event: event.position), render)


@asynccontextmanager
async def _hub() -> AsyncIterator[Hub]:
    async with Broadcast("memory://") as broadcast:
        graph = Numbered()
        hub = Hub(graph, broadcast, "a", 0, StreamLimits(poll_s=0.05), Settling(graph))
        yield hub
        await hub.stop()


async def _heard(buffer: Buffer) -> list[Any]:
    async with asyncio.timeout(10):
        return [item async for item in _untold(buffer)]


async def _untold(buffer: Buffer) -> AsyncIterator[Any]:
    while buffer.position < 10:
        for item in buffer.untold(await buffer.take()):
            yield item.payload.decode() if isinstance(item, Told) else item.position


async def test_a_push_that_fails_is_nobody_elses_loss() -> None:
    def fail(_: Told) -> bool:
        raise RuntimeError("the handler is closed")

    async with _hub() as hub:
        gone = [Buffer(20, 0, _share("g", f"u_{n}"), fail) for n in range(5)]
        waiting = [asyncio.create_task(buffer.take()) for buffer in gone]
        await asyncio.sleep(0)
        stays = Buffer(20, 0, _share("g", "u_stays"))
        for buffer in (*gone, stays):
            hub.join(buffer)
        assert await _heard(stays) == [f"g {n}" for n in range(1, 11)]
        assert all(buffer.has_overflowed for buffer in gone)
        await asyncio.wait(waiting)


async def test_a_group_that_cannot_be_read_takes_nothing_from_the_others() -> None:
    def fail(_: StreamEvent) -> Any:
        raise InvalidInput("`first` is 1000.")

    async with _hub() as hub:
        bad, good = Buffer(20, 0, _share("b", "u_1", fail)), Buffer(20, 0, _share("g", "u_2"))
        hub.join(bad)
        hub.join(good)
        assert await _heard(good) == [f"g {n}" for n in range(1, 11)]
        assert await _heard(bad) == list(range(1, 11)), "each of them alone"


async def test_of_very_many_groups_the_small_ones_read_alone() -> None:
    async with _hub() as hub:
        crowd = [Buffer(20, 0, _share("g", f"u_{n}")) for n in range(2)]
        single = [Buffer(20, 0, _share(f"s {n}", "u_x")) for n in range(60)]
        for buffer in (*crowd, *single):
            hub.join(buffer)
        heard = [await _heard(buffer) for buffer in (*crowd, *single)]
        assert heard[:2] == [[f"g {n}" for n in range(1, 11)]] * 2
        assert sum(each == list(range(1, 11)) for each in heard[2:]) == len(single) - 49


async def test_what_waited_long_is_left_to_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    buffer, clock = Buffer(20), iter([0.0, 0.5, 0.5, 1.5])
    monkeypatch.setattr("app.realtime.buffer.time", SimpleNamespace(monotonic=lambda: next(clock)))
    buffer.extend([Told(1, b"a"), Told(2, b"b"), Told(3, b"c")])
    told = [item.position for item in buffer.untold(await buffer.take())]
    assert told == [1, 2]
    assert (buffer.position, buffer.has_overflowed) == (2, True)


async def test_a_reading_ends_when_nobody_waits_for_it() -> None:
    ended = asyncio.Event()

    async def read(_: StreamEvent) -> Told | None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()
        return None

    alone = Alone(_event(1), {})
    readers = [asyncio.create_task(alone.read("u_1", read)) for _ in range(2)]
    await asyncio.sleep(0)
    assert len(alone.readings) == 1
    readers[0].cancel()
    await asyncio.sleep(0.01)
    assert not ended.is_set()
    readers[1].cancel()
    await asyncio.wait(readers)
    async with asyncio.timeout(5):
        await ended.wait()
    assert not alone.readings
