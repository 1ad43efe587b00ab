"""Who may be told is asked for in parts that have time, and the answer is the same."""

from collections.abc import Sequence
from typing import Any

import pytest

from app.realtime import judging as judging_module
from app.realtime.judging import _FEWEST_PAIRS, _MOST_PAIRS, Judging
from graph.audience import Audience, JudgedPage
from graph.errors import Unavailable
from graph.streams import StreamBounds, StreamEvent, StreamPage
from tests.app.realtime.past import FakeJudge, JudgedReading

pytestmark = pytest.mark.unit
PEOPLE = [f"u_{n}" for n in range(1_000)]
EVENTS = [StreamEvent(n, f"e_{n}", "PostCreated", 0, "u_1", f"p_{n}", f"p_{n}") for n in range(8)]


class Busy:
    """A graph that has time for so many pairs in one statement; it waits for nobody."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.asked: list[int] = []

    async def run(self, statement: Any) -> Any:
        size, audiences = statement
        self.asked.append(size)
        if size > self.most:
            raise Unavailable("too much")
        return audiences


def judge(events: Sequence[StreamEvent], people: Any) -> Any:
    """Tell every third of each event, and of the first one those who are named."""

    def audience(event: StreamEvent) -> Audience:
        third = frozenset(people[event.position % 3 :: 3])
        only = None if event.position else frozenset({*people[::2], "u_author"})
        return Audience(only, third, frozenset(people[:1]))

    return len(events) * len(people), [audience(event) for event in events]


def one_by_one(events: Sequence[StreamEvent], people: Any) -> Any:
    """Tell those of whom a person's own name says so."""

    def audience(event: StreamEvent) -> Audience:
        hidden = frozenset(each for each in people if int(each[2:]) % 7 == event.position % 7)
        only = None if event.position else frozenset(each for each in people if each[-1] == "1")
        return Audience(only, hidden)

    return len(events) * len(people), [audience(event) for event in events]


async def test_all_at_once_where_there_is_time() -> None:
    graph = Busy(_MOST_PAIRS)
    found = await Judging(graph, graph).audiences(FakeJudge(judge), EVENTS, PEOPLE)
    assert found == judge(EVENTS, PEOPLE)[1]
    assert graph.asked == [8_000]


@pytest.mark.parametrize("most", [5_000, 1_000, 300, _FEWEST_PAIRS])
async def test_what_takes_too_long_is_asked_for_in_parts(most: int) -> None:
    graph = Busy(most)
    found = await Judging(graph, graph).audiences(FakeJudge(one_by_one), EVENTS, PEOPLE)
    assert found == one_by_one(EVENTS, PEOPLE)[1]
    assert sum(size for size in graph.asked if size <= most) >= 8_000


async def test_how_much_was_too_much_is_remembered_and_tried_again() -> None:
    graph = Busy(1_000)
    judging = Judging(graph, graph)
    await judging.audiences(FakeJudge(judge), EVENTS, PEOPLE)
    graph.asked.clear()
    await judging.audiences(FakeJudge(judge), EVENTS[:1], PEOPLE)
    assert graph.asked[0] <= 2_000
    graph.most = _MOST_PAIRS
    for _ in range(3):
        await judging.audiences(FakeJudge(judge), EVENTS, PEOPLE)
    assert graph.asked[-1] == 8_000


async def test_the_smallest_part_waits_for_as_long_as_it_takes() -> None:
    away, patient = Busy(0), Busy(_FEWEST_PAIRS)
    found = await Judging(patient, away).audiences(FakeJudge(one_by_one), EVENTS[:1], PEOPLE[:150])
    assert found == one_by_one(EVENTS[:1], PEOPLE[:150])[1]
    assert patient.asked


class Reader:
    """A graph that reads pages, and at first not together with audiences."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.limits: list[int] = []

    async def run(self, statement: Any) -> Any:
        limit = statement.parameters["limit"]
        page = StreamPage(EVENTS[:limit], StreamBounds(0, 8), len(EVENTS) >= limit)
        if not isinstance(statement, JudgedReading):
            return page
        self.limits.append(limit)
        if self.failures:
            self.failures -= 1
            raise Unavailable("too much")
        return JudgedPage(page, [Audience() for _ in page.events])


async def test_a_page_has_no_more_events_than_there_is_time_to_judge() -> None:
    graph = Reader(failures=0)
    judging = Judging(graph, graph)
    for people, limit in ((PEOPLE, 200), (PEOPLE[:10], 200), (PEOPLE[:10], 5)):
        found = await judging.page(FakeJudge(judge), "a", 0, limit, people)
        assert found.audiences is not None
        assert len(found.audiences) == len(found.page.events)
    assert graph.limits == [_MOST_PAIRS // 1_000, 200, 5]


async def test_a_page_that_cannot_be_judged_comes_by_itself_and_the_next_ones_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(judging_module.time, "monotonic", lambda: now)
    graph = Reader(failures=1)
    judging = Judging(graph, graph)
    for _ in range(3):
        found = await judging.page(FakeJudge(judge), "a", 0, 200, PEOPLE)
        assert found.audiences is None
        assert found.page.events == EVENTS
    assert graph.limits == [20], "it is tried once"
    now += judging_module._REST_S
    found = await judging.page(FakeJudge(judge), "a", 0, 200, PEOPLE)
    assert found.audiences is not None
    assert graph.limits == [20, 20], "and asks for as much as before"


async def test_a_page_of_which_one_event_is_too_much_to_judge_comes_by_itself() -> None:
    graph = Reader(failures=0)
    people = [f"u_{n}" for n in range(_MOST_PAIRS + 1)]
    found = await Judging(graph, graph).page(FakeJudge(judge), "a", 0, 200, people)
    assert (found.page.events, found.audiences, graph.limits) == (EVENTS, None, [])
