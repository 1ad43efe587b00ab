"""Attempts at a job: counted before they begin, so that one that kills its worker counts too.

A job that has used up its attempts is dead: it is handed out no more, and a dead letter says why.
An attempt that met an outage is given back, for as long as an outage may last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, LiteralString

from graph import ids
from graph.ids import Prefix
from graph.statement import Access, Record, Statement

WORKER_LOST: Final = "WorkerLost"
"""Type of the error of an attempt of whose end nobody told."""


_AHEAD_MS: Final = 60_000
"""By how much a beat's clock may be ahead of Neo4j's."""


class JobState(StrEnum):
    """What an attempt finds."""

    BEGUN = "BEGUN"
    """It may go on."""
    DONE = "DONE"
    """The effect is there, or a later slot has taken this one's place."""
    HELD = "HELD"
    """Another attempt is under way, or its back-off is not over."""
    SPENT = "SPENT"
    """All attempts were used up, the last one without a word: the job is dead from now on."""
    DEAD = "DEAD"
    """A dead letter tells of it already."""
    EARLY = "EARLY"
    """The slot has not begun: the clock of the beat that sent it is ahead."""
    UNKNOWN = "UNKNOWN"
    """There is no such job."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that begins now; made before the transaction, so that a repetition is the same.

    Args:
        id: Its own name.
        key: The job's key.
        now: ms since 1970 UTC.
        held_until: When it must have ended; until then no other attempt begins.
        most: How many attempts a job has.
        letter_id: Id of the dead letter, if this one finds the attempts used up.
    """

    id: str
    key: str
    now: int
    held_until: int
    most: int
    letter_id: str

    @classmethod
    def of(cls, key: str, now: int, hold_ms: int, most: int) -> "Attempt":
        """Make an attempt at a job."""
        attempt_id, letter_id = (ids.new_id(p) for p in (Prefix.ATTEMPT, Prefix.DEAD_LETTER))
        return cls(attempt_id, key, now, now + hold_ms, most, letter_id)

    def parameters(self) -> dict[str, Any]:
        """Give what the statements refer to."""
        return {
            "key": self.key,
            "attempt": self.id,
            "now": self.now,
            "held_until": self.held_until,
            "most": self.most,
            "letter_id": self.letter_id,
            "letter_k": ids.key(self.now, ""),
            "lost": WORKER_LOST,
        }


@dataclass(frozen=True, slots=True)
class Begun:
    """What became of an attempt that was to begin.

    Args:
        state: Whether it may go on, or why not.
        attempt_count: How many attempts were counted so far, this one too.
        outage_count: How many were given back.
    """

    state: JobState
    attempt_count: int = 0
    outage_count: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed.

    Args:
        type: Name of the error's class.
        message: What it says, without secrets.
        retry_at: When the next attempt may begin, ms since 1970 UTC.
        patient_since: An outage uses up no attempt of a job that was first tried after this
            instant; None when it was no outage.
    """

    type: str
    message: str
    retry_at: int
    patient_since: int | None = None


_BURY: LiteralString = """\
  OPTIONAL MATCH (event:Event {id: job.event_id})
  MERGE (letter:DeadLetter {key: job.key}) ON CREATE SET letter.id = $letter_id
  SET letter.k = $letter_k + letter.id, letter.job = job.name, letter.event_id = job.event_id,
      letter.request_id = job.request_id, letter.event_kind = event.kind,
      letter.arguments = coalesce('["' + job.event_id + '"]', '[' + toString(job.slot) + ']'),
      letter.error_type = coalesce(job.error_type, $lost),
      letter.error_message =
        coalesce(job.error_message, 'The worker ended in the middle of the attempt.'),
      letter.attempt_count = job.attempt_count, letter.first_at = job.first_at,
      letter.last_at = job.last_at, letter.died_at = $now
  SET job.dead_at = $now
  REMOVE job.due_at, job.open_since, job.held_until, letter.replayed_at,
         letter.discarded_at
"""
"""Makes the bound job dead, with its letter; one that was dead before has the same letter."""

_BEGIN: LiteralString = (
    """\
WITH job, coalesce(job.attempt_count, 0) AS attempts
WITH job, attempts, CASE
  WHEN job.done_at IS NOT NULL THEN 'DONE'
  WHEN job.dead_at IS NOT NULL THEN 'DEAD'
  WHEN job.attempt = $attempt THEN 'BEGUN'
  WHEN job.held_until > $now THEN 'HELD'
  WHEN attempts >= $most THEN 'SPENT'
  ELSE 'BEGUN'
END AS state
FOREACH (_ IN CASE WHEN state = 'BEGUN' AND coalesce(job.attempt, '') <> $attempt
    THEN [1] ELSE [] END |
  SET job.attempt = $attempt, job.attempt_count = attempts + 1, job.last_at = $now,
      job.first_at = coalesce(job.first_at, $now), job.held_until = $held_until,
      job.due_at = $held_until
  REMOVE job.error_type, job.error_message)
