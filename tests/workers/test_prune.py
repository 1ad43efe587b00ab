"""Pruning removes what is past its time, in as many batches as it takes."""

import pytest

from graph.runner import Graph
from graph.settings import GraphSettings
from tests.graph.world import run
from workers.celery import _PRUNE_EVERY_MIN, _TASK_LIMIT_S
from workers.prune import BUDGET_S, _batches, prune_all
from workers.settings import WorkerSettings

pytestmark = pytest.mark.usefixtures("clean")
_HOUR_MS = 3_600_000
_NOW = 100 * _HOUR_MS


def test_everything_past_its_time_goes_and_nothing_else(sync_graph: Graph) -> None:
    run(
        sync_graph,
        """\
UNWIND range(1, 1200) AS n
CREATE (:IdempotencyKey {key: 'old' + n, created_at: $now - 26 * $hour})
CREATE (:Event {id: 'e_' + n, kind: 'PostCreated', position: n, channels: ['posts'],
                numbered_at: $now - 25 * $hour})
CREATE (:StreamEntry {channel: 'posts', position: n, event_id: 'e_' + n})""",
        now=_NOW,
        hour=_HOUR_MS,
    )
    run(sync_graph, "MATCH (tally:Counter {name: 'tally'}) SET tally.value = 1200")
    run(
        sync_graph,
        """\
CREATE (:IdempotencyKey {key: 'young', created_at: $now - 24 * $hour})
CREATE (:Session {id: 's_old', expires_at: $now - 2 * $hour})
CREATE (:Session {id: 's_young', expires_at: $now})""",
        now=_NOW,
        hour=_HOUR_MS,
    )

    pruned = prune_all(sync_graph, WorkerSettings(), _NOW)

    assert pruned == {
        "events": 1200,
        "idempotency_keys": 1200,
        "notifications": 0,
        "sessions": 1,
        "dead_letters": 0,
    }
    assert prune_all(sync_graph, WorkerSettings(), _NOW) == dict.fromkeys(pruned, 0)
    (left,) = run(
        sync_graph,
        """\
RETURN COUNT { (:IdempotencyKey) } AS keys, COUNT { (:Session) } AS sessions,
       COUNT { (:StreamEntry) } AS entries""",
    )
    assert left == {"keys": 1, "sessions": 1, "entries": 0}


def _old_keys(graph: Graph, count: int) -> None:
    run(
        graph,
        "UNWIND range(1, $count) AS n CREATE (:IdempotencyKey {key: 'k' + n, created_at: 1})",
        count=count,
    )


def test_more_than_any_number_of_batches_goes_in_one_task(sync_graph: Graph) -> None:
    """A cap of 40 batches let the graph grow for ever where more was written than that."""
    _old_keys(sync_graph, 41 * 500)

    assert prune_all(sync_graph, WorkerSettings(), _NOW)["idempotency_keys"] == 41 * 500


def test_when_time_is_up_every_kind_has_had_its_turn(sync_graph: Graph) -> None:
    _old_keys(sync_graph, 1100)
    run(sync_graph, "CREATE (:Session {id: 's_old', expires_at: 1})")

    rounds = [prune_all(sync_graph, WorkerSettings(), _NOW, budget_s=0) for _ in range(3)]

    assert [each["idempotency_keys"] for each in rounds] == [500, 500, 100]
    assert rounds[0]["sessions"] == 1


def test_a_task_ends_before_it_is_killed_and_before_the_next_begins() -> None:
    longest_round_s = len(_batches(WorkerSettings(), _NOW)) * GraphSettings().neo4j_timeout_s
    assert BUDGET_S + longest_round_s <= _TASK_LIMIT_S
    assert BUDGET_S + longest_round_s < _PRUNE_EVERY_MIN * 60
