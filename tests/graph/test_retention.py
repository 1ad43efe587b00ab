"""Old things go, open work stays, and the history says where it now begins."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.events import EventKind
from graph.notify import notify
from graph.outbox import number_pending
from graph.retention import (
    prune_events,
    prune_idempotency_keys,
    prune_notifications,
    prune_sessions,
)
from graph.runner import Graph
from graph.streams import StreamBounds, read_bounds, read_events
from graph.tally import tally
from tests.graph.world import emit, run

pytestmark = pytest.mark.usefixtures("clean")


def _history(graph: Graph) -> tuple[int, int, int]:
    (row,) = run(
        graph,
        """\
RETURN COUNT { (:Event) } AS events, COUNT { (:StreamEntry) } AS entries,
       COUNT { (:Job) } AS jobs""",
    )
    return (int(str(row["events"])), int(str(row["entries"])), int(str(row["jobs"])))


def _number(graph: Graph, now: int) -> None:
    graph.run(number_pending(100, now=now, due_at=now))
    graph.run(tally(100))


def _work(graph: Graph) -> None:
    """Do all jobs, whatever they are."""
    run(graph, "MATCH (j:Job) SET j.done_at = 1")


def test_old_events_go_with_their_entries_and_jobs_and_the_floor_rises(sync_graph: Graph) -> None:
    old = emit(sync_graph, EventKind.POST_SHARED, "u_bob", "p_1", "p_1")
    _number(sync_graph, now=100)
    sync_graph.run(notify(old.id, now=101))
    emit(sync_graph, EventKind.POST_CREATED, "u_bob", "p_2")
    _number(sync_graph, now=200)

    assert sync_graph.run(prune_events(before=200, limit=10)) == 1

    assert _history(sync_graph) == (1, 2, 1)
    assert sync_graph.run(read_bounds()) == StreamBounds(oldest=1, newest=2)
    assert [e.position for e in sync_graph.run(read_events("posts", 0, 10)).events] == [2]


def test_an_event_with_an_open_job_stays(sync_graph: Graph) -> None:
    emit(sync_graph, EventKind.POST_SHARED, "u_bob", "p_1", "p_1")
    _number(sync_graph, now=100)

    assert sync_graph.run(prune_events(before=200, limit=10)) == 0
    assert _history(sync_graph) == (1, 1, 1)


def _tell(graph: Graph, notification: str, updated_at: int, causes: int) -> None:
    run(
        graph,
        """\
CREATE (n:Notification {id: $id, recipient_id: 'u_bob', kind: 'LIKE', created_at: 1,
                        updated_at: $updated_at})
WITH n
UNWIND range(1, $causes) AS number
CREATE (c:Cause {key: n.id + number, notification_id: n.id, recipient_id: 'u_bob'})
FOREACH (_ IN CASE WHEN number % 2 = 0 THEN [1] ELSE [] END | CREATE (c)-[:CAUSES]->(n))""",
        id=notification,
        updated_at=updated_at,
        causes=causes,
    )


def _told(graph: Graph) -> list[tuple[str, int]]:
    rows = run(
        graph,
        """\
MATCH (c:Cause) RETURN c.notification_id AS id, count(*) AS causes,
  EXISTS { MATCH (:Notification {id: c.notification_id}) } AS there ORDER BY id""",
    )
    assert all(row["there"] for row in rows)
    return [(str(row["id"]), int(str(row["causes"]))) for row in rows]


def test_old_notifications_go_with_all_that_caused_them(sync_graph: Graph) -> None:
    """Those that hold them up, and those of what was undone."""
    _tell(sync_graph, "n_old", 100, 3)
    _tell(sync_graph, "n_new", 200, 2)

    assert sync_graph.run(prune_notifications(before=200, limit=10)) == 3
    assert _told(sync_graph) == [("n_new", 2)]
    assert sync_graph.run(prune_notifications(before=200, limit=10)) == 0
    (left,) = run(sync_graph, "MATCH (n:Notification) RETURN n.id AS id")
    assert left["id"] == "n_new"


def _is_waiting(graph: Graph) -> bool:
    return bool(
        run(
            graph,
            """\
