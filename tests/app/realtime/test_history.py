"""A crowd that comes back reads its past together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any

import pytest

from app.realtime import history
from app.realtime.buffer import Buffer
from app.realtime.history import History
from graph.audience import Audience
from graph.streams import StreamEvent
from tests.app.realtime.past import Past, share, words

pytestmark = pytest.mark.unit


@pytest.fixture
async def opened() -> AsyncIterator[Any]:
    """Open histories, and see that they leave nothing behind."""
    made: list[History] = []

    def make(graph: Any, size: int = 200) -> History:
        made.append(History(graph, graph, "a", size))
        return made[-1]

    yield make
    for each in made:
        await each.stop()
        assert not each._tasks


async def caught_up(past: History, buffer: Buffer, target: int) -> list[Any]:
    async with asyncio.timeout(20), aclosing(past.catch_up(buffer, target)) as items:
        return [words(item) async for item in items]


async def test_a_crowd_that_comes_back_costs_some_tens_of_statements(opened: Any) -> None:
    graph = Past(30)
    past = opened(graph)
    crowd = [Buffer(400, 10, share("g", f"u_{n}")) for n in range(1_000)]
    told = await asyncio.gather(*(caught_up(past, each, 30) for each in crowd))
    assert told == [[f"g {n}" for n in range(11, 31)]] * 1_000
    assert {each.position for each in crowd} == {30}
    assert graph.statement_count <= 2 * (1 + 1 + 20), "one page for the first, one for the rest"


async def test_each_is_told_what_lies_behind_their_own_position(opened: Any) -> None:
    graph = Past(200)
    past = opened(graph)
    crowd = [Buffer(400, 7 * n % 50, share("g", f"u_{n}")) for n in range(50)]
    told = await asyncio.gather(*(caught_up(past, each, 60 + n) for n, each in enumerate(crowd)))
    for n, heard in enumerate(told):
        assert heard == [f"g {position}" for position in range(7 * n % 50 + 1, 61 + n)]
    assert len(graph.pages) < 10


async def test_who_shares_nothing_reads_alone_what_was_found_together(opened: Any) -> None:
    graph = Past(20)
    past = opened(graph)
    told = await asyncio.gather(*(caught_up(past, Buffer(400, 10), 20) for _ in range(10)))
    assert told == [list(range(11, 21))] * 10
    assert graph.statement_count == len(graph.pages) == 1


async def test_a_long_absence_starves_nobody(opened: Any) -> None:
    graph = Past(1_000)
    past = opened(graph, size=5)
    old, new = Buffer(400, 0, share("g", "u_old")), Buffer(400, 997, share("g", "u_new"))
    long = asyncio.create_task(caught_up(past, old, 1_000))
    await asyncio.sleep(0)
    assert await caught_up(past, new, 1_000) == ["g 998", "g 999", "g 1000"]
    assert len(graph.pages) <= 3
    assert await long == [f"g {n}" for n in range(1, 1_001)]


async def test_a_group_that_takes_long_keeps_nobody_waiting(opened: Any) -> None:
    never = asyncio.Event()

    class Slow(Past):
        async def run(self, statement: Any) -> Any:
            if statement == "slow":
                await never.wait()
            return await super().run(statement)

    past = opened(Slow(10))
    slow = Buffer(400, 0, share("s", "u_s", lambda _: "slow"))
    waiting = asyncio.create_task(caught_up(past, slow, 10))
    for n in range(3):
        quick = Buffer(400, 0, share("g", f"u_{n}"))
        assert await caught_up(past, quick, 10) == [f"g {n}" for n in range(1, 11)]
    assert not waiting.done()
    waiting.cancel()
    await asyncio.wait([waiting])


async def test_what_takes_long_is_told_in_parts_to_old_and_new(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_BUDGET_S", 0.0)
    past = opened(Past(40))
    starts = [0, 30, 5, 39, 40, 12]
    crowd = [Buffer(400, after, share("g", f"u_{after}")) for after in starts]
    told = await asyncio.gather(*(caught_up(past, each, 40) for each in crowd))
    assert told == [[f"g {n}" for n in range(after + 1, 41)] for after in starts]


async def test_what_was_not_taken_in_time_is_read_again_and_told_once(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "STALE_S", -1.0)
    graph = Past(30)
    past = opened(graph)
    assert await caught_up(past, Buffer(400, 0, share("g", "u_1")), 30) == [
        f"g {n}" for n in range(1, 31)
    ]
    assert len(graph.read) <= 3 * 30, "whoever takes one at a time is read for one at a time"


async def test_who_comes_from_before_the_floor_is_told_of_it_and_nobody_else(opened: Any) -> None:
    past = opened(Past(10, floor=6))
    crowd = [Buffer(400, after, share("g", f"u_{after}")) for after in (2, 5, 6, 8)]
    told = await asyncio.gather(*(caught_up(past, each, 10) for each in crowd))
    rest = [f"g {n}" for n in range(7, 11)]
    assert told == [["gap 6", *rest], ["gap 6", *rest], rest, rest[2:]]


async def test_the_audience_holds_for_what_is_past_too(opened: Any) -> None:
    def judge(events: Sequence[StreamEvent], present: Any) -> Any:
        assert set(present) <= {"u_1", "u_2", "u_3"}
        hidden, apart = frozenset({"u_2"}), frozenset({"u_3"})
        return [Audience(None, hidden, apart) if e.position == 2 else Audience() for e in events]

    past = opened(Past(3))
    crowd = [Buffer(400, 0, share("g", f"u_{n}", judge=judge)) for n in (1, 2, 3)]
    told = await asyncio.gather(*(caught_up(past, each, 3) for each in crowd))
    assert told == [["g 1", "g 2", "g 3"], ["g 1", "g 3"], ["g 1", 2, "g 3"]]


async def test_where_nobody_can_say_who_may_be_told_each_reads_alone(opened: Any) -> None:
    def judge(*_: Any) -> Any:
        raise RuntimeError("a bug")

    past = opened(Past(3))
    assert await caught_up(past, Buffer(400, 0, share("g", "u_1", judge=judge)), 3) == [1, 2, 3]


async def test_a_past_that_cannot_be_read_is_nobodys_endless_wait(opened: Any) -> None:
    class Broken(Past):
        async def run(self, statement: Any) -> Any:
            await super().run(statement)
            raise RuntimeError("a bug")

    past = opened(Broken(3))
    crowd = [Buffer(400, 0, share("g", f"u_{n}")) for n in range(3)]
    asked = (caught_up(past, each, 3) for each in crowd)
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(each) for each in outcomes] == ["a bug"] * 3


async def test_who_leaves_is_not_read_for(opened: Any) -> None:
    graph = Past(200)
    past = opened(graph)
    leaving = asyncio.create_task(caught_up(past, Buffer(400, 0, share("g", "u_1")), 200))
    while not graph.read:  # noqa: ASYNC110 - the fake graph tells nobody
        await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.wait([leaving])
    assert await caught_up(past, Buffer(400, 199, share("h", "u_2")), 200) == ["h 200"]
    assert len(graph.read) < 20
