"""The tally: figures by UTC hour, recounted from the edges wherever an event touched them.

A deed counts in the hour in which it was done, as long as its edge stands: what is undone, deleted
or removed leaves that hour, what is restored comes back to it. So a post's hour has the likes,
shares and comments at any depth that `stats` counts; a person's has what they wrote, liked and
shared, and the likes that others and they themselves gave to what they wrote; the platform's is the
sum of the people's.

The tally follows the one order of events by a cursor of its own. A batch of events is read, posts
whose likes it changed are ranked anew, the hours that it touched are recounted, each once, and the
cursor moves with these in one transaction. Nothing is added up, so doing it twice, late or out of
order changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, LiteralString

from graph.engagement import HOUR_MS
from graph.events import EventKind
from graph.ids import key
from graph.ranks import RANKING, rank
from graph.statement import Access, Record, Statement
from graph.visibility import standing

TALLY: Final = "tally"
"""Name of the task that keeps the figures, and of the counter that holds its cursor."""

COUNTED: Final = (
    EventKind.POST_CREATED,
    EventKind.POST_DELETED,
    EventKind.POST_LIKED,
    EventKind.POST_UNLIKED,
    EventKind.POST_SHARED,
    EventKind.POST_UNSHARED,
    EventKind.COMMENT_CREATED,
    EventKind.COMMENT_DELETED,
    EventKind.COMMENT_LIKED,
    EventKind.COMMENT_UNLIKED,
    EventKind.CONTENT_REMOVED,
    EventKind.CONTENT_RESTORED,
)
"""Kinds of events that change a figure."""

AS_OF: LiteralString = """\
coalesce(head(COLLECT {
    MATCH (tally:Counter {name: 'tally'})
    CALL (tally) {
      MATCH (event:Event) WHERE event.position > tally.value
      RETURN event.occurred_at AS at ORDER BY event.position LIMIT 1
      UNION ALL
      MATCH (event:Event) WHERE event.pending > ''
      RETURN event.occurred_at AS at ORDER BY event.pending LIMIT 1
    }
    RETURN at ORDER BY at LIMIT 1
  }), $now)"""
"""Until when everything is counted: the instant of the oldest event that is not, or now.

To be asked before the figures are: what is counted in between is then more than was promised.
"""

_READ: LiteralString = """\
MATCH (events:Counter {name: 'events'})
SET events.lk = true
WITH events.value AS newest
MATCH (tally:Counter {name: 'tally'})
WITH newest, tally.value AS cursor
RETURN newest, cursor, COLLECT {
  MATCH (event:Event) WHERE event.position > cursor AND event.kind IN $kinds
  WITH event ORDER BY event.position LIMIT $limit
  OPTIONAL MATCH (post:Post {id: event.subject_id})
  OPTIONAL MATCH (comment:Comment {id: event.subject_id})
  RETURN event {
    .position, .kind, .actor_id, .post_id, author_id: coalesce(post.author_id, comment.author_id),
    at: coalesce(event.deed_at, event.occurred_at)
  } AS touched
} AS events"""
"""Holds the lock of those who number events: what they have numbered is seen whole, or not yet."""


def _count(match: LiteralString, edge: LiteralString) -> LiteralString:
    return f"COUNT {{ MATCH {match} AND {edge}.k >= bucket.first_k AND {edge}.k < bucket.last_k }}"


_LIKES_OF_POST: LiteralString = _count(
    "()-[r:LIKED]->() USING INDEX SEEK r:LIKED(subject_id, k) WHERE r.subject_id = bucket.id", "r"
)
_COMMENTS_OF_POST: LiteralString = _count(
    "()-[r:ON_POST]->() USING INDEX SEEK r:ON_POST(post_id, k) WHERE r.post_id = bucket.id", "r"
)
_SHARES_OF_POST: LiteralString = _count(
    "()-[r:SHARED]->() USING INDEX SEEK r:SHARED(post_id, k) WHERE r.post_id = bucket.id", "r"
)
_POSTS_OF_USER: LiteralString = _count(
    "(post:Post) USING INDEX SEEK post:Post(author_id, k) "
    f"WHERE post.author_id = bucket.id AND {standing('post')}",
    "post",
)
_COMMENTS_OF_USER: LiteralString = _count(
    "(comment:Comment) USING INDEX SEEK comment:Comment(author_id, k) "
    f"WHERE comment.author_id = bucket.id AND {standing('comment')}",
    "comment",
)
_LIKES_OF_USER: LiteralString = _count(
    "()-[r:LIKED]->() USING INDEX SEEK r:LIKED(user_id, k) WHERE r.user_id = bucket.id", "r"
)
_LIKES_OF_AUTHOR: LiteralString = _count(
    "()-[r:LIKED]->() USING INDEX SEEK r:LIKED(author_id, k) WHERE r.author_id = bucket.id", "r"
)
_SHARES_OF_USER: LiteralString = _count(
    "()-[r:SHARED]->() USING INDEX SEEK r:SHARED(user_id, k) WHERE r.user_id = bucket.id", "r"
)

SAVE_POST_HOURS: LiteralString = """\
OPTIONAL MATCH (old:PostHour {post_id: bucket.id, at: bucket.at})
USING INDEX SEEK old:PostHour(post_id, at)
WITH bucket, counted,
  [coalesce(old.likes, 0), coalesce(old.comments, 0), coalesce(old.shares, 0)] AS stored
