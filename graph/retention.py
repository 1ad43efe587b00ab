"""How long things are kept that nobody needs for ever: each statement removes one batch."""

from collections.abc import Sequence

from graph.statement import Access, Record, Statement


def _removed(records: Sequence[Record]) -> int:
    return int(records[0]["removed"] or 0) if records else 0


def prune_events(before: int, limit: int) -> Statement[int]:
    """Remove events numbered before an instant, with their stream entries and done jobs.

    An event that a job is still open or dead for, or that was not tallied yet, stays, whatever its
    age. The history's floor rises in the same transaction, so that a subscriber who comes back too
    late is told of the gap.

    Args:
        before: ms since 1970 UTC.
        limit: Most events to remove.

    Returns:
        How many events were removed; fewer than `limit` when none is left.
    """
    return Statement(
        """\
MATCH (counter:Counter {name: 'events'})
SET counter.lk = true
WITH counter
MATCH (tally:Counter {name: 'tally'})
WITH counter, tally.value AS tallied
MATCH (event:Event) WHERE event.numbered_at < $before AND event.position <= tallied
  AND NOT EXISTS {
    MATCH (open:Job) WHERE open.key STARTS WITH event.id + ':' AND open.done_at IS NULL
  }
WITH counter, event ORDER BY event.numbered_at LIMIT $limit
CALL (event) {
  UNWIND event.channels AS channel
  MATCH (entry:StreamEntry {channel: channel, position: event.position})
  DELETE entry
}
CALL (event) {
  MATCH (job:Job) WHERE job.key STARTS WITH event.id + ':'
  DELETE job
}
WITH counter, event, event.position AS position
DELETE event
WITH counter, count(*) AS removed, max(position) AS highest
SET counter.floor = CASE WHEN highest > counter.floor THEN highest ELSE counter.floor END
RETURN removed""",
        {"before": before, "limit": limit},
        _removed,
        Access.WRITE,
    )


def prune_idempotency_keys(before: int, limit: int) -> Statement[int]:
    """Remove clients' idempotency keys that were made before an instant (ms since 1970 UTC).

    Returns:
        How many were removed; fewer than `limit` when none is left.
    """
    return Statement(
        """\
MATCH (key:IdempotencyKey) WHERE key.created_at < $before
WITH key LIMIT $limit
DETACH DELETE key
RETURN count(*) AS removed""",
        {"before": before, "limit": limit},
        _removed,
        Access.WRITE,
    )


def prune_sessions(before: int, limit: int) -> Statement[int]:
    """Remove sessions that expired before an instant (ms since 1970 UTC).

    Returns:
        How many were removed; fewer than `limit` when none is left.
    """
    return Statement(
        """\
MATCH (session:Session) WHERE session.expires_at < $before
WITH session LIMIT $limit
DETACH DELETE session
RETURN count(*) AS removed""",
        {"before": before, "limit": limit},
        _removed,
        Access.WRITE,
    )


def prune_notifications(before: int, limit: int) -> Statement[int]:
    """Remove notifications that nothing was added to since an instant, with all that caused them.

    One that more people caused than one batch takes goes with the last of them.

    Args:
        before: ms since 1970 UTC.
        limit: Most notifications to look at, and most of their causes to remove.

    Returns:
        How many causes, and notifications without any, were looked at; fewer than `limit` when
        nothing is left.
    """
    return Statement(
        """\
MATCH (notification:Notification) WHERE notification.updated_at < $before
WITH notification LIMIT $limit
SET notification.lk = true
WITH notification WHERE notification.updated_at < $before
OPTIONAL MATCH (cause:Cause) WHERE cause.notification_id = notification.id
WITH notification, cause LIMIT $limit
WITH collect(DISTINCT notification) AS old, collect(cause) AS causes, count(*) AS removed
FOREACH (cause IN causes | DETACH DELETE cause)
WITH old, removed
UNWIND old AS notification
CALL (notification) {
  WITH notification
  WHERE NOT EXISTS { MATCH (left:Cause) WHERE left.notification_id = notification.id }
  DETACH DELETE notification
}
RETURN max(removed) AS removed""",
        {"before": before, "limit": limit},
        _removed,
        Access.WRITE,
    )


def doom_media(before: int, now: int, limit: int) -> Statement[int]:
    """Take images away that nothing has shown since an instant; `forget_media` removes them.

    The lock keeps out who is about to show one.

    Args:
        before: ms since 1970 UTC.
        now: The instant of the taking away, ms since 1970 UTC.
        limit: Most images to take away.

    Returns:
        How many were taken away; fewer than `limit` when none is left.
    """
    return Statement(
        """\
MATCH (media:Media) WHERE media.loose_at > 0 AND media.loose_at < $before
WITH media LIMIT $limit
SET media.lk = true
WITH media WHERE media.loose_at > 0
SET media.doomed_at = $now, media.loose_at = 0
RETURN count(media) AS removed""",
        {"before": before, "now": now, "limit": limit},
        _removed,
        Access.WRITE,
    )


def find_doomed_media(before: int, limit: int) -> Statement[dict[str, str]]:
    """Find images that were taken away before an instant (ms since 1970 UTC).

    Returns:
        The key of each one's bytes by its id, at most `limit`.
    """
    return Statement(
        """\
MATCH (media:Media) WHERE media.loose_at = 0 AND media.doomed_at < $before
RETURN media.id AS id, media.key AS key LIMIT $limit""",
        {"before": before, "limit": limit},
        lambda records: {record["id"]: record["key"] for record in records},
    )


def forget_media(media_ids: Sequence[str]) -> Statement[int]:
    """Remove images whose bytes are deleted.

    Returns:
        How many were removed.
    """
    return Statement(
        """\
UNWIND $ids AS id
MATCH (media:Media {id: id}) WHERE media.doomed_at > 0
DETACH DELETE media
RETURN count(*) AS removed""",
        {"ids": sorted(media_ids)},
        _removed,
        Access.WRITE,
    )
