"""Pruning removes what is past its time, in as many batches as it takes."""

import pytest

from graph.runner import Graph
from tests.graph.world import run
from workers.prune import prune_all
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

    assert pruned == {"events": 1200, "idempotency_keys": 1200, "sessions": 1}
    assert prune_all(sync_graph, WorkerSettings(), _NOW) == dict.fromkeys(pruned, 0)
    (left,) = run(
        sync_graph,
        """\
RETURN COUNT { (:IdempotencyKey) } AS keys, COUNT { (:Session) } AS sessions,
       COUNT { (:StreamEntry) } AS entries""",
    )
    assert left == {"keys": 1, "sessions": 1, "entries": 0}
