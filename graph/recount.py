"""Recount everything that is stored beside the edges, page by page, and repair what differs.

Each page is one transaction that holds the tally's lock, so that what was counted in it and what
the tally counts next never come in between each other. What an event explains that is not tallied
yet, or of which somebody is yet to be told, is repaired like the rest, but it is no drift.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from graph.engagement import HOUR_MS
from graph.ids import KEY_FIRST
from graph.statement import Access, Record, Statement
from graph.tally import COUNTED, SAVE_POST_HOURS, SAVE_USER_HOURS

_POSTS_OF_A_PAGE: Final = 500
_PEOPLE_OF_A_PAGE: Final = 100
_HOURS_OF_A_PAGE: Final = 5_000
_BEGINNING: Final = -1


@dataclass(frozen=True, slots=True)
class Drift:
    """Something stored that was not what a recount gave; it is repaired.

    Args:
        what: Which figure.
        id: Of whom or what: of a cause its key; None for the platform.
        at: Of which hour, ms since 1970 UTC.
        stored: What was stored.
        counted: What was counted.
    """

    what: str
    id: str | None
    at: int | None
    stored: Any
    counted: Any


@dataclass(frozen=True, slots=True)
class Page:
    """What a recount of one page gave.

    Args:
        next: Where the next page begins; None when there is none.
        drifts: What was repaired.
    """

    next: Any
    drifts: list[Drift]


def end(explaining: LiteralString = "") -> LiteralString:
    """Give what ends a page: notes where the round goes on, and gives that and what was repaired.

    Args:
        explaining: Further branches of a union that give each `event` that explains a drift of
            whom it concerns: what it asks for is still to be done.
    """
    return f"""\
WITH tallied, max(place) AS next, collect(drifts) AS pages
WITH next, reduce(all = [], each IN pages | all + each) AS drifts, tallied
WITH next, drifts, CASE WHEN size(drifts) > 0 THEN COLLECT {{
    CALL (tallied) {{
      MATCH (event:Event) WHERE event.pending > '' AND event.kind IN $kinds RETURN event
      UNION ALL
      MATCH (event:Event) WHERE event.position > tallied AND event.kind IN $kinds RETURN event
{explaining}    }}
    OPTIONAL MATCH (post:Post {{id: event.subject_id}})
    OPTIONAL MATCH (comment:Comment {{id: event.subject_id}})
    UNWIND [event.actor_id, event.post_id, post.author_id, comment.author_id] AS id
    WITH id WHERE id IS NOT NULL
    RETURN DISTINCT id
  }} ELSE [] END AS waiting
WITH next, [each IN drifts WHERE NOT (
  coalesce(each.id, '') IN waiting OR coalesce(split(each.id, ':')[1], '') IN waiting
)] AS drifts
CALL (next, drifts) {{
  MATCH (round:Reconciliation {{name: 'nightly'}}) WHERE $step IS NOT NULL
  SET round.step = $step, round.after = next, round.drift_count = round.drift_count + size(drifts)
}}
RETURN next, drifts"""


@dataclass(frozen=True, slots=True)
class Recount:
    """A way through everything of one kind.

    Args:
        what: Name of the figure.
        start: Where the first page begins.
        text: Clauses that bind, for each thing of a page, its key as `place` and its `drifts`.
        explaining: As that of `end`.
    """

    what: str
    start: Any
    text: LiteralString
    explaining: LiteralString = ""

    def page(self, after: Any = None, step: int | None = None) -> Statement[Page]:
        """Recount and repair one page.

        Args:
            after: What the page before said comes `next`.
            step: Of the nightly round, which then goes on behind this page; None for a recount of
                its own.

        Cost: linear in what people did with five hundred posts, in what a hundred people did, or in
            five thousand of people's hours and all of the last one.
        """
        text = LOCK + self.text + end(self.explaining)
        return Statement(text, self.parameters(after, step), self.decode, Access.WRITE)

    def parameters(self, after: Any, step: int | None) -> dict[str, Any]:
        """Give the parameters of a page's statement; arguments as those of `page`."""
        kinds = [kind.value for kind in COUNTED]
        return {**self._place(after), "step": step, "kinds": kinds}

    def fill(self, after: Any = None) -> Statement[None]:
        """Count one page and those that follow it, and say nothing of what was stored before.

        Args:
            after: What the page before gave as `next`.

        Cost: that of `page`, page by page.
        """
        text = LOCK + self.text + "RETURN max(place) AS next"
        return Statement(text, self._place(after), self._fill_further, Access.WRITE)

    def _place(self, after: Any) -> dict[str, Any]:
        return {
            "after": self.start if after is None else after,
            "posts": _POSTS_OF_A_PAGE,
            "people": _PEOPLE_OF_A_PAGE,
            "hours": _HOURS_OF_A_PAGE,
            "hour": HOUR_MS,
        }

    def _fill_further(self, records: Sequence[Record]) -> Statement[None] | None:
        place = records[0]["next"]
        return None if place is None else self.fill(place)

    def decode(self, records: Sequence[Record]) -> Page:
        """Read what a page's statement gave."""
        if not records or records[0]["next"] is None:
            return Page(None, [])
        return Page(
            records[0]["next"],
            [Drift(self.what, **each) for each in records[0]["drifts"]],
        )


LOCK: LiteralString = """\
MATCH (tally:Counter {name: 'tally'})
SET tally.lk = true
WITH tally.value AS tallied
"""
"""Begins a page: binds how far the tally came, and lets it go no further."""
DRIFTS: LiteralString = """\
  RETURN collect({id: bucket.id, at: bucket.at, stored: stored, counted: counted}) AS drifts
}
"""
"""Ends the subquery of one thing: what of it was repaired."""
POSTS: LiteralString = """\
CALL () {
  MATCH (post:Post) WHERE post.k > $after RETURN post ORDER BY post.k LIMIT $posts
}
"""