WHERE counted <> stored
MERGE (hour:PostHour {post_id: bucket.id, at: bucket.at})
SET hour.likes = counted[0], hour.comments = counted[1], hour.shares = counted[2]
"""
"""Writes what was `counted` for each `bucket` where it is not what is `stored`."""

SAVE_USER_HOURS: LiteralString = """\
OPTIONAL MATCH (old:UserHour {user_id: bucket.id, at: bucket.at})
USING INDEX SEEK old:UserHour(user_id, at)
WITH bucket, counted, [coalesce(old.posts, 0), coalesce(old.comments, 0),
  coalesce(old.likes_given, 0), coalesce(old.likes_received, 0), coalesce(old.shares, 0)] AS stored
WHERE counted <> stored
MERGE (hour:UserHour {user_id: bucket.id, at: bucket.at})
SET hour.posts = counted[0], hour.comments = counted[1], hour.likes_given = counted[2],
  hour.likes_received = counted[3], hour.shares = counted[4]
WITH collect({id: bucket.id, at: bucket.at, stored: stored, counted: counted}) AS drifts
CALL (drifts) {
  UNWIND drifts AS each
  WITH each.at AS at, sum(each.counted[0] - each.stored[0]) AS posts,
    sum(each.counted[1] - each.stored[1]) AS comments,
    sum(each.counted[2] - each.stored[2]) AS likes,
    sum(each.counted[4] - each.stored[4]) AS shares
  MERGE (hour:PlatformHour {at: at})
  SET hour.posts = coalesce(hour.posts, 0) + posts,
    hour.comments = coalesce(hour.comments, 0) + comments,
    hour.likes = coalesce(hour.likes, 0) + likes,
    hour.shares = coalesce(hour.shares, 0) + shares
}
"""
"""The same for people; what it changed is in `drifts`, and added to the platform's hours."""

_RECOUNT: LiteralString = (
    """\
MATCH (tally:Counter {name: 'tally'})
SET tally.lk = true
WITH tally WHERE tally.value = $cursor
SET tally.value = $next
WITH tally
CALL () {
  UNWIND $posts AS bucket
"""
    f"  WITH bucket, [{_LIKES_OF_POST}, {_COMMENTS_OF_POST}, {_SHARES_OF_POST}] AS counted\n"
    + SAVE_POST_HOURS
    + """\
}
CALL () {
  UNWIND $users AS bucket
"""
    f"  WITH bucket, [{_POSTS_OF_USER}, {_COMMENTS_OF_USER}, {_LIKES_OF_USER}, "
    f"{_LIKES_OF_AUTHOR}, {_SHARES_OF_USER}] AS counted\n"
    + SAVE_USER_HOURS
    + """\
}
RETURN true AS moved"""
)


@dataclass(frozen=True, slots=True)
class Tallied:
    """What one batch of the tally did.

    Args:
        events: How many events it took in.
        is_last: Whether it came as far as there were events when it began.
    """

    events: int
    is_last: bool


def tally(limit: int) -> Statement[Tallied]:
    """Rank and recount what the next events touched, and move the cursor behind them.

    Of several at once one moves the cursor; the others have done nothing, and find what is left
    when they look again.

    Args:
        limit: Most events to take in.

    Cost: two statements, three where posts are to be ranked. Three index ranges for each hour of a
        post that was touched and five for each of a person, each as long as what happened in that
        hour; a degree for each post that is ranked.
    """
    return Statement(
        _READ,
        {"kinds": [kind.value for kind in COUNTED], "limit": limit},
        partial(_recount, limit=limit),
        Access.WRITE,
    )


def _recount(records: Sequence[Record], limit: int) -> Tallied | Statement[Tallied]:
    newest, cursor = records[0]["newest"], records[0]["cursor"]
    events: list[Mapping[str, Any]] = records[0]["events"]
    is_last = len(events) < limit
    until = newest if is_last else events[-1]["position"]
    if until <= cursor:
        return Tallied(0, is_last=True)
    done = Tallied(len(events), is_last)
    parameters = {
        "cursor": cursor,
        "next": until,
        "posts": _buckets((event["post_id"], event["at"]) for event in events),
        "users": _buckets(
            (event[name], event["at"]) for event in events for name in ("actor_id", "author_id")
        ),
    }
    recount = Statement(
        _RECOUNT,
        parameters,
        lambda moved: done if moved else Tallied(0, is_last=False),
        Access.WRITE,
    )
    liked = sorted({event["post_id"] for event in events if event["kind"] in RANKING})
    return rank(liked, recount) if liked else recount


def _buckets(touched: Iterable[tuple[str | None, int]]) -> list[dict[str, Any]]:
    """Give the hours that were touched, each once: whose, and what an index finds in them."""
    hours = {(id_, at - at % HOUR_MS) for id_, at in touched if id_ is not None}
    return [
        {"id": id_, "at": at, "first_k": key(at, ""), "last_k": key(at + HOUR_MS, "")}
        for id_, at in sorted(hours)
    ]
