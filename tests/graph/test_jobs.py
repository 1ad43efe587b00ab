"""A job stays open until its effect is there, and has it once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.jobs import DueJob, close_job, due_jobs, job_key, mark_enqueued
from graph.runner import Graph
from graph.statement import Statement
from tests.graph.world import run

pytestmark = pytest.mark.usefixtures("clean")


def _open(graph: Graph, event_id: str, due_at: int) -> str:
    key = job_key(event_id, "notify")
    run(
        graph,
        """\
CREATE (:Job {key: $key, name: 'notify', event_id: $event_id, due_at: $due_at,
              enqueued_count: 0})""",
        key=key,
        event_id=event_id,
        due_at=due_at,
    )
    return key


def _make_tag(key: str) -> Statement[bool]:
    return close_job(key, 50, "CREATE (:Tag {name: $name})\n", {"name": "done"})


def test_due_jobs_come_longest_due_first_and_never_early(sync_graph: Graph) -> None:
    late, early = _open(sync_graph, "e_1", 30), _open(sync_graph, "e_2", 20)
    _open(sync_graph, "e_3", 31)

    assert sync_graph.run(due_jobs(30, 10)) == [
        DueJob(early, "notify", "e_2", 0),
        DueJob(late, "notify", "e_1", 0),
    ]
    assert [job.key for job in sync_graph.run(due_jobs(30, 1))] == [early]


def test_a_marked_job_is_due_again_later(sync_graph: Graph) -> None:
    key = _open(sync_graph, "e_1", 30)

    assert sync_graph.run(mark_enqueued({key: 60}, now=30)) == 1
    assert sync_graph.run(due_jobs(59, 10)) == []
    assert sync_graph.run(due_jobs(60, 10)) == [DueJob(key, "notify", "e_1", 1)]


def test_marking_twice_counts_once(sync_graph: Graph) -> None:
    key = _open(sync_graph, "e_1", 30)

    assert [sync_graph.run(mark_enqueued({key: 60}, now=30)) for _ in range(2)] == [1, 0]


def test_a_closed_job_is_not_due_and_cannot_be_marked(sync_graph: Graph) -> None:
    key = _open(sync_graph, "e_1", 30)

    assert sync_graph.run(_make_tag(key))
    assert sync_graph.run(mark_enqueued({key: 60}, now=30)) == 0
    assert sync_graph.run(due_jobs(99, 10)) == []


def test_a_job_closed_twice_has_its_effect_once(sync_graph: Graph) -> None:
    key = _open(sync_graph, "e_1", 30)

    assert [sync_graph.run(_make_tag(key)) for _ in range(2)] == [True, False]
    assert run(sync_graph, "MATCH (t:Tag) RETURN count(t) AS n") == [{"n": 1}]


def test_a_job_closed_by_many_at_once_has_its_effect_once(sync_graph: Graph) -> None:
    key = _open(sync_graph, "e_1", 30)

    with ThreadPoolExecutor(8) as pool:
        closed = list(pool.map(lambda _: sync_graph.run(_make_tag(key)), range(16)))

    assert sorted(closed) == [False] * 15 + [True]


def test_a_job_that_finds_nothing_to_do_is_closed(sync_graph: Graph) -> None:
    key = _open(sync_graph, "e_1", 30)

    assert sync_graph.run(close_job(key, 50, "MATCH (t:Tag) SET t.name = 'x'\n", {}))
    assert sync_graph.run(due_jobs(99, 10)) == []


def test_an_unknown_job_has_no_effect(sync_graph: Graph) -> None:
    assert not sync_graph.run(_make_tag("e_9:notify"))
    assert run(sync_graph, "MATCH (t:Tag) RETURN count(t) AS n") == [{"n": 0}]
