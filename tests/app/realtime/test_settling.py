"""Up to which position everything can be read is asked for once for all who want to know."""

import asyncio
from typing import Any

import pytest

from app.realtime.settling import Settling

pytestmark = pytest.mark.unit


class Counter:
    """A graph whose newest position grows with every look at it."""

    def __init__(self) -> None:
        self.looks = 0
        self.fails = False
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def run(self, statement: Any) -> Any:
        del statement
        self.looks += 1
        look = self.looks
        await self.may_answer.wait()
        if self.fails:
            raise RuntimeError("a bug")
        return look


async def test_who_asks_while_one_looks_is_served_by_the_next_look() -> None:
    graph = Counter()
    graph.may_answer.clear()
    settling = Settling(graph)
    first = asyncio.create_task(settling.settled())
    while not graph.looks:  # noqa: ASYNC110 - the fake graph tells nobody
        await asyncio.sleep(0)
    others = [asyncio.create_task(settling.settled()) for _ in range(100)]
    await asyncio.sleep(0)
    graph.may_answer.set()
    assert await first == 1
    assert await asyncio.gather(*others) == [2] * 100
    assert settling.known == graph.looks == 2


async def test_a_look_that_fails_answers_nobody_else() -> None:
    graph = Counter()
    graph.fails = True
    settling = Settling(graph)
    outcomes = await asyncio.gather(*(settling.settled() for _ in range(3)), return_exceptions=True)
    assert [str(each) for each in outcomes] == ["a bug"] * 3
    graph.fails = False
    assert await settling.settled() == 4


async def test_a_look_whose_asker_left_is_made_by_the_next() -> None:
    graph = Counter()
    graph.may_answer.clear()
    settling = Settling(graph)
    leaving = asyncio.create_task(settling.settled())
    staying = asyncio.create_task(settling.settled())
    while not graph.looks:  # noqa: ASYNC110 - the fake graph tells nobody
        await asyncio.sleep(0)
    leaving.cancel()
    graph.may_answer.set()
    async with asyncio.timeout(10):
        assert await staying == 2
