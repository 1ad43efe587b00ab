"""Dead letters: what the workers gave up, until an admin has it done again.

A letter of a job has the job's key and goes when the job is done after all. One of a message that
nobody understands has a key of its own, and can only be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from graph import ids, reads
from graph.audit import CREATE_ENTRY, AuditAction, NewAuditEntry
from graph.connections import Order, connection, newest_first
from graph.errors import Conflict, NotFound
from graph.ids import Prefix
from graph.jobs import job_key
from graph.pages import PageRequest
from graph.projection import Projection, Row
from graph.reads import find_one
from graph.selection import Selection
from graph.statement import Access, Record, Statement
from graph.viewer import Viewer, viewer_write

LONGEST_ARGUMENTS: Final = 2_000


@dataclass(frozen=True, slots=True)
class LostMessage:
    """A message that no task took: unreadable, or of a task that no worker knows.

    Args:
        key: Tells it from others: the same message twice is one letter.
        job: Which task it named, if it named one.
        event_id: The event that it named, if it did.
        arguments: JSON, or the beginning of what could not be read; without secrets.
        error_type: Name of the error's class.
        error_message: What it says, without secrets.
        request_id: Of the request that it follows from, if it named one.
    """

    key: str
    job: str | None
    event_id: str | None
    arguments: str
    error_type: str
    error_message: str
    request_id: str | None = None

    @classmethod
    def of(
        cls,
        message_id: str,
        job: str | None,
        event_id: str | None,
        arguments: str,
        request_id: str | None = None,
        **error: str,
    ) -> "LostMessage":
        """Make one; a message of a job's form has the key that the job would have."""
        key = job_key(event_id, job) if job and event_id else f"message:{message_id}"
        shown = arguments[:LONGEST_ARGUMENTS]
        return cls(key, job, event_id, shown, request_id=request_id, **error)


def bury(lost: LostMessage, now: int) -> Statement[None]:
    """Write the dead letter of a message; the same message again changes nothing."""
    letter_id = ids.new_id(Prefix.DEAD_LETTER)
    letter = {
        "id": letter_id,
        "k": ids.key(now, letter_id),
        "job": lost.job,
        "event_id": lost.event_id,
        "request_id": lost.request_id,
        "arguments": lost.arguments,
        "error_type": lost.error_type,
        "error_message": lost.error_message,
        "attempt_count": 1,
        "first_at": now,
        "last_at": now,
        "died_at": now,
    }
    return Statement(
        """\
MERGE (letter:DeadLetter {key: $key})
  ON CREATE SET letter += $letter
WITH letter
OPTIONAL MATCH (event:Event {id: letter.event_id})
SET letter.event_kind = event.kind""",
        {"key": lost.key, "letter": letter},
        lambda _: None,
        Access.WRITE,
    )


def _newest(_: LiteralString, letter: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ({letter}:DeadLetter) WHERE {letter}.k < {path}.k "
        f"WITH {letter}, [{letter}.k] AS {letter}_at ORDER BY {letter}.k DESC LIMIT {path}.limit"
    )


NEWEST: Final[Order] = newest_first("dead-letters", _newest)


def _projection() -> Projection:
    """Project a `DeadLetter`, bound as `letter`."""
    into = Projection("letter", "$s")
    into.add(".id", ".job", ".event_id", ".event_kind", ".request_id", ".arguments")
    into.add(".error_type", ".error_message")
    into.add("attempts: letter.attempt_count")
    into.add("first_attempt_at: letter.first_at", "last_attempt_at: letter.last_at")
    into.add(".died_at", ".replayed_at", ".discarded_at")
    return into


def read_page(viewer: Viewer, page: PageRequest) -> Statement[Row]:
    """Read dead letters, newest first.

    Cost: one index range.
    """
    return reads.read_page(viewer, NEWEST, page, _projection())


def find_letter(viewer: Viewer, letter_id: str, _: Selection) -> Statement[Row | None]:
    """Read one dead letter, whole; None when there is none.

    Cost: one index seek.
    """
    match: LiteralString = "MATCH (letter:DeadLetter {id: $id})"
    return find_one(viewer, match, _projection(), {"id": letter_id})


def list_letters(page: PageRequest) -> Statement[Row]:
    """Read dead letters as an operator does: newest first, in nobody's eyes.

    Cost: one index range.
    """
    projection = _projection()

    def decode(records: Sequence[Record]) -> Row:
        return connection(NEWEST, page, [dict(record["row"]) for record in records])

    text: LiteralString = (
        _newest("", "letter", "$s") + f" RETURN {{at: letter_at, node: {projection.text}}} AS row"
    )
    return Statement(text, {"s": NEWEST.parameters(page)}, decode)


def show_letter(letter_id: str) -> Statement[Row]:
    """Read one dead letter as an operator does.

    Raises:
        NotFound: On decoding: there is no such letter.
    """

    def decode(records: Sequence[Record]) -> Row:
        if not records:
            raise _missing(letter_id)
        return dict(records[0]["value"])

    text: LiteralString = (
        f"MATCH (letter:DeadLetter {{id: $id}}) RETURN {_projection().text} AS value"
    )
    return Statement(text, {"id": letter_id, "s": {}}, decode)


