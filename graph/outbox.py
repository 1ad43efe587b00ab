"""The outbox: what commands committed, waiting for its place in the one order of events.

Clocks and ids made inside transactions come out of order, so an event gets its position only
after its commit, from one counter, in a transaction that holds the counter's lock. Any number
of relays may do so at once; each event gets one position, and positions have no gaps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from graph.events import Event, EventKind, channels_of, jobs_of
from graph.jobs import job_key
from graph.statement import Access, Record, Statement


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event that has just got its position.

    Args:
        event_id: Id of the event.
        position: Its place in the one order of events.
        channels: Where subscribers find it.
        jobs: Names of the jobs that are now open for it.
        request_id: Of the request that it follows from, if any.
    """

    event_id: str
    position: int
    channels: tuple[str, ...]
    jobs: tuple[str, ...]
    request_id: str | None = None


def number_pending(limit: int, now: int, due_at: int) -> Statement[list[Numbered]]:
    """Give the oldest pending events their positions, and open their jobs.

    Repeated after a lost answer it numbers nothing: then nobody was told, and what is told by
    bells and first messages comes by polling and by the sweep of due jobs instead. Kinds that
    this version does not know stay pending for a relay that does.

    Rows: in order of position; empty when nothing is pending or other relays took it all.

    Args:
        limit: Most events to take at once.
        now: ms since 1970 UTC.
        due_at: When a job that is still open then is to be handed out again.

    Cost: two statements, linear in what they take.
    """
    return Statement(
        """\
MATCH (event:Event) WHERE event.pending > '' AND event.kind IN $kinds
RETURN event {.id, .kind, .occurred_at, .actor_id, .subject_id, .post_id} AS event
ORDER BY event.pending LIMIT $limit""",
        {"kinds": [kind.value for kind in EventKind], "limit": limit},
        partial(_number, now=now, due_at=due_at),
    )


def _number(
    records: Sequence[Record], now: int, due_at: int
) -> list[Numbered] | Statement[list[Numbered]]:
    events = [_event(**record["event"]) for record in records]
    return _number_batch(events, now, due_at) if events else []


def _event(kind: str, **values: Any) -> Event:
    return Event(kind=EventKind(kind), **values)


def _number_batch(events: Sequence[Event], now: int, due_at: int) -> Statement[list[Numbered]]:
    return Statement(
        """\
MATCH (counter:Counter {name: 'events'})
SET counter.lk = true
WITH counter, counter.value AS newest
UNWIND $batch AS item
MATCH (event:Event {id: item.id}) WHERE event.pending IS NOT NULL
WITH counter, newest, event, item ORDER BY item.id
WITH counter, newest, collect({event: event, channels: item.channels, jobs: item.jobs}) AS taken
SET counter.value = newest + size(taken)
WITH newest, taken
UNWIND range(0, size(taken) - 1) AS i
WITH taken[i].event AS event, taken[i].channels AS channels, taken[i].jobs AS jobs,
     newest + 1 + i AS position
SET event.position = position, event.numbered_at = $now, event.channels = channels
REMOVE event.pending
FOREACH (channel IN channels |
  CREATE (:StreamEntry {channel: channel, position: position, event_id: event.id}))
FOREACH (job IN jobs |
  CREATE (:Job {key: job.key, name: job.name, event_id: event.id, request_id: event.request_id,
                due_at: $due_at, open_since: $now, enqueued_count: 0}))
RETURN event.id AS event_id, position, channels, [job IN jobs | job.name] AS jobs,
  event.request_id AS request_id
ORDER BY position""",
        {"batch": [_item(event) for event in events], "now": now, "due_at": due_at},
        lambda records: [_numbered(**record) for record in records],
        Access.WRITE,
    )


def _item(event: Event) -> dict[str, Any]:
    jobs = [{"key": job_key(event.id, name), "name": name} for name in jobs_of(event)]
    return {"id": event.id, "channels": channels_of(event), "jobs": jobs}


def _numbered(
    event_id: str, position: int, channels: list[str], jobs: list[str], request_id: str | None
) -> Numbered:
    return Numbered(event_id, position, tuple(channels), tuple(jobs), request_id)
