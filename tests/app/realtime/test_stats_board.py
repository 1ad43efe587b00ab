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
        self._go = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self._go.clear()
        await self._go.wait()

    async def strike(self) -> None:
        await settle()
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