WITH job, state
CALL (job, state) {
  WITH * WHERE state = 'SPENT'
"""
    + _BURY
    + """\
  RETURN count(*) AS buried
}
RETURN state, coalesce(job.attempt_count, 0) AS attempt_count,
       coalesce(job.outage_count, 0) AS outage_count"""
)


def begin(attempt: Attempt) -> Statement[Begun]:
    """Begin an attempt at a job, if it is open, nobody is at it, and it has attempts left.

    Cost: one index seek.
    """
    text: LiteralString = "MATCH (job:Job {key: $key})\nSET job.lk = true\n" + _BEGIN
    return Statement(text, attempt.parameters(), _begun, Access.WRITE)


def begin_slot(attempt: Attempt, name: str, slot: int) -> Statement[Begun]:
    """Begin an attempt at a scheduled task's slot: each slot once, and never behind a later one.

    The first message of a slot opens it, whoever sent it; the next slot takes the place of one
    that is open still, with its attempts and its age: or a task that always kills its worker would
    have new attempts for ever. One that has not begun by the clock of Neo4j is refused, and gives
    way where it is there: or one beat whose clock is ahead would end a schedule for as long.

    Args:
        attempt: With the key of the schedule.
        name: Of the task.
        slot: When it begins, ms since 1970 UTC.
    """
    text: LiteralString = (
        """\
WITH timestamp() + $ahead AS latest WHERE $slot <= latest
MERGE (job:Job {key: $key}) ON CREATE SET job.name = $name, job.enqueued_count = 0
SET job.lk = true
WITH job, CASE WHEN job.slot <= latest THEN job.slot ELSE -1 END AS known,
  job.done_at IS NOT NULL OR job.dead_at IS NOT NULL AS is_closed
FOREACH (_ IN CASE WHEN known < $slot AND is_closed THEN [1] ELSE [] END |
  SET job.attempt_count = 0, job.outage_count = 0
  REMOVE job.done_at, job.dead_at, job.first_at, job.error_type, job.error_message)
FOREACH (_ IN CASE WHEN known < $slot THEN [1] ELSE [] END |
  SET job.slot = $slot, job.enqueued_count = 0,
      job.due_at = coalesce(job.held_until, $now), job.open_since = coalesce(job.open_since, $now))
WITH job, known WHERE known <= $slot
"""
        + _BEGIN
    )
    parameters = {**attempt.parameters(), "name": name, "slot": slot, "ahead": _AHEAD_MS}
    is_early = slot > attempt.now + _AHEAD_MS
    passed_by = Begun(JobState.EARLY if is_early else JobState.DONE)
    return Statement(
        text,
        parameters,
        lambda records: _begun(records) if records else passed_by,
        Access.WRITE,
    )


def _begun(records: Sequence[Record]) -> Begun:
    if not records:
        return Begun(JobState.UNKNOWN)
    record = records[0]
    return Begun(JobState(record["state"]), record["attempt_count"], record["outage_count"])


def fail(attempt: Attempt, failure: Failure, now: int) -> Statement[bool]:
    """Note that an attempt failed: the job waits for the next one, or is dead.

    What was begun or done since is left as it is.

    Returns:
        Whether the job is dead now.
    """
    parameters = attempt.parameters() | {
        "now": now,
        "letter_k": ids.key(now, ""),
        "error_type": failure.type,
        "error_message": failure.message,
        "retry_at": failure.retry_at,
        "patient_since": failure.patient_since,
    }
    return Statement(_FAIL, parameters, bool, Access.WRITE)


_FAIL: LiteralString = (
    """\
MATCH (job:Job {key: $key})
SET job.lk = true
WITH job WHERE job.attempt = $attempt AND job.done_at IS NULL AND job.dead_at IS NULL
WITH job, coalesce(job.first_at >= $patient_since, false) AS is_given_back
SET job.error_type = $error_type, job.error_message = $error_message,
    job.held_until = $retry_at, job.due_at = $retry_at,
    job.attempt_count = job.attempt_count - CASE WHEN is_given_back THEN 1 ELSE 0 END,
    job.outage_count =
      coalesce(job.outage_count, 0) + CASE WHEN is_given_back THEN 1 ELSE 0 END
REMOVE job.attempt
WITH job WHERE job.attempt_count >= $most
"""
    + _BURY
    + "RETURN true AS is_dead"
)


def close_slot(attempt: Attempt, slot: int, now: int) -> Statement[bool]:
    """Note that a scheduled task has done its slot; one that came meanwhile is due at once.

    Returns:
        Whether this was noted: False when another attempt has begun since.
    """
    return Statement(
        """\
MATCH (job:Job {key: $key})
SET job.lk = true
WITH job WHERE job.attempt = $attempt
FOREACH (_ IN CASE WHEN job.slot = $slot THEN [1] ELSE [] END |
  SET job.done_at = $now
  REMOVE job.open_since)
FOREACH (_ IN CASE WHEN job.slot <> $slot THEN [1] ELSE [] END |
  SET job.due_at = $now, job.open_since = $now, job.attempt_count = 0, job.outage_count = 0
  REMOVE job.first_at)
SET job.due_at = CASE WHEN job.done_at IS NULL THEN job.due_at END
REMOVE job.attempt, job.held_until
WITH job
OPTIONAL MATCH (letter:DeadLetter {key: job.key})
DELETE letter
RETURN true AS closed""",
        {"key": attempt.key, "attempt": attempt.id, "slot": slot, "now": now},
        bool,
        Access.WRITE,
    )
