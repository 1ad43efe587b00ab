"""Open jobs are sent again, later and later, while the broker is there."""

from collections.abc import Callable
from threading import Event

import pytest
from kombu.exceptions import OperationalError

from graph.jobs import close_job
from graph.runner import Graph
from tests.graph.world import run
from workers.queues import DELIVERIES, QUEUE
from workers.settings import WorkerSettings
from workers.sweep import Sweeper

pytestmark = pytest.mark.usefixtures("clean")
_NOW = 1_000_000


def _sweeper(
    graph: Graph, send: Callable[[str, str, str | None], object], waiting: int = 0
) -> Sweeper:
    settings = WorkerSettings(job_resend_after_s=5, job_resend_at_most_s=60)
    return Sweeper(graph, settings, send, lambda _: waiting, Event())


def _open(graph: Graph, count: int) -> None:
    run(
        graph,
        """\
UNWIND range(0, $count - 1) AS n
CREATE (:Job {key: 'e_' + n + ':notify', name: 'notify', event_id: 'e_' + n,
              due_at: $now + n, enqueued_count: 0})""",
        count=count,
        now=_NOW,
    )


def _due_in_s(graph: Graph, since: int) -> float:
    (row,) = run(graph, "MATCH (j:Job) RETURN j.due_at AS due_at")
    return (int(str(row["due_at"])) - since) / 1000


def test_the_time_between_two_sendings_doubles_up_to_a_limit(sync_graph: Graph) -> None:
    sent: list[str] = []
    sweeper = _sweeper(sync_graph, lambda _, event_id, __: sent.append(event_id))
    _open(sync_graph, 1)
    now = _NOW

    for longest in (10, 20, 40, 60, 60):
        assert sweeper.sweep(now) == 1
        assert sweeper.sweep(now) == 0
        pause = _due_in_s(sync_graph, now)
        assert longest * 0.75 <= pause <= longest
        now += int(pause * 1000) + 1

    assert sent == ["e_0"] * 5


def test_a_long_queue_is_made_no_longer(sync_graph: Graph) -> None:
    """What is due for as long as a job may wait is sent all the same: its message may be lost."""
    sent: list[str] = []
    sweeper = _sweeper(sync_graph, lambda _, event_id, __: sent.append(event_id), waiting=1_000)
    _open(sync_graph, 2)

    assert sweeper.sweep(_NOW + 59_000) == 0
    assert sweeper.sweep(_NOW + 60_000) == 1
    assert sent == ["e_0"]


def test_a_long_queue_keeps_back_none_of_another(sync_graph: Graph) -> None:
    sent: list[str] = []
    lengths = {QUEUE: 0, DELIVERIES: 1_000}
    settings = WorkerSettings(job_resend_after_s=5, job_resend_at_most_s=60)
    both = [
        Sweeper(
            sync_graph,
            settings,
            lambda name, *_: sent.append(name),
            lengths.__getitem__,
            Event(),
            queue,
        )
        for queue in lengths
    ]
    _open(sync_graph, 2)
    run(sync_graph, "MATCH (j:Job {event_id: 'e_0'}) SET j.name = 'webhook'")

    assert [sweeper.sweep(_NOW + 10) for sweeper in both] == [1, 0]
    assert sent == ["notify"]
    lengths[DELIVERIES] = 0
    assert [sweeper.sweep(_NOW + 10) for sweeper in both] == [0, 1]
    assert sent == ["notify", "webhook"]


def test_a_closed_job_is_not_sent(sync_graph: Graph) -> None:
    sent: list[str] = []
    _open(sync_graph, 2)
    sync_graph.run(close_job("e_0:notify", _NOW, "CREATE (:Tag {name: 'done'})\n", {}))

    _sweeper(sync_graph, lambda _, event_id, __: sent.append(event_id)).sweep(_NOW + 1)

    assert sent == ["e_1"]


def test_what_was_not_sent_when_the_broker_left_stays_due(sync_graph: Graph) -> None:
    sent: list[str] = []

    def send(_: str, event_id: str, __: str | None) -> None:
        if event_id == "e_1":
            raise OperationalError("away")
        sent.append(event_id)

    _open(sync_graph, 3)
    with pytest.raises(OperationalError):
        _sweeper(sync_graph, send).sweep(_NOW + 10)

    sent_later: list[str] = []
    _sweeper(sync_graph, lambda _, event_id, __: sent_later.append(event_id)).sweep(_NOW + 10)
    assert (sent, sent_later) == (["e_0"], ["e_1", "e_2"])


def test_a_job_that_cannot_be_sent_stops_no_other_and_waits_its_turn(sync_graph: Graph) -> None:
    sent: list[str] = []

    def send(_: str, event_id: str, __: str | None) -> None:
        if event_id == "e_0":
            raise ValueError(event_id)
        sent.append(event_id)

    _open(sync_graph, 3)
    sweeper = _sweeper(sync_graph, send)

    assert [sweeper.sweep(_NOW + 10), sweeper.sweep(_NOW + 10)] == [3, 0]
    assert sent == ["e_1", "e_2"]
