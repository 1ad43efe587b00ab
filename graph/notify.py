"""The job `notify`: whom an event concerns, and what they are told, once per deed and person.

A deed and its undoing ask for the same: that who is told of it now is who should be. The job looks
at what is there, once it has locked whom it concerns, so that doing it twice, late or out of order
comes to the same.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final, LiteralString

from graph import edges
from graph.causes import BRING_BACK, TAKE_BACK, TELL
from graph.events import EventKind
from graph.ids import key
from graph.jobs import close_job, job_key
from graph.statement import Access, Record, Statement
from graph.visibility import standing, visible_post, welcome_user

NOTIFY: Final = "notify"
"""Name of the job that makes an event's notifications, and takes them back."""
_TAKEN_AT_ONCE: Final = 500
_EVENT: LiteralString = "MATCH (event:Event {id: $event_id})\n"


def _wants(kind: LiteralString) -> LiteralString:
    return f"NOT {kind} IN coalesce(recipient.unwanted_kinds, [])"


_IS_BY_WELCOME: LiteralString = (
    "EXISTS { MATCH (actor:User {id: event.actor_id}) "
    f"WHERE {welcome_user('actor', 'recipient')} }}"
)


def _may_follow(post_id: LiteralString) -> LiteralString:
    """Give whether the recipient is told of the conversation of a post."""
    return f"NOT {edges.mutes_conversation('recipient.id', post_id)}"


_POST_OF_RECIPIENT: LiteralString = """\
MATCH (post:Post {id: event.subject_id})
MATCH (recipient:User {id: post.author_id})
"""
_COMMENT_OF_RECIPIENT: LiteralString = """\
MATCH (comment:Comment {id: event.subject_id})
MATCH (post:Post {id: comment.post_id})
MATCH (recipient:User {id: comment.author_id})
"""
_IS_TOLD_OF_POST: LiteralString = (
    f"{visible_post('post', 'recipient')} AND {_may_follow('post.id')}"
)


def _edge(
    recipient: LiteralString,
    kind: LiteralString,
    subject_id: LiteralString,
    holds: LiteralString,
    is_told: LiteralString,
) -> LiteralString:
    """Give the clauses that keep who is told of an edge equal to whether it is there.

    Args:
        recipient: Binds whom it concerns, and what it is about.
        kind: Of the notification.
        subject_id: Of the notification.
        holds: Whether the edge is there.
        is_told: Whether the recipient may and wants to be told of it, whoever it is by.
    """
    return f"""\
{recipient}WITH * WHERE recipient.id <> event.actor_id
SET recipient.lk = true
WITH event, recipient, event.actor_id AS actor_id, {subject_id} AS subject_id, '{kind}' AS kind,
     null AS act, null AS reason, {holds} AS holds,
     {_wants(f"'{kind}'")} AND {is_told} AND {_IS_BY_WELCOME} AS is_told
WITH *, kind + ':' + actor_id + ':' + coalesce(subject_id, '') + ':' + recipient.id AS cause_key,
     kind + ':' + coalesce(subject_id, '') + ':' + recipient.id AS open_key
OPTIONAL MATCH (cause:Cause {{key: cause_key}})
CALL (cause, holds) {{
WITH * WHERE NOT holds AND cause.k IS NOT NULL
{TAKE_BACK}}}
CALL (cause, holds, is_told) {{
WITH * WHERE holds AND is_told AND cause.once_k IS NOT NULL
{BRING_BACK}}}
WITH * WHERE holds AND is_told AND cause IS NULL
{TELL}"""


_LIKE_OF_POST: LiteralString = _edge(
    _POST_OF_RECIPIENT,
    "LIKE",
    "post.id",
    edges.likes("event.actor_id", "post.id"),
    _IS_TOLD_OF_POST,
)
_LIKE_OF_COMMENT: LiteralString = _edge(
    _COMMENT_OF_RECIPIENT,
    "LIKE",
    "comment.id",
    edges.likes("event.actor_id", "comment.id"),
    f"{standing('comment')} AND {_IS_TOLD_OF_POST}",
)
_SHARE: LiteralString = _edge(
    _POST_OF_RECIPIENT,
    "SHARE",
    "post.id",
    edges.shares("event.actor_id", "post.id"),
    _IS_TOLD_OF_POST,
)
_FOLLOW: LiteralString = _edge(
    "MATCH (recipient:User {id: event.subject_id})\n",
    "FOLLOW",
    "null",
    edges.follows("event.actor_id", "recipient.id"),
    "true",
)

