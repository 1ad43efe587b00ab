"""Attempts are counted before they begin; what has used them up is dead, and nobody else is."""

from typing import Any

import pytest

from graph.attempts import Attempt, Begun, Failure, JobState, begin, begin_slot, close_slot, fail
from graph.events import EventKind
from graph.ids import now_ms
from graph.jobs import close_job, due_jobs, schedule_key
from graph.outbox import number_pending
from graph.retention import prune_events
from graph.runner import Graph
from tests.graph.world import emit, run

pytestmark = pytest.mark.usefixtures("clean")
_BOOM = Failure("ValueError", "boom", retry_at=0)
_HOLD = 10
_SLOT = "schedule:prune"


def _open(graph: Graph) -> str:
    event = emit(graph, EventKind.POST_SHARED, "u_bob", "p_1", "p_1")
    graph.run(number_pending(10, now=1, due_at=1))
    return f"{event.id}:notify"


def _job(graph: Graph) -> dict[str, Any]:
    (row,) = run(graph, "MATCH (job:Job) RETURN properties(job) AS job")
    job: Any = row["job"]
    return dict(job)


def _letters(graph: Graph) -> list[dict[str, Any]]:
    rows: list[Any] = run(graph, "MATCH (l:DeadLetter) RETURN properties(l) AS letter")
    return [row["letter"] for row in rows]


def _at(key: str, now: int) -> Attempt:
    return Attempt.of(key, now, _HOLD, 3)


def test_an_attempt_is_counted_as_it_begins(sync_graph: Graph) -> None:
    key = _open(sync_graph)

    assert sync_graph.run(begin(_at(key, 5))) == Begun(JobState.BEGUN, 1, 0)

    job = _job(sync_graph)
    assert (job["attempt_count"], job["first_at"], job["last_at"]) == (1, 5, 5)
    assert sync_graph.run(due_jobs(14, 9)) == []
    assert [due.key for due in sync_graph.run(due_jobs(15, 9))] == [key]


def test_an_attempt_whose_beginning_is_repeated_is_one(sync_graph: Graph) -> None:
    attempt = _at(_open(sync_graph), 5)

    assert [sync_graph.run(begin(attempt)) for _ in range(2)] == [Begun(JobState.BEGUN, 1, 0)] * 2


def test_a_doubled_message_begins_nothing_while_the_first_is_at_work(sync_graph: Graph) -> None:
    key = _open(sync_graph)
    sync_graph.run(begin(_at(key, 5)))

    assert sync_graph.run(begin(_at(key, 14))) == Begun(JobState.HELD, 1, 0)
    assert sync_graph.run(begin(_at(key, 15))) == Begun(JobState.BEGUN, 2, 0)


def test_a_job_that_kills_its_workers_is_dead_when_its_attempts_are_used_up(
    sync_graph: Graph,
) -> None:
    key = _open(sync_graph)

    states = [sync_graph.run(begin(_at(key, 10 * n))).state for n in range(1, 6)]

    assert states == [JobState.BEGUN] * 3 + [JobState.SPENT, JobState.DEAD]
    (letter,) = _letters(sync_graph)
    event_id = key.partition(":")[0]
    letter_id = letter.pop("id")
    assert letter_id.startswith("d_")
    assert letter.pop("k") == "000000000000040" + letter_id
    assert letter == {
        "key": key,
        "job": "notify",
        "event_id": event_id,
        "event_kind": "PostShared",
        "arguments": f'["{event_id}"]',
        "error_type": "WorkerLost",
        "error_message": "The worker ended in the middle of the attempt.",
        "attempt_count": 3,
        "first_at": 10,
        "last_at": 30,
        "died_at": 40,
    }
    assert sync_graph.run(due_jobs(10**15, 9)) == []
    assert sync_graph.run(prune_events(10**15, 9)) == 0, "its event is needed to do it again"