SHOW TRANSACTIONS YIELD status, currentQuery
WHERE status STARTS WITH 'Blocked' AND currentQuery STARTS WITH 'MATCH (notification'
RETURN status""",
        )
    )


def test_a_notification_that_somebody_joins_meanwhile_stays(sync_graph: Graph) -> None:
    _tell(sync_graph, "n_joined", 100, 2)
    with (
        ThreadPoolExecutor(1) as pool,
        sync_graph.driver.session() as session,
        session.begin_transaction() as joining,
    ):
        joining.run("MATCH (n:Notification) SET n.updated_at = 300").consume()
        removed = pool.submit(sync_graph.run, prune_notifications(before=200, limit=10))
        while not _is_waiting(sync_graph):
            assert not removed.done()
        joining.commit()

        assert removed.result() == 0
    assert _told(sync_graph) == [("n_joined", 2)]
    assert run(sync_graph, "MATCH (n:Notification) RETURN n.updated_at AS at") == [{"at": 300}]


def test_a_notification_of_many_goes_in_batches(sync_graph: Graph) -> None:
    _tell(sync_graph, "n_crowd", 100, 7)

    assert sync_graph.run(prune_notifications(before=200, limit=3)) == 3
    assert _told(sync_graph) == [("n_crowd", 4)]
    assert sync_graph.run(prune_notifications(before=200, limit=3)) == 3
    assert sync_graph.run(prune_notifications(before=200, limit=3)) == 1
    assert run(sync_graph, "MATCH (n:Notification|Cause) RETURN n") == []


def test_a_pending_event_stays(sync_graph: Graph) -> None:
    emit(sync_graph, EventKind.POST_CREATED, "u_bob", "p_1")

    assert sync_graph.run(prune_events(before=10**15, limit=10)) == 0
    assert sync_graph.run(read_bounds()) == StreamBounds(oldest=0, newest=0)


def test_events_go_in_batches_from_the_oldest(sync_graph: Graph) -> None:
    for n in range(5):
        emit(sync_graph, EventKind.POST_CREATED, "u_bob", f"p_{n}")
        _number(sync_graph, now=100 + n)
    _work(sync_graph)

    assert sync_graph.run(prune_events(before=200, limit=3)) == 3
    assert sync_graph.run(read_bounds()).oldest == 3
    assert sync_graph.run(prune_events(before=200, limit=3)) == 2
    assert sync_graph.run(prune_events(before=200, limit=3)) == 0
    assert sync_graph.run(read_bounds()) == StreamBounds(oldest=5, newest=5)


def test_two_prunings_at_once_remove_each_event_once(sync_graph: Graph) -> None:
    for n in range(50):
        emit(sync_graph, EventKind.POST_CREATED, "u_bob", f"p_{n}")
    _number(sync_graph, now=100)
    _work(sync_graph)

    with ThreadPoolExecutor(4) as pool:
        removed = list(pool.map(lambda _: sync_graph.run(prune_events(200, 20)), range(4)))

    assert sum(removed) == 50
    assert _history(sync_graph) == (0, 0, 0)


def test_idempotency_keys_go_by_age(sync_graph: Graph) -> None:
    run(sync_graph, "UNWIND [99, 100] AS t CREATE (:IdempotencyKey {key: '' + t, created_at: t})")

    assert sync_graph.run(prune_idempotency_keys(before=100, limit=10)) == 1
    assert run(sync_graph, "MATCH (k:IdempotencyKey) RETURN k.key AS key") == [{"key": "100"}]


def test_sessions_go_by_expiry(sync_graph: Graph) -> None:
    run(sync_graph, "UNWIND [99, 100] AS t CREATE (:Session {id: 's_' + t, expires_at: t})")

    assert sync_graph.run(prune_sessions(before=100, limit=10)) == 1
    assert run(sync_graph, "MATCH (s:Session) RETURN s.id AS id") == [{"id": "s_100"}]


def test_sessions_removed_by_two_at_once_go_without_error(sync_graph: Graph) -> None:
    run(sync_graph, "UNWIND range(1, 400) AS t CREATE (:Session {id: 's_' + t, expires_at: t})")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: sync_graph.run(prune_sessions(1000, 100)), range(8)))

    assert run(sync_graph, "MATCH (s:Session) RETURN count(s) AS n") == [{"n": 0}]
