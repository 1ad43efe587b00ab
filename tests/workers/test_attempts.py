"""What a task's run leaves in the graph: by success, failure and outage."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery
from ulid import ULID

from adapters.storage import StorageUnavailable
from graph.errors import Unavailable
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.statement import Statement
from local.ports import free_ports
from tests.graph.world import run
from workers.base import AttemptTask, GraphTask, ScheduledTask
from workers.connected import ConnectedTask
from workers.settings import WorkerSettings

_JOB = (
    "CREATE (:Job {key: 'e_1:work', name: 'work', event_id: 'e_1', due_at: 1, enqueued_count: 0})"
)
_READY = "MATCH (j:Job) SET j.held_until = 1"
Work = Callable[[], None]


@pytest.fixture
def work() -> list[Work]:
    """What the task does, one after another; the last of them for ever."""
    return []


@pytest.fixture(name="task")
def _task(
    clean: None,  # noqa: ARG001
    sync_graph: Graph,
    work: list[Work],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    monkeypatch.setattr(ConnectedTask, "graph", sync_graph, raising=False)
    monkeypatch.setattr(ConnectedTask, "settings", WorkerSettings(), raising=False)
    app = Celery("x", broker="memory://", set_as_current=False)

    @app.task(name="work", base=GraphTask, bind=True, time_limit=5, shared=False)
    def do(self: GraphTask, event_id: str) -> None:  # noqa: ARG001
        (work.pop(0) if len(work) > 1 else work[0])()

    run(sync_graph, _JOB)
    yield do
    AttemptTask.owed.clear()


def _raise(error: Exception) -> Work:
    def work() -> None:
        raise error

    return work


def _job(graph: Graph) -> dict[str, Any]:
    (row,) = run(graph, "MATCH (j:Job {name: 'work'}) RETURN properties(j) AS job")
    job: Any = row["job"]
    return {"attempt_count": 0, "outage_count": 0, "dead_at": None} | job


def test_a_failure_is_told_and_holds_the_job_longer_each_time(
    task: Any, work: list[Work], sync_graph: Graph
) -> None:
    work.append(_raise(ValueError("no")))
    for longest_s in (5, 10):
        task.apply(args=["e_1"])
        job = _job(sync_graph)
        pause_s = (job["held_until"] - job["last_at"]) / 1000
        assert 0.75 * longest_s <= pause_s <= longest_s + 2
        assert job["due_at"] == job["held_until"]
        assert job["error_message"] == "no"
        run(sync_graph, _READY)
    task.apply(args=["e_1"])

    assert _job(sync_graph)["dead_at"]


@pytest.mark.parametrize("error", [Unavailable("away"), StorageUnavailable("away")])
def test_an_outage_uses_up_no_attempt(
    task: Any, work: list[Work], sync_graph: Graph, error: Exception
) -> None:
    work.append(_raise(error))
    for _ in range(5):
        task.apply(args=["e_1"])
        run(sync_graph, _READY)

    job = _job(sync_graph)
    assert (job["attempt_count"], job["outage_count"], job["dead_at"]) == (0, 5, None)


def test_an_attempt_in_whose_middle_neo4j_left_is_given_back_when_it_is_there_again(
    task: Any, work: list[Work], sync_graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    settings = GraphSettings(neo4j_uri=f"bolt://127.0.0.1:{port}", neo4j_timeout_s=0.2)
    with Graph(settings) as away:

        def leave() -> None:
            monkeypatch.setattr(ConnectedTask, "graph", away)
            raise Unavailable("away")

        work.extend((leave, lambda: None))
        for _ in range(4):
            task.apply(args=["e_1"])
        assert _job(sync_graph)["attempt_count"] == 1, "nothing begins while Neo4j is away"
        monkeypatch.setattr(ConnectedTask, "graph", sync_graph)
        run(sync_graph, _READY)

        task.apply(args=["e_1"])
        run(sync_graph, _READY)
        task.apply(args=["e_1"])

    job = _job(sync_graph)
    assert (job["attempt_count"], job["outage_count"]) == (1, 1)


@pytest.mark.usefixtures("task")
def test_a_scheduled_task_does_its_slot_once(sync_graph: Graph) -> None:
    app = Celery("y", broker="memory://", set_as_current=False)
    done: list[int] = []

    @app.task(name="tidy", base=ScheduledTask, bind=True, time_limit=5, shared=False)
    def tidy(self: ScheduledTask, slot: int) -> None:  # noqa: ARG001
        done.append(slot)

    for slot in (60, 60, 120, 60):
        tidy.apply(args=[slot])

    assert done == [60, 120]
    assert run(sync_graph, "MATCH (j:Job {name: 'tidy'}) RETURN j.done_at > 0 AS is_done") == [
        {"is_done": True}
    ]


class _Deaf:
    """A graph whose first answer is lost."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.is_deaf = True

    def run(self, statement: Statement[Any]) -> Any:
        answer = self.graph.run(statement)
        if self.is_deaf:
            self.is_deaf = False
            raise Unavailable("the answer was lost")
        return answer


def test_an_attempt_whose_beginning_was_not_heard_of_is_given_back(
    task: Any, work: list[Work], sync_graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.append(lambda: None)
    monkeypatch.setattr(ConnectedTask, "graph", _Deaf(sync_graph))
    task.apply(args=["e_1"])

    job = _job(sync_graph)
    assert (job["attempt_count"], job["outage_count"], job.get("attempt")) == (0, 1, None)


def test_a_message_of_no_job_is_a_letter_but_not_where_its_event_may_be_pruned(
    task: Any, work: list[Work], sync_graph: Graph
) -> None:
    work.append(lambda: None)
    day_s = 86_400
    old, young = (f"e_{ULID.from_timestamp(time.time() - age)}" for age in (2 * day_s, day_s / 2))
    for event_id in (old, young, "e_strange"):
        task.apply(args=[event_id])

    rows = run(sync_graph, "MATCH (l:DeadLetter) RETURN l.arguments AS of, l.error_type AS error")
    assert {(row["of"], row["error"]) for row in rows} == {
        (f"['{young}']", "UnknownJob"),
        ("['e_strange']", "UnknownJob"),
    }
