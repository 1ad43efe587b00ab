"""Workers tell how their tasks fare, relays how far they are, and beats what they sent."""

from collections.abc import Callable
from threading import Event
from typing import Final

from celery import Celery

from graph.events import EventKind
from graph.runner import Graph
from local.ports import free_ports
from local.process import Process
from tests.graph.world import emit, run
from tests.workers.conftest import BEAT, RELAY, eventually, scrape
from tests.workers.test_dead_letters import DEADLY, JOB
from workers.leadership import Leadership
from workers.relay_figures import RelayCollector
from workers.settings import WorkerSettings

_DONE: Final = ("nexus_task_seconds_count", "prune", "done")
_FAILED: Final = ("nexus_task_seconds_count", "boom", "failed")
_NOT_TALLIED: Final = ("nexus_task_seconds_count", "tally", "failed")
_DIED: Final = ("nexus_jobs_died_total", "boom")
_WAITING: Final = ("nexus_queue_messages",)


def test_a_worker_serves_its_figures(
    world: Graph, broker: Celery, start: Callable[..., Process]
) -> None:
    (port,) = free_ports(1)
    run(world, JOB, id="e_boom", name="boom")
    start("env", f"NEXUS_METRICS_PORT={port}", "NEXUS_JOB_MAX_ATTEMPTS=1", *DEADLY)
    for slot in (60, 60, 120):
        broker.send_task("prune", args=[slot])
    broker.send_task("tally", kwargs={"much": 1})
    broker.send_task("boom", args=["e_boom"])

    eventually(lambda: scrape(port).get(_DIED))
    eventually(lambda: scrape(port).get(_DONE) == 2)
    eventually(lambda: scrape(port).get(_NOT_TALLIED) == 1)
    found = scrape(port)

    assert (found[_DONE], found[_FAILED], found[_DIED]) == (2, 1, 1)
    assert found[_WAITING] == 0
    seen = run(world, "MATCH (h:Heartbeat) RETURN h.name STARTS WITH 'celery@' AS is_named")
    assert seen == [{"is_named": True}]


def test_a_relay_and_a_beat_serve_theirs(world: Graph, start: Callable[..., Process]) -> None:
    relay_port, beat_port = free_ports(2)
    emit(world, EventKind.USER_FOLLOWED, "u_bob", "u_alice")
    start("env", f"NEXUS_METRICS_PORT={relay_port}", *RELAY)
    start("env", f"NEXUS_METRICS_PORT={beat_port}", *BEAT)

    eventually(lambda: scrape(relay_port).get(("nexus_messages_sent_total", "notify")))
    found = scrape(relay_port)
    assert found["nexus_events_numbered_total",] == 1
    assert found["nexus_relay_holds_lease",] == 1
    assert found["nexus_outbox_pending",] == found["nexus_outbox_age_seconds",] == 0
    eventually(lambda: scrape(beat_port).get(("nexus_messages_sent_total", "heartbeat")))


def test_a_standby_says_that_it_does_not_lead_and_tells_of_the_outbox(
    world: Graph, settings: WorkerSettings
) -> None:
    emit(world, EventKind.USER_FOLLOWED, "u_bob", "u_alice")
    leader, standby = (Leadership(world, settings.relay_lease_s, Event()) for _ in range(2))
    for each in (leader, standby):
        each.ask()

    def told(leadership: Leadership) -> dict[str, float]:
        collected = RelayCollector(world, leadership).collect()
        return {family.name: family.samples[0].value for family in collected}

    assert [told(each)["nexus_relay_holds_lease"] for each in (leader, standby)] == [1, 0]
    assert told(standby)["nexus_outbox_pending"] == 1
    assert told(standby)["nexus_outbox_age_seconds"] > 0
