"""Read channels of events by position: what a subscriber is told, in order, after any absence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

from graph.statement import Access, Record, Statement
from graph.viewer import Viewer, viewer_read

_SKIPPED: Final = 10**9
"""More positions than can have been given since a backup."""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """An event at its place in a channel.

    Args:
        position: Grows with every event of Nexus, in the one order that all subscribers see.
        event_id: Id of the event's node.
        kind: A value of `graph.events.EventKind`.
        occurred_at: ms since 1970 UTC.
        actor_id: Who did it.
        subject_id: What it was done to.
        post_id: The post at the root of the subject, where there is one.
    """

    position: int
    event_id: str
    kind: str
    occurred_at: int
    actor_id: str
    subject_id: str
    post_id: str | None


@dataclass(frozen=True, slots=True)
class StreamBounds:
    """How far back and how far on the history goes.

    Args:
        oldest: Events at this position and before it may be gone; 0 when none is.
        newest: Position of the newest event; 0 when there is none.
    """

    oldest: int
    newest: int


@dataclass(frozen=True, slots=True)
class StreamPage:
    """Some of a channel's events.

    Args:
        events: In order of position.
        bounds: How far the history went after they were read; what lies behind the oldest of it
            the events may lack.
        is_full: Whether it has as many events as were asked for, so that more may follow.
    """

    events: Sequence[StreamEvent]
    bounds: StreamBounds
    is_full: bool


EVENTS_AFTER: Final[LiteralString] = """\
COLLECT {
  MATCH (entry:StreamEntry)
  WHERE entry.channel = $channel AND entry.position > $after
  WITH entry ORDER BY entry.channel, entry.position LIMIT $limit
  MATCH (event:Event {id: entry.event_id})
  RETURN event {
    position: entry.position, event_id: event.id, .kind, .occurred_at,
    .actor_id, .subject_id, .post_id
  } ORDER BY entry.position
}"""
"""The list of the events of `$channel` after position `$after`, at most `$limit`, for `page_of`."""


def page_of(record: Record, limit: int) -> StreamPage:
    """Give the page of a row: `events`, of `EVENTS_AFTER`, and the bounds `oldest` and `newest`.

    The bounds are to be read after the events, so that what was pruned before these were read lies
    behind them.
    """
    events = [StreamEvent(**row) for row in record["events"]]
    bounds = StreamBounds(record["oldest"], record["newest"])
    return StreamPage(events, bounds, len(events) == limit)


def read_events(channel: str, after: int, limit: int) -> Statement[StreamPage]:
    """Read a channel's events after a position.

    Rows: in order of position, at most `limit`.
    Cost: one index range of the channel, whatever its length.
    """
    return Statement(
        f"""\
WITH {EVENTS_AFTER} AS events
MATCH (c:Counter {{name: 'events'}})
RETURN events, c.floor AS oldest, c.value AS newest""",
        {"channel": channel, "after": after, "limit": limit},
        lambda records: page_of(records[0], limit),
    )


def read_bounds() -> Statement[StreamBounds]:
    """Read where the history of events begins and ends."""
    return Statement(
        "MATCH (c:Counter {name: 'events'}) RETURN c.floor AS oldest, c.value AS newest",
        {},
        lambda records: StreamBounds(records[0]["oldest"], records[0]["newest"]),
    )


def settle() -> Statement[int]:
    """Read the newest position of which all events up to it can be read from now on.

    Neo4j shows a transaction's changes while it still applies them, and lets go of its locks
    afterwards. So whoever has the lock of the numbering sees all of what was numbered before.
    """
    return Statement(
        "MATCH (c:Counter {name: 'events'}) SET c.lk = true WITH c RETURN c.value AS newest",
        {},
        lambda records: int(records[0]["newest"]),
        Access.WRITE,
    )


def break_history() -> Statement[StreamBounds]:
    """Begin the history anew, behind every position that was ever given.

    For a database that was restored: positions that were given after its backup would be given
    again, to other events. Whoever comes back with a position from before is told of a gap.

    Returns:
        How far the history goes now.
    """
    return Statement(
        """\
MATCH (c:Counter {name: 'events'})
SET c.lk = true
WITH c, c.value + $skipped AS newest
SET c.value = newest, c.floor = newest
RETURN newest""",
        {"skipped": _SKIPPED},
        lambda records: StreamBounds(records[0]["newest"], records[0]["newest"]),
        Access.WRITE,
    )


def read_newest(viewer: Viewer) -> Statement[int]:
    """Read the newest position of all streams, for a viewer."""
    value: LiteralString = (
        "head(COLLECT { MATCH (c:Counter {name: 'events'}) RETURN c.value AS newest })"
    )
    return viewer_read(viewer, value, {}, int)
