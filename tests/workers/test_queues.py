"""A server of a stranger's that hangs delays other strangers', and nothing of ours."""

import socket
from collections.abc import Callable, Iterator
from itertools import chain

import pytest
from celery import Celery

from adapters.sealing import Seal
from graph.events import EventKind
from graph.outbox import number_pending
from graph.runner import Graph
from local.process import Process
from local.services import processes
from tests.graph.hours import stored
from tests.graph.world import POST, add_comment, emit, run
from tests.workers.conftest import RELAY, WORKER, eventually, notification_count
from tests.workers.test_dead_letters import like
from workers.celery import SCHEDULES, make_app
from workers.queues import DELIVERIES, FIGURES, HEARTBEATS, QUEUE, QUEUES, message_count
from workers.settings import WorkerSettings

_KEY = "a-key-of-the-tests-that-is-long-enough"
_WEBHOOK = """\
MATCH (alice:User {id: 'u_alice'})
CREATE (:Webhook {id: 'h_1', k: '1', user_id: alice.id, url: $url, secret: $secret,
                  kinds: ['LIKE']})
CREATE (n:Notification {id: 'n_1', k: '1', recipient_id: alice.id, kind: 'LIKE', created_at: 1,
                        updated_at: 1, subject_id: 'p_1'})
CREATE (:Cause {key: 'c', notification_id: 'n_1', recipient_id: alice.id, actor_id: 'u_bob',
                k: '1'})-[:CAUSES]->(n)"""
_BEFORE = """\
MATCH (d:Job {name: 'webhook'}) WHERE d.attempt IS NOT NULL
MATCH (n:Job {name: 'notify'}) WHERE n.first_at > d.last_at AND n.done_at > 0
RETURN d.key AS key"""


@pytest.fixture
def hanging() -> Iterator[socket.socket]:
    """Give a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(60)
        yield server


@pytest.mark.unit
def test_a_delivery_has_a_queue_of_its_own_and_everything_else_the_other() -> None:
    router = make_app(WorkerSettings()).amqp.router
    assert router.route({}, "webhook")["queue"].name == DELIVERIES
    for name in ("tally", *SCHEDULES):
        assert router.route({}, name)["queue"].name == FIGURES
    assert router.route({}, "heartbeat")["exchange"] is HEARTBEATS
    for name in ("notify", "thumbnail", "bury"):
        assert router.route({}, name)["queue"].name == QUEUE


@pytest.mark.unit
def test_each_queue_has_one_worker() -> None:
    commands = [process.command for process in processes({}, 8000)]
    taken = [each[each.index("--queues") + 1].split(",") for each in commands if "worker" in each]
    assert sorted(map(sorted, taken)) == [[QUEUE, FIGURES], [DELIVERIES]]
    assert {*chain(*taken)} == {*QUEUES}


def test_a_receiver_that_hangs_delays_no_notification(
    world: Graph, start: Callable[..., Process], hanging: socket.socket
) -> None:
    url = f"http://127.0.0.1:{hanging.getsockname()[1]}/"
    run(world, _WEBHOOK, url=url, secret=Seal([_KEY]).seal("whsec_MTIz"))
    allowed = ("NEXUS_WEBHOOK_ALLOW_HTTP=1", "NEXUS_WEBHOOK_ALLOW_PRIVATE=1")
    settings = (*allowed, f"NEXUS_WEBHOOK_KEY={_KEY}", "NEXUS_WEBHOOK_TIMEOUT_S=20")
    patient = ("env", *settings, "NEXUS_NEO4J_TIMEOUT_S=20", *WORKER)
    start(*patient, "--queues", DELIVERIES, "--hostname", "webhooks@%h")
    start(*patient, "--queues", QUEUE)
    start(*RELAY)
    told = notification_count(world)
    like(world, "u_dan")
    eventually(lambda: notification_count(world) == told + 1)

    emit(world, EventKind.WEBHOOK_DUE, "h_1", "n_1")
    with hanging.accept()[0]:
        like(world, "u_carol")
        eventually(lambda: notification_count(world) == told + 2)
        assert run(world, _BEFORE), "it was told while a delivery hung"


def check_figures_overtake(
    world: Graph, broker: Celery, start: Callable[..., Process], many: int
) -> None:
    """Let many jobs wait, then ask for figures: these are there while nearly all others wait."""
    for n in range(many):
        broker.send_task("notify", args=[f"e_none_{n}"])
    add_comment(world, "c_new", "u_carol", POST)
    emit(world, EventKind.COMMENT_CREATED, "u_carol", "c_new", POST)
    world.run(number_pending(10, now=1, due_at=10**15))
    broker.send_task("tally")
    try:
        start(*WORKER, "--queues", f"{QUEUE},{FIGURES}")
        eventually(lambda: ("PostHour", POST, 0) in stored(world))
        assert message_count(broker, QUEUE) > many // 2
    finally:
        broker.control.purge()


def test_figures_do_not_wait_behind_jobs(
    world: Graph, broker: Celery, start: Callable[..., Process]
) -> None:
    check_figures_overtake(world, broker, start, 2_000)


def test_the_messages_of_each_queue_are_counted(broker: Celery) -> None:
    before = {queue: message_count(broker, queue) for queue in QUEUES}
    broker.send_task("webhook", args=["e_1"])
    after = {queue: message_count(broker, queue) for queue in QUEUES}
    assert after == {**before, DELIVERIES: before[DELIVERIES] + 1}
