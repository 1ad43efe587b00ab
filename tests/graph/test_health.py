"""What is late or silent is told; what is well is not."""

from dataclasses import replace

import pytest

from graph.attempts import Attempt, Failure, begin, fail
from graph.events import EventKind
from graph.health import (
    Health,
    Problem,
    WorkerSeen,
    forget_heartbeat,
    note_heartbeat,
    probe_health,
)
from graph.ids import now_ms
from graph.jobs import close_job, job_key
from graph.leases import take_lease
from graph.outbox import number_pending
from graph.reconcile import end_step, open_round
from graph.runner import Graph
from graph.tally import tally
from tests.graph.world import emit, run

_WELL = Health(
    as_of=1_000_000,
    leader="one",
    leader_since=1,
    pending_count=1,
    oldest_pending_at=999_000,
    open_count=1,
    oldest_open_at=970_000,
    oldest_open_job="notify",
    dead_count=0,
    workers=(WorkerSeen("celery@a", 941_000), WorkerSeen("celery@b", 990_000)),
)


@pytest.mark.parametrize(
    ("wrong", "problems"),
    [
        (_WELL, []),
        (replace(_WELL, leader=None), [Problem.NO_RELAY]),
        (
            replace(_WELL, oldest_pending_at=930_000),
            [Problem.EVENTS_LATE, Problem.FIGURES_LATE],
        ),
        (replace(_WELL, oldest_open_at=930_000), [Problem.JOBS_LATE]),
        (replace(_WELL, as_of=1_002_000, oldest_open_at=None), [Problem.WORKERS_SILENT]),
        (replace(_WELL, workers=()), [Problem.WORKERS_SILENT]),
        (replace(_WELL, oldest_untallied_at=930_000), [Problem.FIGURES_LATE]),
        (replace(_WELL, dead_count=1), [Problem.DEAD_LETTERS]),
        (replace(_WELL, dead_count=2, undelivered_count=2), []),
        (replace(_WELL, dead_count=2, undelivered_count=1), [Problem.DEAD_LETTERS]),
        (replace(_WELL, oldest_pending_at=None, oldest_open_at=None), []),
    ],
)
@pytest.mark.unit
def test_what_is_wrong_is_named(wrong: Health, problems: list[Problem]) -> None:
    assert wrong.problems() == problems


@pytest.mark.usefixtures("clean")
def test_what_waits_is_counted_and_its_age_told(sync_graph: Graph) -> None:
    empty = sync_graph.run(probe_health())
    assert empty.problems() == [Problem.NO_RELAY, Problem.WORKERS_SILENT]
    assert (empty.pending_age_s, empty.open_age_s, empty.silent_s) == (0, 0, 3600)

    first, second = (emit(sync_graph, EventKind.POST_SHARED, "u_1", "p_1") for _ in range(2))
    run(sync_graph, "MATCH (e:Event {id: $id}) SET e.occurred_at = $at", id=second.id, at=now_ms())
    waiting = sync_graph.run(probe_health())
    assert (waiting.pending_count, waiting.oldest_pending_at) == (2, 4)

    opened_at = now_ms() - 5_000
    sync_graph.run(number_pending(1, opened_at, opened_at))
    key = f"{first.id}:notify"
    opened = sync_graph.run(probe_health())
    assert (opened.pending_count, opened.open_count) == (1, 1)
    assert (opened.oldest_open_at, opened.oldest_open_job) == (opened_at, "notify")
    assert 5 <= opened.open_age_s < 60

    sync_graph.run(close_job(key, now_ms(), "MERGE (:Tag {name: 'x'})\n", {}))
    assert sync_graph.run(probe_health()).open_count == 0


@pytest.mark.usefixtures("clean")
def test_a_dead_job_is_open_no_more(sync_graph: Graph) -> None:
    emit(sync_graph, EventKind.POST_SHARED, "u_1", "p_1")
    sync_graph.run(number_pending(1, 1, 1))
    (row,) = run(sync_graph, "MATCH (j:Job) RETURN j.key AS key")
    sync_graph.run(begin(Attempt.of(str(row["key"]), 5, 10, 0)))

    found = sync_graph.run(probe_health())

    assert (found.open_count, found.dead_count) == (0, 1)
    assert Problem.DEAD_LETTERS in found.problems()