_NAMED: LiteralString = (
    "COLLECT { MATCH (said)-[:MENTIONS]->(named:User) RETURN {id: named.id, kind: 'MENTION'} }"
)
_COMMENT: LiteralString = f"""\
MATCH (said:Comment {{id: event.subject_id}})
MATCH (post:Post {{id: said.post_id}})
OPTIONAL MATCH (parent:Comment {{id: said.parent_id}}) WHERE {standing("parent")}
WITH event, said, post, null AS quoted_id,
     [{{id: parent.author_id, kind: 'REPLY'}}] + {_NAMED} +
     [{{id: post.author_id, kind: 'COMMENT'}}] AS concerned
"""
_POST: LiteralString = f"""\
MATCH (said:Post {{id: event.subject_id}})
OPTIONAL MATCH (said)-[:QUOTES]->(quoted:Post)
WITH event, said, said AS post, quoted.id AS quoted_id,
     [{{id: quoted.author_id, kind: 'QUOTE'}}] + {_NAMED} AS concerned
"""
"""Whom something that was said concerns, and why: of several reasons the first that they want."""

_CONCERNED: LiteralString = f"""\
MATCH (recipient:User {{id: recipient_id}})
SET recipient.lk = true
WITH event, recipient, said, post, quoted_id, concerned, event.actor_id AS actor_id,
     said.id AS subject_id, null AS act, null AS reason,
     head(COLLECT {{ MATCH (said)-[named:MENTIONS]->(recipient) RETURN named }}) AS mention,
     'SAID:' + said.id + ':' + recipient.id AS cause_key
WITH *, cause_key AS open_key, head([each IN concerned
  WHERE each.id = recipient.id AND (each.kind <> 'MENTION' OR mention IS NOT NULL)
    AND {_wants("each.kind")} | each.kind]) AS kind
WITH *, kind IS NOT NULL AND {standing("said")} AND {_IS_TOLD_OF_POST}
  AND {_may_follow("quoted_id")} AND {_IS_BY_WELCOME} AS is_told
"""
"""Locks who is concerned, and looks again whether they are named: an edit may have come between."""


def _said(concerned: LiteralString) -> LiteralString:
    """Give the clauses that tell of what somebody wrote, if it still stands."""
    return f"""\
{concerned}UNWIND concerned AS each
WITH DISTINCT event, said, post, quoted_id, concerned, each.id AS recipient_id
ORDER BY recipient_id
WHERE recipient_id <> event.actor_id
{_CONCERNED}WITH * WHERE is_told AND NOT EXISTS {{ MATCH (:Cause {{key: cause_key}}) }}
{TELL}"""


def _edited(concerned: LiteralString) -> LiteralString:
    """Give the clauses that tell whom an edit named, and tell no more whom one names no longer.

    Who is concerned for another reason is told that one instead.
    """
    return f"""\
{concerned}CALL (event, said) {{
  MATCH (said)-[named:MENTIONS]->(person:User) WHERE named.at = event.occurred_at
  RETURN person.id AS recipient_id
  UNION
  MATCH (told:Notification)
  WHERE told.subject_id = said.id AND told.kind = 'MENTION' AND told.k IS NOT NULL
  RETURN told.recipient_id AS recipient_id
}}
WITH event, said, post, quoted_id, concerned, recipient_id ORDER BY recipient_id
WHERE recipient_id <> event.actor_id
{_CONCERNED}WITH *, is_told AND coalesce(mention.at = event.occurred_at, false) AS is_new
OPTIONAL MATCH (cause:Cause {{key: cause_key}})
OPTIONAL MATCH (told:Notification {{id: cause.notification_id}})
WITH *, cause.k IS NOT NULL AND told.kind = 'MENTION' AND mention IS NULL AS is_named_no_more,
     is_new AND cause.once_k IS NOT NULL AS is_named_again
CALL (told, kind, is_named_no_more, is_named_again) {{
WITH * WHERE kind IS NOT NULL AND (is_named_no_more OR is_named_again)
SET told.kind = kind
}}
CALL (cause, kind, is_named_no_more) {{
WITH * WHERE kind IS NULL AND is_named_no_more
{TAKE_BACK}}}
CALL (cause, is_named_again) {{
WITH * WHERE is_named_again
{BRING_BACK}}}
WITH * WHERE is_new AND cause IS NULL
{TELL}"""


def _moderated(act: LiteralString, holds: LiteralString) -> LiteralString:
    """Give the clauses that tell the author of what a moderator did, by no name."""
    return f"""\
MATCH (entry:AuditEntry {{id: 'a_' + substring(event.id, 2)}})
OPTIONAL MATCH (post:Post {{id: event.subject_id}})
OPTIONAL MATCH (comment:Comment {{id: event.subject_id}})
WITH event, entry, coalesce(post, comment) AS subject
MATCH (recipient:User {{id: subject.author_id}}) WHERE recipient.id <> event.actor_id
SET recipient.lk = true
WITH event, entry, recipient, subject, null AS actor_id, subject.id AS subject_id,
     'MODERATION' AS kind, '{act}' AS act, entry.reason AS reason,
     'MODERATION:' + event.id + ':' + recipient.id AS cause_key
WITH *, cause_key AS open_key
WHERE {holds} AND subject.deleted_at IS NULL AND NOT EXISTS {{ MATCH (:Cause {{key: cause_key}}) }}
{TELL}"""


