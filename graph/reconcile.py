"""The nightly round: recount everything that is stored beside the edges, and repair what differs.

A round goes step by step, page by page, each page one transaction that also notes where the round
goes on. So it may be killed anywhere, and be done in as many pieces as one likes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from graph import edges
from graph.causes import NEWEST_CAUSE, SETTLE
from graph.ids import KEY_FIRST
from graph.ranks import RANK_POST, hot_key
from graph.recount import DRIFTS, HOURS, PEOPLE, POSTS, Page, Recount
from graph.recount_words import WORDS
from graph.statement import Access, Record, Statement
from graph.withdrawal import newest_key

RANKS: Final = Recount(
    "ranks",
    KEY_FIRST,
    POSTS
    + f"""\
WITH tallied, post, post.k AS place
CALL (post) {{
  WITH post WHERE post.hot_k IS NULL OR post.hot_k <> {hot_key("post")}
{RANK_POST}  WITH {{id: post.id, at: null}} AS bucket, stored, counted
"""
    + DRIFTS,
)

_NEWEST: LiteralString = newest_key("user")
NEWEST_POSTS: Final = Recount(
    "newest posts",
    KEY_FIRST,
    PEOPLE
    + f"""\
WITH tallied, user, user.id AS place
CALL (user) {{
  WITH user WHERE coalesce(user.last_post_k, '') <> coalesce({_NEWEST}, '')
  SET user.lk = true
  WITH user, user.last_post_k AS stored, {_NEWEST} AS counted
  WHERE coalesce(stored, '') <> coalesce(counted, '')
  SET user.last_post_k = counted
  WITH {{id: user.id, at: null}} AS bucket, stored, counted
"""
    + DRIFTS,
)

_DEED_STANDS: LiteralString = f"""\
CASE split(cause.key, ':')[0]
    WHEN 'LIKE' THEN {edges.likes("cause.actor_id", "split(cause.key, ':')[2]")}
    WHEN 'SHARE' THEN {edges.shares("cause.actor_id", "split(cause.key, ':')[2]")}
    WHEN 'FOLLOW' THEN {edges.follows("cause.actor_id", "cause.recipient_id")}
    ELSE true END"""
_LOOK: LiteralString = f"""\
WITH cause, cause.k IS NOT NULL AND {_DEED_STANDS} AS holds,
    [cause.k IS NOT NULL, EXISTS {{ (cause)-[:CAUSES]->() }}] AS stored
  WITH cause, holds, stored, [holds, holds] AS counted WHERE stored <> counted"""
CAUSES: Final = Recount(
    "causes",
    "",
    f"""\
CALL () {{
  MATCH (cause:Cause) WHERE cause.key > $after RETURN cause ORDER BY cause.key LIMIT $posts
}}
WITH tallied, cause, cause.key AS place
CALL (cause) {{
  {_LOOK}
  MATCH (recipient:User {{id: cause.recipient_id}})
  SET recipient.lk = true
  {_LOOK}
  MATCH (notification:Notification {{id: cause.notification_id}})
  CALL (cause) {{
    MATCH (cause)-[causes:CAUSES]->()
    DELETE causes
  }}
  CALL (cause, notification, holds) {{
    WITH * WHERE holds
    CREATE (cause)-[:CAUSES]->(notification)
  }}
  CALL (cause, holds) {{
    WITH * WHERE NOT holds AND cause.k IS NOT NULL
    SET cause.once_k = cause.k
    REMOVE cause.k
  }}
  CALL (notification) {{
    {SETTLE}
  }}
  WITH {{id: cause.key, at: null}} AS bucket, stored, counted
"""
    + DRIFTS,
    """\
      UNION ALL
      MATCH (event:Event) WHERE event.pending > '' RETURN event
      UNION ALL
      MATCH (job:Job) WHERE job.due_at > 0 AND job.name = 'notify'
      MATCH (event:Event {id: job.event_id}) RETURN event
""",
)
"""Whether what people are told of was done and not undone, and is one of their notification's."""

_STORED: LiteralString = """\
[coalesce(notification.k, ''), coalesce(notification.unseen_k, ''),
    coalesce(notification.unread_k, '')]"""
_SETTLED: LiteralString = f"""\
[each IN [true, notification.seen_at IS NULL, notification.read_at IS NULL] |
    CASE WHEN each THEN coalesce(left({NEWEST_CAUSE}, 15) + notification.id, '') ELSE '' END]"""
NEWS: Final = Recount(
    "news",
    KEY_FIRST,
    f"""\
CALL () {{
  MATCH (notification:Notification) WHERE notification.id > $after
  RETURN notification ORDER BY notification.id LIMIT $posts
}}
WITH tallied, notification, notification.id AS place
CALL (notification) {{
  WITH notification, {_STORED} AS stored, {_SETTLED} AS counted WHERE stored <> counted
  MATCH (recipient:User {{id: notification.recipient_id}})
  SET recipient.lk = true
  WITH notification, {_STORED} AS stored, {_SETTLED} AS counted WHERE stored <> counted
  CALL (notification) {{
    {SETTLE}
  }}
  WITH {{id: notification.id, at: null}} AS bucket, stored, counted
"""
    + DRIFTS,
)
"""Where notifications stand, and whether they wait to be seen and read."""

LIKES: Final = Recount(
    "likes",
    KEY_FIRST,
    PEOPLE
    + """\
WITH tallied, user, user.id AS place
CALL (user) {
  MATCH (user)-[liked:LIKED]->(subject)
  WHERE liked.author_id IS NULL OR liked.author_id <> subject.author_id
  WITH liked, {id: subject.id, at: null} AS bucket, liked.author_id AS stored,
    subject.author_id AS counted
  SET liked.author_id = counted
"""
    + DRIFTS,
)
"""Whose things were liked, by which a person's hours count the likes that they got."""

_SUSPENDED: LiteralString = "CASE WHEN user.suspended_at IS NULL THEN '' ELSE user.username END"
SUSPENDED_NAMES: Final = Recount(
    "suspended names",
    KEY_FIRST,
    PEOPLE
    + f"""\
WITH tallied, user, user.id AS place
CALL (user) {{
  WITH user WHERE coalesce(user.suspended_name, '') <> {_SUSPENDED}
  SET user.lk = true
  WITH user, coalesce(user.suspended_name, '') AS stored, {_SUSPENDED} AS counted
  WHERE stored <> counted
  SET user.suspended_name = CASE WHEN user.suspended_at IS NOT NULL THEN user.username END
  WITH {{id: user.id, at: null}} AS bucket, stored, counted
"""
    + DRIFTS,
)

STEPS: Final = (LIKES, *HOURS, RANKS, NEWEST_POSTS, CAUSES, NEWS, WORDS, SUSPENDED_NAMES)
"""What a round recounts, in order."""


@dataclass(frozen=True, slots=True)
class Round:
    """Where the round of a night stands.

    Args:
        step: Which of `STEPS` is next; their number when the round is through.
        after: Behind what its next page begins; None for its beginning.
        drift_count: How much was repaired so far.
    """

    step: int
    after: Any
    drift_count: int

    @property
    def is_through(self) -> bool:
        """Whether nothing is left to do."""
        return self.step >= len(STEPS)


def open_round(night: int, now: int) -> Statement[Round]:
    """Begin the round of a night, or find where it stands.

    Args:
        night: The instant at which rounds of this night begin, ms since 1970 UTC.
        now: ms since 1970 UTC.
    """
    return Statement(
        """\
MERGE (round:Reconciliation {name: 'nightly'})
SET round.lk = true
WITH round
CALL (round) {
  WITH round WHERE coalesce(round.night, -1) < $night
  SET round.night = $night, round.started_at = $now, round.step = 0, round.drift_count = 0
  REMOVE round.after, round.ended_at
}
RETURN round {.step, .after, .drift_count} AS round""",
        {"night": night, "now": now},
        lambda records: Round(**records[0]["round"]),
        Access.WRITE,
    )


def next_page(found: Round) -> Statement[Page]:
    """Recount the next page of a round, and note it there."""
    return STEPS[found.step].page(found.after, found.step)


def end_step(found: Round, now: int) -> Statement[Round]:
    """Go on to the next step, when the pages of one are through.

    Args:
        found: The round as it stood before.
        now: ms since 1970 UTC; when the round ended, should it be its last step.
    """

    def decode(records: Sequence[Record]) -> Round:
        return Round(**records[0]["round"])

    return Statement(
        """\
MATCH (round:Reconciliation {name: 'nightly'})
SET round.lk = true
WITH round
CALL (round) {
  WITH round WHERE round.step = $step
  SET round.step = $step + 1, round.ended_at = CASE WHEN $step + 1 = $steps THEN $now END
  REMOVE round.after
}
RETURN round {.step, .after, .drift_count} AS round""",
        {"step": found.step, "steps": len(STEPS), "now": now},
        decode,
        Access.WRITE,
    )