@pytest.mark.usefixtures("clean")
def test_a_receiver_that_is_away_is_no_fault_of_ours(sync_graph: Graph) -> None:
    event = emit(sync_graph, EventKind.WEBHOOK_DUE, "h_1", "n_1")
    sync_graph.run(number_pending(1, 1, 1))
    untried = sync_graph.run(probe_health())
    assert untried.oldest_open_job == "webhook"
    assert Problem.JOBS_LATE in untried.problems(), "no worker takes deliveries"

    attempt = Attempt.of(job_key(event.id, "webhook"), now_ms(), 10, 1)
    sync_graph.run(begin(attempt))
    tried = sync_graph.run(probe_health())
    assert (tried.open_count, tried.oldest_open_at) == (1, None)
    sync_graph.run(fail(attempt, Failure("WebhookFailed", "500", now_ms()), now_ms()))

    given_up = sync_graph.run(probe_health())
    assert (given_up.dead_count, given_up.undelivered_count, given_up.open_count) == (1, 1, 0)
    assert not {Problem.DEAD_LETTERS, Problem.JOBS_LATE} & {*given_up.problems()}


@pytest.mark.usefixtures("clean")
def test_a_delivery_that_we_could_not_even_try_is_our_fault(sync_graph: Graph) -> None:
    event = emit(sync_graph, EventKind.WEBHOOK_DUE, "h_1", "n_1")
    sync_graph.run(number_pending(1, 1, 1))
    attempt = Attempt.of(job_key(event.id, "webhook"), now_ms(), 10, 1)
    sync_graph.run(begin(attempt))
    sync_graph.run(fail(attempt, Failure("SealBroken", "no key", now_ms()), now_ms()))

    found = sync_graph.run(probe_health())
    assert (found.dead_count, found.undelivered_count) == (1, 0)
    assert Problem.DEAD_LETTERS in found.problems()


@pytest.mark.usefixtures("clean")
def test_the_leader_and_the_workers_are_told_while_they_show_themselves(sync_graph: Graph) -> None:
    now = now_ms()
    sync_graph.run(take_lease("relay", "one", 60_000))
    for worker, at in (("old", now - 2 * 86_400_000), ("b", now - 7_200_000), ("a", now)):
        sync_graph.run(note_heartbeat(worker, at))
    sync_graph.run(note_heartbeat("a", now))

    found = sync_graph.run(probe_health())

    assert (found.leader, found.workers) == ("one", (WorkerSeen("a", now),))
    assert found.problems() == []
    names = run(sync_graph, "MATCH (h:Heartbeat) RETURN h.name AS name ORDER BY name")
    assert [row["name"] for row in names] == ["a", "b"], "who was not seen for a day is forgotten"

    sync_graph.run(take_lease("relay", "one", -1))
    assert sync_graph.run(probe_health()).leader is None


@pytest.mark.usefixtures("clean")
def test_the_most_silent_worker_is_told_until_it_stops_in_good_order(sync_graph: Graph) -> None:
    now = now_ms()
    sync_graph.run(take_lease("relay", "one", 60_000))
    sync_graph.run(note_heartbeat("works", now))
    sync_graph.run(note_heartbeat("hangs", now - 70_000))

    found = sync_graph.run(probe_health())

    assert [(each.name, found.is_silent(each)) for each in found.workers] == [
        ("hangs", True),
        ("works", False),
    ]
    assert found.silent_s >= 70
    assert found.problems() == [Problem.WORKERS_SILENT]
    sync_graph.run(forget_heartbeat("hangs"))
    sync_graph.run(forget_heartbeat("nobody"))
    assert sync_graph.run(probe_health()).problems() == []


@pytest.mark.usefixtures("clean")
def test_figures_are_as_late_as_the_oldest_event_that_they_do_not_count(sync_graph: Graph) -> None:
    assert sync_graph.run(probe_health()).tally_age_s == 0
    event = emit(sync_graph, EventKind.POST_SHARED, "u_1", "p_1")
    assert sync_graph.run(probe_health()).tally_age_s > 0
    sync_graph.run(number_pending(10, 1, 1))
    behind = sync_graph.run(probe_health())
    assert (behind.pending_age_s, behind.oldest_untallied_at) == (0, event.occurred_at)
    assert behind.tally_age_s > 0
    sync_graph.run(tally(10))
    assert sync_graph.run(probe_health()).tally_age_s == 0


@pytest.mark.usefixtures("clean")
def test_what_the_last_recount_repaired_is_told(sync_graph: Graph) -> None:
    assert sync_graph.run(probe_health()).reconciled_at is None
    standing = sync_graph.run(open_round(1, 5))
    run(sync_graph, "MATCH (round:Reconciliation) SET round.drift_count = 3")
    going = sync_graph.run(probe_health())
    assert (going.reconciled_at, going.drift_count) == (None, 3)
    while not standing.is_through:
        standing = sync_graph.run(end_step(standing, 9))
    assert sync_graph.run(probe_health()).reconciled_at == 9
