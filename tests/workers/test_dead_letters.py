"""What no worker can do ends as a dead letter, and everything else is done meanwhile."""

import json
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest
from celery import Celery
from redis import Redis

from graph.dead_letters import LostMessage, bury
from graph.events import EventKind
from graph.ids import now_ms
from graph.runner import Graph
from local.ports import free_ports
from local.process import Process
from tests.graph.world import POST, add_edge, emit, run
from tests.workers.conftest import RELAY, WORKER, eventually, log_of, notification_count, scrape
from workers.dead_letters import main
from workers.queues import QUEUE

DEADLY: Final = tuple(
    "tests.workers.deadly" if word == "workers.celery" else word for word in WORKER
)
JOB: Final = """\
CREATE (:Job {key: $id + ':' + $name, name: $name, event_id: $id, due_at: 1, enqueued_count: 0})"""
_LETTERS: Final = """\
MATCH (l:DeadLetter)
RETURN coalesce(l.job + ' ', '') + l.arguments AS about, l.error_type AS error,
       l.attempt_count AS attempts, l.error_message AS message"""


def poison(graph: Graph, broker: Celery) -> dict[str, tuple[str, int]]:
    """Open jobs that nobody can do and send messages that nobody takes; give what is to come."""
    for name in ("die", "boom", "dance"):
        run(graph, JOB, id=f"e_{name}", name=name)
    broker.send_task("notify", args=[1, 2])
    broker.send_task("notify", args=["e_none"])
    broker.send_task("tally", args=["e_1", 2])
    broker.send_task("bury", args=["1"])
    broker.send_task("waltz", args=["e_none"])
    broker.send_task("tango", args=[{"password": "pencil case"}, "redis://:pencil@host/0"])
    with broker.producer_or_acquire() as producer:
        for body, headers in (
            ("{half token=pencil", {}),
            ("{notify", {"task": "notify", "id": "1"}),
            ('"shapeless"', {"task": "notify", "id": "2"}),
        ):
            producer.publish(
                body,
                routing_key=QUEUE,
                headers=headers,
                content_type="application/json",
                content_encoding="utf-8",
            )
    return {
        'die ["e_die"]': ("WorkerLost", 3),
        'boom ["e_boom"]': ("ValueError", 3),
        'dance ["e_dance"]': ("NotRegistered", 3),
        'waltz ["e_none"]': ("NotRegistered", 1),
        "notify [1, 2]": ("TypeError", 1),
        "notify ['e_none']": ("UnknownJob", 1),
        "tally ['e_1', 2]": ("TypeError", 1),
        "bury ['1']": ("TypeError", 1),
        "notify {notify": ("DecodeError", 1),
        'notify "shapeless"': ("InvalidTaskError", 1),
        "{half token=[hidden]": ("DecodeError", 1),
        'tango [{"password": [hidden]}, "redis://[hidden]@host/0"]': ("NotRegistered", 1),
    }


def like(graph: Graph, actor_id: str) -> None:
    """Let somebody like alice's post."""
    add_edge(graph, actor_id, "LIKED", POST)
    emit(graph, EventKind.POST_LIKED, actor_id, POST, POST)


def letters(graph: Graph) -> dict[str, tuple[str, int]]:
    """Give error and attempts of all dead letters, by what they are about."""
    found: dict[str, Any] = {str(row["about"]): row for row in run(graph, _LETTERS)}
    assert "pencil" not in str(found)
    return {about: (row["error"], row["attempts"]) for about, row in found.items()}


def test_poison_becomes_dead_letters_and_stops_nothing(
    world: Graph, broker: Celery, redis_url: str, start: Callable[..., Process]
) -> None:
    expected = poison(world, broker) | {"no envelope": ("ContentDisallowed", 1)}
    with Redis.from_url(redis_url) as redis:
        redis.lpush(QUEUE, "no envelope")
    relay, worker = start(*RELAY), start(*DEADLY)
    like(world, "u_bob")

    eventually(lambda: notification_count(world) == 1)
    eventually(lambda: letters(world) == expected)
    like(world, "u_carol")
    eventually(lambda: notification_count(world) == 2)

    assert relay.is_running
    assert worker.is_running
    assert "Traceback" in log_of(worker)
    assert "pencil" not in log_of(worker)
    events = run(world, "MATCH (e:Event {kind: 'PostLiked'}) RETURN e.id AS id")
    ids = {str(row["id"]) for row in events}
    eventually(lambda: {line["event_id"] for line in _lines(relay, "job sent")} >= ids)
    eventually(lambda: {line["event_id"] for line in _lines(worker, "job done")} >= ids)
    for line in _lines(worker, "job done"):
        assert (line["attempt"], bool(UUID(line["task_id"]))) == (1, True)


