import asyncio
from typing import Any

import orjson
import pytest

from app.realtime.edition import Told
from app.realtime.stats_board import INTERVAL_S, StatsBoard, Watcher
from graph.audience import Audience
from graph.live_stats import LiveStats

pytestmark = pytest.mark.unit


class Liked:
    """A graph with one post that people like."""

    likes = 0

    async def run(self, _: Any) -> Any:
        return {"p_1": LiveStats({"likes": self.likes}, Audience())}


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.now = 0.0
        self._go = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self._go.clear()
        await self._go.wait()

    async def strike(self) -> None:
        await settle()
        self.now += self.pauses[-1]
        self._go.set()
        await settle()


_sleep = asyncio.sleep


async def settle() -> None:
    for _ in range(9):
        await _sleep(0)


async def _render(row: Any) -> bytes:
    return orjson.dumps(row)


async def test_a_flood_costs_each_watcher_one_value_for_each_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock, graph, told = Clock(), Liked(), list[bytes]()
    monkeypatch.setattr("app.realtime.stats_board.asyncio.sleep", clock.sleep)
    monkeypatch.setattr("app.realtime.stats_board.time.monotonic", lambda: clock.now)

    def push(value: Told) -> bool:
        told.append(value.payload)
        return True

    watcher = Watcher("u_1", "g", _render, {"likes": 0}, push)
    board = StatsBoard(graph)
    async with board.watching("p_1", watcher):
        waiting = asyncio.create_task(watcher.take())
        for look in range(1, 4):
            for _ in range(1_000):
                graph.likes += 1
            await clock.strike()
            assert told[look - 1 :] == [orjson.dumps({"likes": look * 1_000})]
        await clock.strike()
        assert len(told) == 3, "nothing changed"
        waiting.cancel()
    assert set(clock.pauses) == {INTERVAL_S}
    assert INTERVAL_S >= 0.5, "at most two a second"


async def test_who_has_just_been_told_is_told_no_sooner_than_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first value counts: at most two in any second."""
    clock, graph = Clock(), Liked()
    monkeypatch.setattr("app.realtime.stats_board.asyncio.sleep", clock.sleep)
    monkeypatch.setattr("app.realtime.stats_board.time.monotonic", lambda: clock.now)
    told: dict[str, list[float]] = {"early": [], "late": []}

    def watcher(name: str) -> Watcher:
        def push(_: Told) -> bool:
            told[name].append(clock.now)
            return True

        return Watcher("u_1", "g", _render, {"likes": 0}, push)

    board, early = StatsBoard(graph), watcher("early")
    async with board.watching("p_1", early):
        waiting = [asyncio.create_task(early.take())]
        await settle()
        clock.now = 0.3
        late = watcher("late")
        clock.now = 0.0
        async with board.watching("p_1", late):
            waiting.append(asyncio.create_task(late.take()))
            for _ in range(3):
                graph.likes += 1
                await clock.strike()
            assert told == {"early": [0.5, 1.0, 1.5], "late": [1.0, 1.5]}
        for each in waiting:
            each.cancel()
