"""On RabbitMQ jobs fare as they do on Redis."""

from collections.abc import Callable, Iterator

import pytest
from celery import Celery
from kombu import pools

from graph.ids import now_ms
from graph.runner import Graph
from local.process import Process
from tests.graph.world import run
from tests.workers.conftest import (
    RELAY,
    WORKER,
    eventually,
    notification_count,
    open_job_count,
    terminate,
)
from tests.workers.rabbit import RabbitServer, missing
from tests.workers.test_dead_letters import DEADLY, letters, like, poison
from tests.workers.test_heartbeat import check_each_worker_shows_itself
from tests.workers.test_queues import check_figures_overtake
from workers.celery import make_app
from workers.settings import WorkerSettings

pytestmark = pytest.mark.slow
Start = Callable[..., Process]


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


@pytest.fixture
def amqp(rabbit: RabbitServer, redis_url: str) -> Iterator[Celery]:
    app = make_app(WorkerSettings(redis_url=redis_url, broker_url=rabbit.url))
    with app.connection_for_write() as connection:
        for queue in app.amqp.queues.values():
            queue(connection.default_channel).declare()
            queue(connection.default_channel).purge()
    yield app
    pools.reset()
    app.close()


@pytest.fixture(name="start")
def _start(start: Start, rabbit: RabbitServer) -> Start:
    return lambda *command: start("env", f"NEXUS_BROKER_URL={rabbit.url}", *command)


def _tidied(graph: Graph) -> int:
    return len(run(graph, "MATCH (j:Job {key: 'schedule:prune'}) WHERE j.done_at > 0 RETURN j"))


def test_poison_becomes_dead_letters_and_stops_nothing(
    world: Graph, amqp: Celery, start: Start
) -> None:
    expected = poison(world, amqp)
    relay, worker = start(*RELAY), start(*DEADLY)
    like(world, "u_bob")

    eventually(lambda: notification_count(world) == 1)
    eventually(lambda: letters(world) == expected, timeout_s=90)
    for _ in range(2):
        amqp.send_task("prune", args=[now_ms()])
    like(world, "u_carol")
    eventually(lambda: notification_count(world) == 2)
    eventually(lambda: _tidied(world))

    assert terminate(worker) == 0
    assert terminate(relay) == 0


def test_figures_do_not_wait_behind_jobs(world: Graph, amqp: Celery, start: Start) -> None:
    check_figures_overtake(world, amqp, start, 2_000)


def test_each_worker_shows_itself(world: Graph, amqp: Celery, start: Start) -> None:
    check_each_worker_shows_itself(world, amqp, start)


@pytest.mark.usefixtures("amqp")
def test_relay_and_worker_outlive_a_rabbitmq_that_was_killed(
    world: Graph, start: Start, rabbit: RabbitServer
) -> None:
    relay, worker = start(*RELAY), start(*WORKER)
    like(world, "u_bob")
    eventually(lambda: notification_count(world) == 1)

    rabbit.kill()
    like(world, "u_carol")
    rabbit.start()
    rabbit.wait_ready(120)

    eventually(lambda: notification_count(world) == 2, timeout_s=90)
    eventually(lambda: not open_job_count(world))
    assert relay.is_running
    assert worker.is_running
