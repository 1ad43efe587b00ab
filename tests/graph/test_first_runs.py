import asyncio
from collections.abc import AsyncIterator

import pytest

from graph.first_runs import FirstRuns

pytestmark = pytest.mark.unit


class Runs:
    """Runs of texts, each of which lasts until it is ended."""

    def __init__(self) -> None:
        self.first_runs = FirstRuns()
        self.begun: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self, text: str) -> "asyncio.Future[None]":
        end = asyncio.get_running_loop().create_future()

        async def run() -> None:
            async with self.first_runs.turn(text):
                self.begun.append(text)
                await end

        self.tasks.append(asyncio.create_task(run()))
        await settle()
        return end


async def settle() -> None:
    for _ in range(9):
        await asyncio.sleep(0)


@pytest.fixture
async def runs() -> AsyncIterator[Runs]:
    runs = Runs()
    yield runs
    for task in runs.tasks:
        task.cancel()
    await asyncio.gather(*runs.tasks, return_exceptions=True)


async def test_others_wait_for_the_first_and_then_run_side_by_side(runs: Runs) -> None:
    first, *_ = [await runs.start(text) for text in ("a", "a", "a", "b")]
    assert runs.begun == ["a", "b"]
    first.set_result(None)
    await settle()
    assert runs.begun == ["a", "b", "a", "a"]
    await runs.start("a")
    assert runs.begun[4:] == ["a"]


async def test_after_one_that_failed_the_next_is_the_first(runs: Runs) -> None:
    first = await runs.start("a")
    (failing,) = runs.tasks
    second = await runs.start("a")
    await runs.start("a")
    first.set_exception(RuntimeError("no"))
    await settle()
    assert runs.begun == ["a", "a"]
    assert isinstance(failing.exception(), RuntimeError)
    second.set_result(None)
    await settle()
    assert runs.begun == ["a", "a", "a"]


async def test_what_is_forgotten_runs_alone_again(runs: Runs) -> None:
    (await runs.start("a")).set_result(None)
    await settle()
    runs.first_runs.forget()
    await runs.start("a")
    await runs.start("a")
    assert runs.begun == ["a", "a"]


async def test_only_so_many_texts_are_remembered(runs: Runs) -> None:
    for number in range(1_001):
        (await runs.start(str(number))).set_result(None)
        await settle()
    runs.begun.clear()
    for text in ("0", "0", "1000", "1000"):
        await runs.start(text)
    assert runs.begun == ["0", "1000", "1000"]


class Plans:
    """What is planned in peace, each until it is ended."""

    def __init__(self, first_runs: FirstRuns) -> None:
        self._first_runs = first_runs
        self.begun: list[str] = []
        self.ends: dict[str, asyncio.Future[None]] = {}

    def start(self, text: str) -> asyncio.Task[None]:
        async def explain() -> None:
            self.begun.append(text)
            self.ends[text] = asyncio.get_running_loop().create_future()
            await self.ends[text]

        return asyncio.create_task(self._first_runs.plan(text, explain))


async def test_what_was_planned_in_peace_is_waited_for_and_then_runs_side_by_side(
    runs: Runs,
) -> None:
    plans = Plans(runs.first_runs)
    planning = [plans.start("a") for _ in range(3)]
    await settle()
    assert plans.begun == ["a"]
    assert [each.done() for each in planning] == [False, True, True]
    for text in ("a", "a", "b"):
        await runs.start(text)
    assert runs.begun == ["b"]
    plans.ends["a"].set_result(None)
    await settle()
    assert runs.begun == ["b", "a", "a"]
    await plans.start("a")
    assert plans.begun == ["a"]


async def test_one_text_is_planned_in_peace_at_a_time(runs: Runs) -> None:
    plans = Plans(runs.first_runs)
    planning = [plans.start(text) for text in ("a", "b")]
    await settle()
    assert plans.begun == ["a"]
    plans.ends["a"].set_result(None)
    await settle()
    assert plans.begun == ["a", "b"]
    plans.ends["b"].set_result(None)
    await asyncio.gather(*planning)


async def test_what_could_not_be_planned_is_tried_again_when_it_is_asked_for(runs: Runs) -> None:
    plans = Plans(runs.first_runs)
    planning = plans.start("a")
    await settle()
    plans.ends["a"].set_exception(RuntimeError("no"))
    with pytest.raises(RuntimeError):
        await planning
    again = plans.start("a")
    await settle()
    assert plans.begun == ["a", "a"]
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