def test_a_job_that_fails_waits_and_is_dead_at_its_last_attempt(sync_graph: Graph) -> None:
    key = _open(sync_graph)
    dead = []
    for now in (10, 20, 30):
        attempt = _at(key, now)
        assert sync_graph.run(begin(attempt)).state is JobState.BEGUN
        failure = Failure("ValueError", f"boom {now}", retry_at=now + 9)
        dead.append(sync_graph.run(fail(attempt, failure, now + 1)))
        assert sync_graph.run(begin(_at(key, now + 8))).state in (JobState.HELD, JobState.DEAD)

    assert dead == [False, False, True]
    (letter,) = _letters(sync_graph)
    assert (letter["error_type"], letter["error_message"]) == ("ValueError", "boom 30")
    assert (letter["attempt_count"], letter["died_at"]) == (3, 31)


def test_a_failure_that_is_told_twice_or_too_late_counts_once(sync_graph: Graph) -> None:
    key = _open(sync_graph)
    first = _at(key, 10)
    sync_graph.run(begin(first))
    second = _at(key, 20)
    sync_graph.run(begin(second))
    assert not sync_graph.run(fail(first, _BOOM, 21))
    assert _job(sync_graph)["held_until"] == 30, "the second attempt is at work"

    for _ in range(2):
        sync_graph.run(fail(second, _BOOM, 22))

    assert _job(sync_graph)["attempt_count"] == 2


def test_an_outage_uses_up_no_attempt_until_patience_ends(sync_graph: Graph) -> None:
    key = _open(sync_graph)
    for n in range(20):
        attempt = _at(key, 10 * n)
        begun = sync_graph.run(begin(attempt))
        assert begun == Begun(JobState.BEGUN, 1, n)
        away = Failure("Unavailable", "away", retry_at=0, patient_since=0)
        assert not sync_graph.run(fail(attempt, away, 10 * n + 1))

    for n in range(3):
        attempt = _at(key, 1000 + 10 * n)
        sync_graph.run(begin(attempt))
        away = Failure("Unavailable", "away", retry_at=0, patient_since=500)
        assert sync_graph.run(fail(attempt, away, 1001 + 10 * n)) == (n == 2)


def test_a_job_that_is_done_needs_no_attempt_and_no_letter(sync_graph: Graph) -> None:
    key = _open(sync_graph)
    for n in range(4):
        sync_graph.run(begin(_at(key, 10 * n)))
    assert _letters(sync_graph)

    assert sync_graph.run(close_job(key, 99, "MERGE (:Tag {name: 'done'})\n", {}))

    assert _letters(sync_graph) == []
    assert sync_graph.run(begin(_at(key, 100))).state is JobState.DONE


def test_an_unknown_job_is_not_begun(sync_graph: Graph) -> None:
    assert sync_graph.run(begin(_at("e_9:notify", 5))) == Begun(JobState.UNKNOWN)
    assert run(sync_graph, "MATCH (n:Job) RETURN n") == []


def _slot(graph: Graph, slot: int, now: int) -> Attempt | None:
    attempt = _at(schedule_key("prune"), now)
    begun = graph.run(begin_slot(attempt, "prune", slot))
    return attempt if begun.state is JobState.BEGUN else None


def test_a_slot_is_done_once_whoever_sends_it(sync_graph: Graph) -> None:
    first = _slot(sync_graph, 60, now=61)
    assert first
    assert _slot(sync_graph, 60, now=62) is None, "doubled while it runs"
    assert sync_graph.run(close_slot(first, 60, 63))
    assert _slot(sync_graph, 60, now=99) is None, "doubled when it is done"
    assert _slot(sync_graph, 120, now=121)


def test_a_slot_that_comes_late_is_not_done_behind_a_later_one(sync_graph: Graph) -> None:
    later = _slot(sync_graph, 120, now=121)
    assert later

    assert _slot(sync_graph, 60, now=140) is None, "though nobody is at the later one"
    assert _job(sync_graph)["slot"] == 120
    assert _job(sync_graph)["attempt_count"] == 1


def test_a_slot_that_comes_while_the_last_one_runs_is_due_when_that_is_done(
    sync_graph: Graph,
) -> None:
    first = _slot(sync_graph, 60, now=61)
    assert first
    assert _slot(sync_graph, 120, now=65) is None

    assert sync_graph.run(close_slot(first, 60, 66))

    (due,) = sync_graph.run(due_jobs(66, 9))
    assert (due.name, due.argument) == ("prune", 120)
    assert _slot(sync_graph, 120, now=67)


