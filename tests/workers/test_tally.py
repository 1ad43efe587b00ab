"""What people do is in the figures soon after, told by a message, and without one by the clock."""

from collections.abc import Callable
from typing import Any

import pytest
from celery import Celery

from graph.errors import Unavailable
from graph.events import EventKind
from graph.outbox import number_pending
from graph.runner import Graph
from graph.statement import Statement
from local.process import Process
from tests.graph.hours import stored
from tests.graph.world import POST, add_comment, emit, run
from tests.workers.conftest import RELAY, WORKER, eventually
from workers.celery import _TALLY_EVERY_S, make_app
from workers.schedules import NEVER
from workers.settings import WorkerSettings
from workers.tally import take_in


def _comment(graph: Graph, name: str) -> None:
    """Write a comment as a command does: with its event."""
    add_comment(graph, f"c_{name}", "u_carol", POST)
    emit(graph, EventKind.COMMENT_CREATED, "u_carol", f"c_{name}", POST)


def test_all_that_is_numbered_is_taken_in_batch_by_batch(world: Graph) -> None:
    for n in range(7):
        _comment(world, f"new_{n}")
    world.run(number_pending(100, now=1, due_at=10**15))

    assert take_in(world, budget_s=0) == 0
    assert take_in(world) == 7
    assert take_in(world) == 0
    assert stored(world)["PostHour", POST, 0] == (0, 8, 0)


class _Slow:
    """A graph in which more than ten events are too many to be taken in in time."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.asked: list[int] = []

    def run(self, statement: Statement[Any]) -> Any:
        self.asked.append(statement.parameters["limit"])
        if self.asked[-1] > 10:
            raise Unavailable("too slow")
        return self.graph.run(statement)


def test_a_batch_that_is_too_much_gets_smaller(world: Graph) -> None:
    for n in range(9):
        _comment(world, f"new_{n}")
    world.run(number_pending(100, now=1, due_at=10**15))
    slow = _Slow(world)

    assert take_in(slow) == 9  # type: ignore[arg-type]
    assert slow.asked == [500, 125, 31, 7, 7]


def test_where_nothing_is_taken_in_the_task_fails(world: Graph) -> None:
    _comment(world, "new")

    class Away:
        def run(self, statement: Statement[Any]) -> Any:  # noqa: ARG002
            raise Unavailable("away")

    with pytest.raises(Unavailable):
        take_in(Away())  # type: ignore[arg-type]


def test_a_worker_counts_what_the_relay_numbers(
    world: Graph, start: Callable[..., Process], broker: Celery
) -> None:
    start(*RELAY)
    start(*WORKER)
    _comment(world, "new")
    eventually(lambda: ("PostHour", POST, 0) in stored(world))

    run(world, "MATCH (c:Comment)-[r:ON_POST]->() DELETE r")
    run(world, "MATCH (tally:Counter {name: 'tally'}) SET tally.value = 0")
    broker.send_task("tally")  # as the clock does
    eventually(lambda: ("PostHour", POST, 0) not in stored(world))


def test_the_clock_asks_for_it_every_few_seconds() -> None:
    entry = make_app(WorkerSettings()).conf.beat_schedule["tally"]
    assert entry == {
        "task": "tally",
        "schedule": _TALLY_EVERY_S,
        "options": {"expires": _TALLY_EVERY_S},
        "last_run_at": NEVER,
    }
    assert _TALLY_EVERY_S <= 5