PEOPLE: LiteralString = """\
CALL () {
  MATCH (user:User) WHERE user.id > $after RETURN user ORDER BY user.id LIMIT $people
}
"""

POST_HOURS: Final = Recount(
    "post hours",
    KEY_FIRST,
    POSTS
    + """\
WITH tallied, post, post.k AS place
CALL (post) {
  CALL (post) {
    MATCH (post)<-[r:LIKED]-()
    RETURN r.at - r.at % $hour AS at, 1 AS likes, 0 AS comments, 0 AS shares
    UNION ALL
    MATCH (post)<-[r:ON_POST]-()
    RETURN r.at - r.at % $hour AS at, 0 AS likes, 1 AS comments, 0 AS shares
    UNION ALL
    MATCH (post)<-[r:SHARED]-()
    RETURN r.at - r.at % $hour AS at, 0 AS likes, 0 AS comments, 1 AS shares
    UNION ALL
    MATCH (hour:PostHour) USING INDEX SEEK hour:PostHour(post_id, at)
    WHERE hour.post_id = post.id AND hour.at >= 0
    RETURN hour.at AS at, 0 AS likes, 0 AS comments, 0 AS shares
  }
  WITH post, at, [sum(likes), sum(comments), sum(shares)] AS counted
  WITH {id: post.id, at: at} AS bucket, counted
"""
    + SAVE_POST_HOURS
    + DRIFTS,
)

USER_HOURS: Final = Recount(
    "user hours",
    KEY_FIRST,
    PEOPLE
    + """\
WITH tallied, user, user.id AS place
CALL (user) {
  CALL (user) {
    MATCH (user)-[:POSTED]->(post:Post)
    RETURN post.created_at AS at, 1 AS posts, 0 AS comments, 0 AS given, 0 AS received, 0 AS shares
    UNION ALL
    MATCH (user)-[:COMMENTED]->(comment:Comment)
    RETURN comment.created_at AS at, 0 AS posts, 1 AS comments, 0 AS given, 0 AS received,
      0 AS shares
    UNION ALL
    MATCH (user)-[r:LIKED]->()
    RETURN r.at AS at, 0 AS posts, 0 AS comments, 1 AS given, 0 AS received, 0 AS shares
    UNION ALL
    MATCH ()-[r:LIKED]->() USING INDEX SEEK r:LIKED(author_id, k)
    WHERE r.author_id = user.id AND r.k > ''
    RETURN r.at AS at, 0 AS posts, 0 AS comments, 0 AS given, 1 AS received, 0 AS shares
    UNION ALL
    MATCH (user)-[r:SHARED]->()
    RETURN r.at AS at, 0 AS posts, 0 AS comments, 0 AS given, 0 AS received, 1 AS shares
    UNION ALL
    MATCH (hour:UserHour) USING INDEX SEEK hour:UserHour(user_id, at)
    WHERE hour.user_id = user.id AND hour.at >= 0
    RETURN hour.at AS at, 0 AS posts, 0 AS comments, 0 AS given, 0 AS received, 0 AS shares
  }
  WITH user, at - at % $hour AS at,
    sum(posts) AS posts, sum(comments) AS comments, sum(given) AS given,
    sum(received) AS received, sum(shares) AS shares
  WITH {id: user.id, at: at} AS bucket, [posts, comments, given, received, shares] AS counted
"""
    + SAVE_USER_HOURS
    + "RETURN drifts\n}\n",
)

PLATFORM_HOURS: Final = Recount(
    "platform hours",
    _BEGINNING,
    """\
CALL () {
  CALL () {
    MATCH (hour:UserHour) WHERE hour.at > $after RETURN hour.at AS at ORDER BY hour.at LIMIT $hours
    UNION ALL
    MATCH (hour:PlatformHour) WHERE hour.at > $after
    RETURN hour.at AS at ORDER BY hour.at LIMIT $hours
  }
  WITH at ORDER BY at LIMIT $hours
  RETURN min(at) AS first, max(at) AS place
}
WITH tallied, first, place WHERE first IS NOT NULL
CALL (first, place) {
  CALL (first, place) {
    MATCH (hour:UserHour) WHERE hour.at >= first AND hour.at <= place
    RETURN hour.at AS at, hour.posts AS posts, hour.comments AS comments,
      hour.likes_given AS likes, hour.shares AS shares
    UNION ALL
    MATCH (hour:PlatformHour) WHERE hour.at >= first AND hour.at <= place
    RETURN hour.at AS at, 0 AS posts, 0 AS comments, 0 AS likes, 0 AS shares
  }
  WITH {id: null, at: at} AS bucket,
    [sum(posts), sum(comments), sum(likes), sum(shares)] AS counted
  OPTIONAL MATCH (old:PlatformHour {at: bucket.at})
  WITH bucket, counted, [coalesce(old.posts, 0), coalesce(old.comments, 0),
    coalesce(old.likes, 0), coalesce(old.shares, 0)] AS stored
  WHERE counted <> stored
  MERGE (hour:PlatformHour {at: bucket.at})
  SET hour.posts = counted[0], hour.comments = counted[1], hour.likes = counted[2],
    hour.shares = counted[3]
"""
    + DRIFTS,
)

HOURS: Final = (POST_HOURS, USER_HOURS, PLATFORM_HOURS)
"""What the tally keeps, in the order in which one is the sum of another."""


def fill_hours() -> list[Statement[None]]:
    """Make the statements that count all hours from the edges.

    Cost: linear in what there is, page by page; each statement goes on where it stopped.
    """
    return [each.fill() for each in HOURS]
