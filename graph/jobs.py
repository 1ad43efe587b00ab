"""Jobs: work that an event asks for, open until its effect is in the graph.

A message to a worker is only a word that a job waits; it may be lost, doubled or late. What an
open job still needs is told by its node, so nothing is lost with the broker's data.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString

from graph.statement import Access, Record, Statement


@dataclass(frozen=True, slots=True)
class DueJob:
    """An open job that is to be handed to the workers again.

    Args:
        key: Its unique name.
        name: Which task does it.
        argument: What the task is given: the event that asked for it, or a schedule's slot.
        enqueued_count: How many times it was handed out again already.
        request_id: Of the request that it follows from, if any.
    """

    key: str
    name: str
    argument: str | int
    enqueued_count: int
    request_id: str | None = None


def job_key(event_id: str, name: str) -> str:
    """Name the one job of its kind that an event asks for."""
    return f"{event_id}:{name}"


def schedule_key(name: str) -> str:
    """Name the one job of a scheduled task: its latest slot."""
    return f"schedule:{name}"


def due_jobs(
    now: int, limit: int, *, only: Collection[str] | None = None, but: Collection[str] = ()
) -> Statement[list[DueJob]]:
    """Find open jobs whose time has come.

    Rows: longest due first, at most `limit`.

    Args:
        now: ms since 1970 UTC.
        limit: Most jobs to find.
        only: Names of those to look for; None for all.
        but: Names of those to pass by.

    Cost: one index range, whatever the number of jobs that are not due.
    """
    return Statement(
        """\
MATCH (job:Job)
WHERE job.due_at <= $now AND ($only IS NULL OR job.name IN $only) AND NOT job.name IN $but
RETURN job {.key, .name, .enqueued_count, .request_id,
            argument: coalesce(job.event_id, job.slot)} AS job
ORDER BY job.due_at LIMIT $limit""",
        {"now": now, "limit": limit, "only": None if only is None else [*only], "but": [*but]},
        lambda records: [DueJob(**record["job"]) for record in records],
    )


def mark_enqueued(next_due_at: Mapping[str, int], now: int) -> Statement[int]:
    """Note that jobs were handed out, and when to do so again if they are still open.

    A job that was closed since, or that another relay marked, is left as it is.

    Args:
        next_due_at: The instant for each job's key.
        now: The instant by which they were due, ms since 1970 UTC.

    Returns:
        How many were marked.
    """
    marks = [{"key": key, "due_at": next_due_at[key]} for key in sorted(next_due_at)]
    return Statement(
        """\
UNWIND $marks AS mark
MATCH (job:Job {key: mark.key})
SET job.lk = true
WITH job, mark WHERE job.due_at <= $now
SET job.due_at = mark.due_at, job.enqueued_count = job.enqueued_count + 1
RETURN count(job) AS marked""",
        {"marks": marks, "now": now},
        lambda records: int(records[0]["marked"]),
        Access.WRITE,
    )


def close_job(
    key: str, now: int, effect: LiteralString, parameters: Mapping[str, Any]
) -> Statement[bool]:
    """Make a statement that has a job's effect and closes the job, together and once.

    A dead letter of the job goes with it.

    Args:
        key: The job's key.
        now: ms since 1970 UTC.
        effect: Clauses of a unit subquery (without `RETURN`); they may find nothing to do.
        parameters: What the effect refers to with `$`, beside `$job_key` and `$now`.

    Returns:
        Whether this run had the effect: False when the job was closed already, or is unknown.
    """
    text: LiteralString = (
        "MATCH (job:Job {key: $job_key})\n"
        "SET job.lk = true\n"
        "WITH job WHERE job.done_at IS NULL\n"
        "CALL {\n" + effect + "}\n"
        "SET job.done_at = $now REMOVE job.due_at, job.open_since, job.dead_at\n"
        "WITH job\n"
        "OPTIONAL MATCH (letter:DeadLetter {key: job.key})\n"
        "DELETE letter\n"
        "RETURN true AS closed"
    )
    return Statement(text, {"job_key": key, "now": now, **parameters}, _closed, Access.WRITE)


def _closed(records: Sequence[Record]) -> bool:
    return bool(records)