def _lines(process: Process, event: str) -> list[dict[str, Any]]:
    """Give the lines of a log that tell of something."""
    told = (json.loads(line) for line in log_of(process).splitlines() if line.startswith("{"))
    return [each for each in told if each["event"] == event]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_task_that_hangs_and_a_schedule_that_kills_become_dead_letters(
    world: Graph, broker: Celery, start: Callable[..., Process]
) -> None:
    (port,) = free_ports(1)
    run(world, JOB, id="e_hang", name="hang")
    start(*RELAY)
    worker = start("env", f"NEXUS_METRICS_PORT={port}", *DEADLY)
    expected = {'hang ["e_hang"]': ("WorkerLost", 3), "vanish": ("WorkerLost", 3)}
    last = 0

    def are_dead() -> bool:
        nonlocal last
        slot = now_ms() // 1000 * 1000  # as a beat whose slots are shorter than an attempt holds
        if slot > last:
            broker.send_task("vanish", args=[slot])
            last = slot
        return {about.split(" [1")[0]: of for about, of in letters(world).items()} == expected

    eventually(are_dead, timeout_s=120)
    # A process that takes long to start may be stopped before its attempt has begun.
    eventually(lambda: scrape(port).get(("nexus_task_seconds_count", "hang", "failed"), 0) >= 3)
    found = scrape(port)
    count, seconds = (
        found[f"nexus_task_seconds_{of}", "hang", "failed"] for of in ("count", "sum")
    )
    assert seconds == count, "each was stopped at its limit of one second"
    assert "Pool callback raised exception" not in log_of(worker)
    assert "AttributeError" not in log_of(worker)


def _command(graph: Graph, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    settings = graph.settings
    monkeypatch.setenv("NEXUS_NEO4J_URI", settings.neo4j_uri)
    monkeypatch.setenv("NEXUS_NEO4J_PASSWORD", settings.neo4j_password.get_secret_value())
    return main([*arguments])


def test_an_operator_lists_reads_replays_and_discards(
    world: Graph, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for n, event in enumerate(("e_1", "e_2")):
        lost = LostMessage.of("1", "dance", event, "[]", error_type="E", error_message="no floor")
        world.run(bury(lost, n))

    assert _command(world, monkeypatch, "list", "--first", "1") == 0
    newest, more = capsys.readouterr().out.splitlines()
    assert newest.endswith("1970-01-01T00:00:00+00:00  dead  dance []  E: no floor")
    assert _command(world, monkeypatch, "list", *more.split()[1:]) == 0
    (oldest,) = capsys.readouterr().out.splitlines()
    letter_id = oldest.split()[0]
    assert _command(world, monkeypatch, "show", letter_id) == 0
    assert json.loads(capsys.readouterr().out)["event_id"] == "e_1"

    for _ in range(2):
        assert _command(world, monkeypatch, "replay", letter_id) == 0
    assert letter_id in capsys.readouterr().out
    (job,) = run(world, "MATCH (j:Job) WHERE j.due_at > 0 RETURN j.key AS key")
    assert job == {"key": "e_1:dance"}

    assert _command(world, monkeypatch, "discard", letter_id) == 1
    assert "being done again" in capsys.readouterr().err
    assert _command(world, monkeypatch, "discard", newest.split()[0]) == 0
    assert _command(world, monkeypatch, "list", "--first", "1") == 0
    assert "  discarded  dance" in capsys.readouterr().out

    assert _command(world, monkeypatch, "show", "d_none") == 1
    assert "There is no dead letter 'd_none'" in capsys.readouterr().err