def test_a_clock_that_is_ahead_ends_no_schedule(sync_graph: Graph) -> None:
    now = now_ms()
    day = 86_400_000
    attempt = _at(schedule_key("prune"), now)
    assert sync_graph.run(begin_slot(attempt, "prune", now + day)) == Begun(JobState.EARLY)
    assert run(sync_graph, "MATCH (n:Job) RETURN n") == []

    assert _slot(sync_graph, now + 30_000, now), "clocks are never quite alike"
    run(sync_graph, "MATCH (j:Job) SET j.slot = $slot, j.done_at = 1", slot=now + day)
    run(sync_graph, "MATCH (j:Job) REMOVE j.attempt, j.held_until")
    assert _slot(sync_graph, now, now), "one that was taken before gives way"
    assert _job(sync_graph)["slot"] == now


def test_a_slot_whose_worker_was_killed_is_begun_again_and_dies_once_for_all(
    sync_graph: Graph,
) -> None:
    assert [bool(_slot(sync_graph, 60, now=n)) for n in (61, 71, 81, 91)] == [True] * 3 + [False]
    (letter,) = _letters(sync_graph)
    assert (letter["key"], letter["arguments"]) == (_SLOT, "[60]")

    later = _slot(sync_graph, 120, now=121)
    assert later
    assert len(_letters(sync_graph)) == 1
    assert sync_graph.run(close_slot(later, 120, 122))
    assert _letters(sync_graph) == []


def _simulate_killer(graph: Graph, hold_s: int, slot_s: int, until_s: int) -> list[int]:
    """Let each attempt at a schedule kill its worker; give when attempts began, in seconds.

    Messages come as in earnest: a beat's at each slot, the relay's when the job is due.
    """
    base = 1_700_000_040_000
    began = []
    for second in range(until_s):
        now = base + second * 1000
        slots = [now] if second % slot_s == 0 else []
        slots += [int(str(due.argument)) for due in graph.run(due_jobs(now, 9))]
        for slot in slots:
            attempt = Attempt.of(schedule_key("prune"), now, hold_s * 1000, 3)
            begun = graph.run(begin_slot(attempt, "prune", slot))
            began += [second] if begun.state is JobState.BEGUN else []
        if _letters(graph):
            break
    return began


@pytest.mark.parametrize(("hold_s", "slot_s", "dead_after_s"), [(47, 60, 141), (22, 15, 66)])
def test_a_schedule_that_kills_its_workers_is_dead_though_slots_go_on(
    sync_graph: Graph, hold_s: int, slot_s: int, dead_after_s: int
) -> None:
    began = _simulate_killer(sync_graph, hold_s, slot_s, 300)

    assert began == [0, hold_s, 2 * hold_s]
    (letter,) = _letters(sync_graph)
    assert (letter["error_type"], letter["attempt_count"]) == ("WorkerLost", 3)
    assert letter["died_at"] - letter["first_at"] == dead_after_s * 1000


def test_a_slot_takes_over_the_age_and_the_patience_of_one_that_was_not_done(
    sync_graph: Graph,
) -> None:
    for n, slot in enumerate((60, 120)):
        attempt = _slot(sync_graph, slot, now=slot + 1)
        assert attempt
        away = Failure("Unavailable", "away", retry_at=0, patient_since=61 if n == 0 else 62)
        sync_graph.run(fail(attempt, away, slot + 2))

    job = _job(sync_graph)
    assert (job["slot"], job["open_since"], job["first_at"]) == (120, 61, 61)
    assert (job["attempt_count"], job["outage_count"]) == (1, 1), "patience has ended"


def test_a_slot_behind_one_that_was_done_or_is_dead_begins_afresh(sync_graph: Graph) -> None:
    first = _slot(sync_graph, 60, now=61)
    assert first
    _slot(sync_graph, 120, now=65)
    sync_graph.run(close_slot(first, 60, 66))
    job = _job(sync_graph)
    assert (job["attempt_count"], job["open_since"], job.get("first_at")) == (0, 66, None)
    for now in (67, 77, 87, 97):
        _slot(sync_graph, 120, now=now)
    assert _letters(sync_graph)

    assert _slot(sync_graph, 180, now=181)

    job = _job(sync_graph)
    assert (job["attempt_count"], job["first_at"], job["open_since"]) == (1, 181, 181)
    assert _letters(sync_graph), "its letter stays until a slot is done"
