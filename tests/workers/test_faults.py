"""What is acknowledged is told exactly once, whoever is killed in between."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from celery import Celery

from graph.events import EventKind
from graph.jobs import job_key
from graph.outbox import number_pending
from graph.runner import Graph
from graph.streams import read_bounds
from local.ephemeral import Servers
from local.process import Process
from tests.graph.world import POST, add_comment, add_edge, emit, run
from tests.workers.conftest import (
    RELAY,
    WORKER,
    eventually,
    log_of,
    notification_count,
    open_job_count,
    terminate,
)
from tests.workers.test_dead_letters import DEADLY, JOB

Start = Callable[..., Process]
_LATER = 10**15


def _like(graph: Graph, actor_id: str = "u_dan") -> str:
    add_edge(graph, actor_id, "LIKED", POST)
    return emit(graph, EventKind.POST_LIKED, actor_id, POST, POST).id


@contextmanager
def _locked(graph: Graph, event_id: str) -> Iterator[None]:
    """Hold the lock of an event's job, so that its task stops in the middle of its statement."""
    with graph.driver.session() as session, session.begin_transaction() as held:
        held.run("MATCH (j:Job {key: $key}) SET j.lk = true", key=job_key(event_id, "notify"))
        yield


def _newest(graph: Graph) -> int:
    return graph.run(read_bounds()).newest


def _somebody_waits_for_a_lock(graph: Graph) -> bool:
    return bool(
        run(
            graph,
            """\
SHOW TRANSACTIONS YIELD status, currentQuery
WHERE status STARTS WITH 'Blocked' AND currentQuery CONTAINS 'job.done_at'
RETURN status""",
        )
    )


@pytest.mark.slow  # it waits until the attempt that was killed is given up
def test_a_worker_killed_in_the_middle_of_its_task_tells_once(
    world: Graph, broker: Celery, start: Start
) -> None:
    event_id = _like(world)
    world.run(number_pending(10, now=1, due_at=_LATER))
    worker = start(*WORKER)
    with _locked(world, event_id):
        broker.send_task("notify", args=[event_id])
        eventually(lambda: _somebody_waits_for_a_lock(world))
        worker.kill()
        assert notification_count(world) == 0
    run(world, "MATCH (j:Job) SET j.due_at = 1")

    start(*RELAY)
    start(*WORKER)

    eventually(lambda: not open_job_count(world))
    time.sleep(1)
    assert notification_count(world) == 1


def test_redis_that_lost_its_data_before_the_worker_ran_loses_no_notification(
    world: Graph, broker: Celery, start: Start, servers: Servers
) -> None:
    event_id = _like(world)
    relay = start(*RELAY)
    eventually(lambda: not run(world, "MATCH (e:Event) WHERE e.pending > '' RETURN e"))
    broker.send_task("notify", args=[event_id])

    servers.redis.wipe()
    worker = start(*WORKER)

    eventually(lambda: not open_job_count(world))
    assert notification_count(world) == 1
    assert terminate(worker) == 0
    assert terminate(relay) == 0


def test_relay_and_worker_outlive_a_redis_that_lost_its_data(
    world: Graph, start: Start, servers: Servers
) -> None:
    relay, worker = start(*RELAY), start(*WORKER)
    _like(world, "u_bob")
    eventually(lambda: notification_count(world) == 1)

    servers.redis.wipe()
    _like(world, "u_carol")

    eventually(lambda: notification_count(world) == 2)
    eventually(lambda: not open_job_count(world))
    assert relay.is_running
    assert worker.is_running


def test_redis_away_stops_no_numbering(world: Graph, start: Start, servers: Servers) -> None:
    relay = start(*RELAY)
    eventually(lambda: "relay started" in log_of(relay))
    servers.redis.kill()
    try:
        for n in range(20):
            add_comment(world, f"c_x{n}", "u_carol", POST)
            emit(world, EventKind.COMMENT_CREATED, "u_carol", f"c_x{n}", POST)
        eventually(
            lambda: _newest(world) == 20,
            timeout_s=5,
        )
        assert terminate(relay) == 0
    finally:
        servers.redis.start()
        servers.redis.wait_ready()


def test_a_relay_killed_between_numbering_and_telling_loses_no_job(
    world: Graph, start: Start
) -> None:
    _like(world)
    world.run(number_pending(10, now=1, due_at=1))  # numbered, and then nothing was told

    start(*RELAY)
    start(*WORKER)

    eventually(lambda: notification_count(world) == 1)
    eventually(lambda: not open_job_count(world))


def test_many_relays_and_a_job_that_no_worker_knows_lose_and_double_nothing(
    world: Graph, start: Start
) -> None:
    run(
        world,
        """\
CREATE (:Job {key: 'e_0:dance', name: 'dance', event_id: 'e_0', due_at: 1, enqueued_count: 0})""",
    )
    for _ in range(2):
        start(*RELAY)
    start(*WORKER)
    for n in range(50):
        add_comment(world, f"c_x{n}", "u_carol", POST)
        emit(world, EventKind.COMMENT_CREATED, "u_carol", f"c_x{n}", POST)

    eventually(lambda: open_job_count(world) == 1)
    assert notification_count(world) == 50
    # Each comment and each notification has a position, and nothing else has.
    eventually(lambda: _newest(world) == 100)
    eventually(lambda: open_job_count(world) == 1)
    assert _newest(world) == 100


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_task_under_way_needs_no_broker_and_loses_no_attempt(
    world: Graph, start: Start, servers: Servers
) -> None:
    run(world, JOB, id="e_1", name="dawdle")
    start(*RELAY)
    worker = start(*DEADLY)
    eventually(lambda: run(world, "MATCH (j:Job) WHERE j.held_until > 0 RETURN j"))

    servers.redis.kill()
    eventually(lambda: "onnection to broker lost" in log_of(worker))
    servers.redis.start()
    servers.redis.wait_ready()

    eventually(lambda: not open_job_count(world))
    time.sleep(2)
    (job,) = run(world, "MATCH (j:Job {name: 'dawdle'}) RETURN j.attempt_count AS attempts")
    assert job["attempts"] == 1
    assert len(run(world, "MATCH (t:Tag) WHERE t.name STARTS WITH 'e_1:dawdle' RETURN t")) == 1
    run(world, JOB, id="e_2", name="boom")
    eventually(lambda: run(world, "MATCH (l:DeadLetter {event_id: 'e_2'}) RETURN l"))
    assert worker.is_running


@pytest.mark.slow
def test_relay_and_worker_outlive_neo4j(world: Graph, start: Start, servers: Servers) -> None:
    relay, worker = start(*RELAY), start(*WORKER)
    _like(world, "u_bob")
    eventually(lambda: notification_count(world) == 1)

    servers.neo4j.kill()
    time.sleep(1)
    servers.neo4j.start()
    servers.neo4j.wait_ready()
    _like(world, "u_carol")

    eventually(lambda: notification_count(world) == 2)
    eventually(lambda: not open_job_count(world))
    assert terminate(relay) == 0
    assert terminate(worker) == 0