_FORGET: LiteralString = """\
MATCH (notification:Notification)
WHERE notification.subject_id = event.subject_id AND notification.kind <> 'MODERATION'
SET notification.ended_at = $now
REMOVE notification.k, notification.unread_k, notification.unseen_k, notification.open_key
"""
"""Takes what is about something that is deleted off every list, where it is hidden already."""

_EFFECTS: Final[dict[EventKind, LiteralString]] = {
    EventKind.POST_CREATED: _said(_POST),
    EventKind.COMMENT_CREATED: _said(_COMMENT),
    EventKind.POST_EDITED: _edited(_POST),
    EventKind.COMMENT_EDITED: _edited(_COMMENT),
    EventKind.POST_LIKED: _LIKE_OF_POST,
    EventKind.POST_UNLIKED: _LIKE_OF_POST,
    EventKind.COMMENT_LIKED: _LIKE_OF_COMMENT,
    EventKind.COMMENT_UNLIKED: _LIKE_OF_COMMENT,
    EventKind.POST_SHARED: _SHARE,
    EventKind.POST_UNSHARED: _SHARE,
    EventKind.POST_DELETED: _FORGET,
    EventKind.COMMENT_DELETED: _FORGET,
    EventKind.USER_FOLLOWED: _FOLLOW,
    EventKind.USER_UNFOLLOWED: _FOLLOW,
    EventKind.CONTENT_REMOVED: _moderated("REMOVED", "subject.removed_at = event.occurred_at"),
    EventKind.CONTENT_RESTORED: _moderated("RESTORED", "subject.removed_at IS NULL"),
}
"""What each kind of event asks for; a block is done in batches."""

_TAKE_BACK_BETWEEN: LiteralString = f"""\
WITH event, [event.actor_id, event.subject_id] AS ends
CALL (ends) {{
  MATCH (person:User) WHERE person.id IN ends
  WITH person ORDER BY person.id
  SET person.lk = true
}}
WITH event, ends WHERE {edges.blocks("ends[0]", "ends[1]")}
CALL (ends) {{
  UNWIND [0, 1] AS i
  MATCH (cause:Cause)
  WHERE cause.actor_id = ends[i] AND cause.recipient_id = ends[1 - i] AND cause.k > ''
  RETURN cause LIMIT $limit
}}
CALL (cause) {{
{TAKE_BACK}}}
"""
"""Takes back what one of two told the other, where one blocks the other."""


def notify(event_id: str, now: int) -> Statement[bool]:
    """Tell the people whom an event concerns, or tell them no more, and close its job.

    Nobody is told of what they did themselves, of what they may not see by now, of what they do
    not want, nor by whom they block, mute or are blocked. What one person does to one thing is
    told once, however often it is undone and done again. Ids follow from the event's and the
    recipient's, so that a repetition is the same notification.

    Args:
        event_id: Id of the event.
        now: ms since 1970 UTC.

    Returns:
        Whether this run did the job: False when it was done already, or the event is gone.

    Cost: some index seeks for each whom it concerns; for a block, what the two told each other.
    """
    return Statement(
        _EVENT + "RETURN event.kind AS kind",
        {"event_id": event_id},
        partial(_effect, event_id=event_id, now=now),
    )


def _effect(records: Sequence[Record], event_id: str, now: int) -> bool | Statement[bool]:
    if not records:
        return False
    kind = EventKind(records[0]["kind"])
    if kind == EventKind.USER_BLOCKED:
        return _take_back_between(event_id, now)
    return _close(event_id, now, _EFFECTS[kind])


def _close(event_id: str, now: int, effect: LiteralString) -> Statement[bool]:
    parameters = {"event_id": event_id, "instant": key(now, ""), "limit": _TAKEN_AT_ONCE}
    return close_job(job_key(event_id, NOTIFY), now, _EVENT + effect, parameters)


def _take_back_between(event_id: str, now: int) -> Statement[bool]:
    def decode(records: Sequence[Record]) -> bool | Statement[bool]:
        is_more = records[0]["taken"] == _TAKEN_AT_ONCE
        return statement if is_more else _close(event_id, now, _TAKE_BACK_BETWEEN)

    text: LiteralString = _EVENT + _TAKE_BACK_BETWEEN + "RETURN count(*) AS taken"
    parameters = {"event_id": event_id, "limit": _TAKEN_AT_ONCE}
    statement: Statement[bool] = Statement(text, parameters, decode, Access.WRITE)
    return statement