_FIND: LiteralString = """\
OPTIONAL MATCH (letter:DeadLetter {id: $id})
OPTIONAL MATCH (known:Job {key: letter.key})
SET known.lk = true
SET letter.lk = true
WITH letter, known, CASE
  WHEN letter IS NULL THEN 'NOT_FOUND'
"""
"""Locks the job before its letter, as attempts do."""

_REPLAY: LiteralString = (
    _FIND
    + """\
  WHEN letter.replayed_at IS NOT NULL THEN 'DONE'
  WHEN known IS NULL AND (letter.job IS NULL OR letter.event_id IS NULL) THEN 'UNREADABLE'
  ELSE 'OK'
END AS outcome
CALL (letter, outcome) {
  WITH * WHERE outcome = 'OK'
  MERGE (job:Job {key: letter.key})
    ON CREATE SET job.name = letter.job, job.event_id = letter.event_id,
      job.request_id = letter.request_id
  SET job.due_at = $now, job.open_since = $now, job.enqueued_count = 0, job.attempt_count = 0,
      job.outage_count = 0, letter.replayed_at = $now
  REMOVE job.dead_at, job.held_until, job.attempt, job.first_at, letter.discarded_at
  """
    + CREATE_ENTRY
    + """\
  RETURN count(*) AS replayed
}
RETURN outcome AS value
"""
)

_DISCARD: LiteralString = (
    _FIND
    + """\
  WHEN letter.discarded_at IS NOT NULL THEN 'DONE'
  WHEN letter.replayed_at IS NOT NULL THEN 'OPEN'
  ELSE 'OK'
END AS outcome
CALL (letter, outcome) {
  WITH * WHERE outcome = 'OK'
  SET letter.discarded_at = $now
  """
    + CREATE_ENTRY
    + """\
  RETURN count(*) AS discarded
}
RETURN outcome AS value
"""
)
_REFUSALS: Final = {
    "UNREADABLE": "{!r} is of a message that names no job of an event; "
    "there is nothing to do again.",
    "OPEN": "The job of {!r} is being done again; its letter goes when it is done.",
}


def replay(viewer: Viewer, letter_id: str) -> Statement[str]:
    """Open a dead job again, with all its attempts; again changes nothing.

    Raises:
        NotFound: On decoding: there is no such letter; its job may have been done since.
        Conflict: On decoding: it is of a message that says not what to do.
    """
    return _decide(_REPLAY, AuditAction.REPLAY_DEAD_LETTER, letter_id, viewer)


def replay_as_operator(letter_id: str) -> Statement[str]:
    """Open a dead job again in nobody's name; raises as `replay` does."""
    return _decide(_REPLAY, AuditAction.REPLAY_DEAD_LETTER, letter_id)


def discard(viewer: Viewer, letter_id: str) -> Statement[str]:
    """Give up for good what the workers gave up; again changes nothing.

    Raises:
        NotFound: On decoding: there is no such letter; its job may have been done since.
        Conflict: On decoding: its job is being done again.
    """
    return _decide(_DISCARD, AuditAction.DISCARD_DEAD_LETTER, letter_id, viewer)


def discard_as_operator(letter_id: str) -> Statement[str]:
    """Give up for good in nobody's name; raises as `discard` does."""
    return _decide(_DISCARD, AuditAction.DISCARD_DEAD_LETTER, letter_id)


def _decide(
    text: LiteralString, action: AuditAction, letter_id: str, viewer: Viewer | None = None
) -> Statement[str]:
    """Make the statement of an admin, or of an operator, who is nobody."""
    entry = NewAuditEntry.of(viewer.user_id if viewer else None, action, letter_id, None)
    parameters = {"id": letter_id, "now": entry.at, "entry": entry.properties()}

    def decode(outcome: str) -> str:
        if outcome == "NOT_FOUND":
            raise _missing(letter_id)
        if outcome in _REFUSALS:
            raise Conflict(_REFUSALS[outcome].format(letter_id), ("id",))
        return letter_id

    if viewer:
        text = "SET viewer.lk = true\nWITH viewer\n" + text
        return viewer_write(viewer, text, parameters, decode)
    return Statement(text, parameters, lambda records: decode(records[0]["value"]), Access.WRITE)


def _missing(letter_id: str) -> NotFound:
    return NotFound(
        f"There is no dead letter {letter_id!r}; its job was done since, or it was pruned.", ("id",)
    )


def prune_dead_letters(before: int, limit: int) -> Statement[int]:
    """Remove letters that were written before an instant, with what is left of their jobs.

    Args:
        before: ms since 1970 UTC.
        limit: Most letters to remove.

    Returns:
        How many were removed; fewer than `limit` when none is left.
    """
    return Statement(
        """\
MATCH (letter:DeadLetter) WHERE letter.k < $before
WITH letter ORDER BY letter.k LIMIT $limit
OPTIONAL MATCH (job:Job {key: letter.key}) WHERE job.dead_at IS NOT NULL
DELETE job, letter
RETURN count(*) AS removed""",
        {"before": ids.key(before, ""), "limit": limit},
        lambda records: int(records[0]["removed"]),
        Access.WRITE,
    )
