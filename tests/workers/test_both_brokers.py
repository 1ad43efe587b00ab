"""On Redis and on RabbitMQ alike jobs are done once, whatever becomes of workers and messages."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from kombu import pools

from graph.events import EventKind
from graph.jobs import job_key
from graph.outbox import number_pending
from graph.runner import Graph
from local.ephemeral import Servers
from local.process import Process
from tests.faults.stage import children
from tests.graph.world import POST, add_edge, emit, run
from tests.workers.conftest import (
    BEAT,
    RELAY,
    WORKER,
    eventually,
    log_of,
    notification_count,
    open_job_count,
)
from tests.workers.rabbit import RabbitServer, missing
from workers.celery import make_app
from workers.queues import DELIVERIES, QUEUE, message_count
from workers.settings import WorkerSettings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
Start = Callable[..., Process]
_LATER = 10**15
_BLOCKED = """\
SHOW TRANSACTIONS YIELD status, currentQuery
WHERE status STARTS WITH 'Blocked' AND currentQuery CONTAINS 'job.done_at'
RETURN status"""


class Broker:
    """A broker, ways to reach it, and a way to have it lose everything."""

    def __init__(self, redis_url: str, url: str, wipe: Callable[[], None]) -> None:
        self.app = make_app(WorkerSettings(redis_url=redis_url, broker_url=url))
        self.url = url
        self.wipe = wipe

    def empty(self) -> None:
        """Declare all queues, and empty them."""
        with self.app.connection_for_write() as connection:
            for queue in self.app.amqp.queues.values():
                queue(connection.default_channel).declare()
                queue(connection.default_channel).purge()


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    reason = missing()
    if reason:
        pytest.skip(reason)
    server = RabbitServer(tmp_path_factory.mktemp("rabbit"))
    try:
        server.start()
        server.wait_ready(120)
        yield server
    finally:
        server.end()


@pytest.fixture(params=["Redis", "RabbitMQ"])
def broker(request: pytest.FixtureRequest, servers: Servers, world: Graph) -> Iterator[Broker]:  # noqa: ARG001
    if request.param == "Redis":
        found = Broker(servers.redis_url, servers.redis_url, servers.redis.wipe)
    else:
        rabbit: RabbitServer = request.getfixturevalue("rabbit")
        found = Broker(servers.redis_url, rabbit.url, rabbit.wipe)
    found.empty()
    yield found
    pools.reset()
    found.app.close()


@pytest.fixture(name="start")
def _start(start: Start, broker: Broker) -> Start:
    return lambda *command: start("env", f"NEXUS_BROKER_URL={broker.url}", *command)


def _like(graph: Graph, actor_id: str = "u_dan") -> str:
    add_edge(graph, actor_id, "LIKED", POST)
    return emit(graph, EventKind.POST_LIKED, actor_id, POST, POST).id


@pytest.mark.parametrize("victim", ["worker", "child"])
def test_what_is_killed_in_the_middle_of_a_task_tells_once(
    world: Graph, broker: Broker, start: Start, victim: str
) -> None:
    event_id = _like(world)
    world.run(number_pending(10, now=1, due_at=_LATER))
    worker = start(*WORKER)
    with world.driver.session() as session, session.begin_transaction() as held:
        key = job_key(event_id, "notify")
        held.run("MATCH (j:Job {key: $key}) SET j.lk = true", key=key).consume()
        broker.app.send_task("notify", args=[event_id])
        eventually(lambda: run(world, _BLOCKED))
        if victim == "worker":
            worker.kill()
        else:
            for pid in children(worker.pid):
                os.kill(pid, signal.SIGKILL)
        assert notification_count(world) == 0
    run(world, "MATCH (j:Job) SET j.due_at = 1")

    start(*RELAY)
    if victim == "worker":
        start(*WORKER)

    eventually(lambda: notification_count(world) == 1, timeout_s=150)
    eventually(lambda: not open_job_count(world), timeout_s=150)
    time.sleep(1)
    assert notification_count(world) == 1


def test_a_message_that_comes_again_and_again_tells_once(
    world: Graph, broker: Broker, start: Start
) -> None:
    event_id = _like(world)
    world.run(number_pending(10, now=1, due_at=_LATER))
    for _ in range(5):
        broker.app.send_task("notify", args=[event_id])
    worker = start(*WORKER, "--concurrency", "2")

    eventually(lambda: log_of(worker).count('"event": "attempt not begun"') == 4)
    eventually(lambda: notification_count(world))
    assert notification_count(world) == 1


def test_a_broker_that_lost_its_data_loses_no_job(
    world: Graph, broker: Broker, start: Start
) -> None:
    """What was sent is gone with it, and is sent again by the sweep."""
    event_id = _like(world)
    world.run(number_pending(10, now=1, due_at=1))
    broker.app.send_task("notify", args=[event_id])
    broker.wipe()
    pools.reset()

    start(*RELAY)
    start(*WORKER)

    eventually(lambda: notification_count(world) == 1)
    eventually(lambda: not open_job_count(world))


def test_relay_and_worker_outlive_a_broker_that_lost_its_data(
    world: Graph, broker: Broker, start: Start
) -> None:
    relay, worker = start(*RELAY), start(*WORKER)
    _like(world, "u_bob")
    eventually(lambda: notification_count(world) == 1)

    broker.wipe()
    _like(world, "u_carol")

    eventually(lambda: notification_count(world) == 2, timeout_s=90)
    eventually(lambda: not open_job_count(world))
    assert relay.is_running
    assert worker.is_running


@pytest.mark.usefixtures("world")
def test_two_beats_have_each_slot_done_once(start: Start) -> None:
    worker = start(*WORKER)
    for _ in range(2):
        start(*BEAT)

    def slots(event: str) -> list[int]:
        lines = (line for line in log_of(worker).splitlines() if line.startswith("{"))
        told = [json.loads(line) for line in lines]
        return [
            each["slot"] for each in told if each.get("task") == "prune" and each["event"] == event
        ]

    eventually(lambda: slots("attempt not begun"))
    eventually(lambda: slots("pruned"))
    assert len(slots("pruned")) == len({*slots("pruned")})


def test_deliveries_have_a_queue_of_their_own(world: Graph, broker: Broker, start: Start) -> None:
    """While nobody takes them, everything else is done; who takes them takes nothing else."""
    for n in range(20):
        broker.app.send_task("webhook", args=[f"e_none_{n}"])
    start(*WORKER, "--queues", QUEUE)
    event_id = _like(world)
    world.run(number_pending(10, now=1, due_at=_LATER))
    broker.app.send_task("notify", args=[event_id])
    eventually(lambda: notification_count(world) == 1)
    assert message_count(broker.app, DELIVERIES) == 20

    start(*WORKER, "--queues", DELIVERIES, "--hostname", "webhooks@%h")
    eventually(lambda: message_count(broker.app, DELIVERIES) == 0)
