"""Every worker shows that it works, whatever its queues, and one that does not is missed."""

import os
import signal
from collections.abc import Callable
from typing import Final

import pytest
from celery import Celery

from graph.health import probe_health
from graph.runner import Graph
from local.ephemeral import Servers
from local.process import Process
from tests.graph.world import run
from tests.workers.conftest import BEAT, WORKER, eventually, terminate
from workers.celery import make_app
from workers.queues import DELIVERIES, FIGURES, QUEUE, message_count
from workers.settings import WorkerSettings

Start = Callable[..., Process]
_JOBS: Final = (*WORKER, "--queues", f"{QUEUE},{FIGURES}", "--hostname", "jobs@x")
_WEBHOOKS: Final = (*WORKER, "--queues", DELIVERIES, "--hostname", "webhooks@x")
_BOTH: Final = {"jobs@x", "webhooks@x"}


def _seen(graph: Graph) -> dict[str, int]:
    return {each.name: each.seen_at for each in graph.run(probe_health()).workers}


def _forget_when(graph: Graph) -> None:
    run(graph, "MATCH (beat:Heartbeat) SET beat.at = timestamp() - 100000")


def _are_all_heard(graph: Graph, broker: Celery) -> bool:
    """Send a heartbeat, and tell whether nobody is silent."""
    broker.send_task("heartbeat")
    health = graph.run(probe_health())
    return not any(map(health.is_silent, health.workers))


def check_each_worker_shows_itself(world: Graph, broker: Celery, start: Start) -> None:
    """Let two workers of different queues live, one of them behind a long queue, and stop one."""
    for n in range(500):
        broker.send_task("notify", args=[f"e_none_{n}"])
    processes = [start(*_JOBS), start(*_WEBHOOKS)]
    try:
        eventually(lambda: {*_seen(world)} == _BOTH)
        _forget_when(world)
        eventually(lambda: _are_all_heard(world, broker))
        assert message_count(broker, QUEUE) > 100
    finally:
        broker.control.purge()

    assert terminate(processes[1]) == 0
    assert {*_seen(world)} == {"jobs@x"}, "one that stops is not missed"


def test_each_worker_shows_itself(world: Graph, broker: Celery, start: Start) -> None:
    check_each_worker_shows_itself(world, broker, start)


def test_a_worker_that_hangs_is_missed_beside_one_that_works(
    world: Graph, broker: Celery, start: Start
) -> None:
    worker, _ = start(*_WEBHOOKS), start(*_JOBS)
    eventually(lambda: {*_seen(world)} == _BOTH)
    os.kill(worker.pid, signal.SIGSTOP)
    _forget_when(world)

    def silent() -> set[str]:
        broker.send_task("heartbeat")
        health = world.run(probe_health())
        return {each.name for each in health.workers if health.is_silent(each)}

    eventually(lambda: silent() == {"webhooks@x"})
    os.kill(worker.pid, signal.SIGCONT)
    eventually(lambda: not silent())


def test_workers_go_on_to_show_themselves_when_redis_lost_its_data(
    world: Graph, broker: Celery, start: Start, servers: Servers
) -> None:
    start(*_WEBHOOKS)
    eventually(lambda: {*_seen(world)} == {"webhooks@x"})

    servers.redis.wipe()
    _forget_when(world)

    eventually(lambda: _are_all_heard(world, broker))


def test_beat_asks_every_worker(world: Graph, start: Start) -> None:
    start(*_WEBHOOKS)
    eventually(lambda: {*_seen(world)} == {"webhooks@x"})
    _forget_when(world)
    start(*BEAT)

    def is_heard() -> bool:
        health = world.run(probe_health())
        return not any(map(health.is_silent, health.workers))

    eventually(is_heard)


@pytest.mark.unit
def test_a_heartbeat_waits_for_nobody_until_it_is_too_old() -> None:
    entry = make_app(WorkerSettings()).conf.beat_schedule["heartbeat"]
    assert "options" not in entry, "one that comes late shows as much, and no clock drops it"
