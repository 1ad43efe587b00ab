"""A worker tells how its tasks fare, whichever of its processes ran them, and what waits."""

from collections.abc import Callable
from typing import Final

import httpx
from celery import Celery
from prometheus_client.parser import text_string_to_metric_families

from graph.runner import Graph
from local.ports import free_ports
from local.process import Process
from tests.graph.world import run
from tests.workers.conftest import eventually
from tests.workers.test_dead_letters import DEADLY, JOB

Figures = dict[tuple[str, ...], float]
_DONE: Final = ("nexus_task_seconds_count", "heartbeat", "done")
_FAILED: Final = ("nexus_task_seconds_count", "boom", "failed")
_DIED: Final = ("nexus_jobs_died_total", "boom")
_WAITING: Final = ("nexus_queue_messages",)


def _scrape(port: int) -> Figures:
    try:
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    except httpx.TransportError:
        return {}
    return {
        (sample.name, *(sample.labels[n] for n in ("task", "outcome") if n in sample.labels)): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_worker_serves_its_figures(
    world: Graph, broker: Celery, start: Callable[..., Process]
) -> None:
    (port,) = free_ports(1)
    run(world, JOB, id="e_boom", name="boom")
    start("env", f"NEXUS_METRICS_PORT={port}", "NEXUS_JOB_MAX_ATTEMPTS=1", *DEADLY)
    for slot in (60, 60, 120):
        broker.send_task("heartbeat", args=[slot])
    broker.send_task("boom", args=["e_boom"])

    eventually(lambda: _scrape(port).get(_DIED))
    found = _scrape(port)

    assert (found[_DONE], found[_FAILED], found[_DIED]) == (2, 1, 1)
    assert found[_WAITING] == 0
    seen = run(world, "MATCH (h:Heartbeat) RETURN h.name STARTS WITH 'celery@' AS is_named")
    assert seen == [{"is_named": True}]
