"""The job `notify`: whom an event concerns, and what they are told, once per deed and person."""

from collections.abc import Sequence
from functools import partial
from typing import Final, LiteralString

from graph.events import EventKind
from graph.ids import key
from graph.jobs import close_job, job_key
from graph.statement import Record, Statement
from graph.visibility import standing, visible_post, welcome_user

NOTIFY: Final = "notify"
"""Name of the job that makes an event's notifications."""

_CONCERNED: Final[dict[EventKind, LiteralString]] = {
    EventKind.COMMENT_CREATED: f"""\
MATCH (comment:Comment {{id: event.subject_id}}) WHERE {standing("comment")}
MATCH (post:Post {{id: comment.post_id}})
OPTIONAL MATCH (parent:Comment {{id: comment.parent_id}}) WHERE {standing("parent")}
WITH event, post, comment.id AS subject_id,
     [{{id: parent.author_id, kind: 'REPLY'}}, {{id: post.author_id, kind: 'COMMENT'}}] AS concerned
""",
    EventKind.POST_LIKED: """\
MATCH (post:Post {id: event.subject_id})
WHERE EXISTS {
  MATCH ()-[liked:LIKED]->() USING INDEX SEEK liked:LIKED(user_id, subject_id)
  WHERE liked.user_id = event.actor_id AND liked.subject_id = event.subject_id
    AND liked.at = event.occurred_at
}
WITH event, post, post.id AS subject_id, [{id: post.author_id, kind: 'LIKE'}] AS concerned
""",
    EventKind.COMMENT_LIKED: f"""\
MATCH (comment:Comment {{id: event.subject_id}}) WHERE {standing("comment")}
MATCH (post:Post {{id: comment.post_id}})
WHERE EXISTS {{
  MATCH ()-[liked:LIKED]->() USING INDEX SEEK liked:LIKED(user_id, subject_id)
  WHERE liked.user_id = event.actor_id AND liked.subject_id = event.subject_id
    AND liked.at = event.occurred_at
}}
WITH event, post, comment.id AS subject_id, [{{id: comment.author_id, kind: 'LIKE'}}] AS concerned
""",
    EventKind.POST_SHARED: """\
MATCH (post:Post {id: event.subject_id})
WHERE EXISTS {
  MATCH ()-[shared:SHARED]->() USING INDEX SEEK shared:SHARED(user_id, post_id)
  WHERE shared.user_id = event.actor_id AND shared.post_id = event.subject_id
    AND shared.at = event.occurred_at
}
WITH event, post, post.id AS subject_id, [{id: post.author_id, kind: 'SHARE'}] AS concerned
""",
    EventKind.USER_FOLLOWED: """\
WITH event
WHERE EXISTS {
  MATCH ()-[follows:FOLLOWS]->() USING INDEX SEEK follows:FOLLOWS(follower_id, followee_id)
  WHERE follows.follower_id = event.actor_id AND follows.followee_id = event.subject_id
    AND follows.at = event.occurred_at
}
WITH event, null AS post, null AS subject_id, [{id: event.subject_id, kind: 'FOLLOW'}] AS concerned
""",
}
"""Who is concerned by an event that still holds; of several reasons the first counts.

An edge of another instant is not the event's own: of like, unlike, like only the last is told. It
is sought in the index of its pair, as in `graph.edges`: a pattern walks all edges of a busy end.
"""

_RECIPIENTS: LiteralString = f"""\
UNWIND range(0, size(concerned) - 1) AS i
WITH event, post, subject_id, i, concerned[i].id AS recipient_id, concerned[i].kind AS kind
ORDER BY i
WHERE recipient_id <> event.actor_id
WITH event, post, subject_id, recipient_id, head(collect(kind)) AS kind ORDER BY recipient_id
MATCH (recipient:User {{id: recipient_id}})
WHERE (post IS NULL OR {visible_post("post", "recipient")}) AND EXISTS {{
  MATCH (actor:User {{id: event.actor_id}}) WHERE {welcome_user("actor", "recipient")}
}}
WITH *, event.actor_id AS by_id, null AS act, null AS reason,
     event.kind + ':' + event.actor_id + ':' + event.subject_id + ':' + recipient.id AS deed_key
"""
"""Binds each `recipient` who may see what they are told of, and who did it."""


def _moderated(act: LiteralString, holds: LiteralString) -> LiteralString:
    return f"""\
MATCH (entry:AuditEntry {{id: 'a_' + substring(event.id, 2)}})
OPTIONAL MATCH (post:Post {{id: event.subject_id}})
OPTIONAL MATCH (comment:Comment {{id: event.subject_id}})
WITH event, entry, coalesce(post, comment) AS subject
WHERE {holds} AND subject.deleted_at IS NULL AND subject.author_id <> event.actor_id
MATCH (recipient:User {{id: subject.author_id}})
WITH event, recipient, subject.id AS subject_id, 'MODERATION' AS kind, null AS by_id,
     '{act}' AS act, entry.reason AS reason,
     event.kind + ':' + event.id + ':' + recipient.id AS deed_key
"""


_MODERATED: Final[dict[EventKind, LiteralString]] = {
    EventKind.CONTENT_REMOVED: _moderated("REMOVED", "subject.removed_at = event.occurred_at"),
    EventKind.CONTENT_RESTORED: _moderated("RESTORED", "subject.removed_at IS NULL"),
}
"""Binds the author of what was removed or restored; every such deed is told, by no name."""

_TELL: LiteralString = """\
MERGE (notification:Notification {deed_key: deed_key})
WITH event, subject_id, kind, recipient, by_id, act, reason, notification,
     substring(event.id, 2) + '-' + substring(recipient.id, 2) AS suffix
WHERE notification.id IS NULL
SET notification += {
  id: 'n_' + suffix, k: $instant + 'n_' + suffix, unread_k: $instant + 'n_' + suffix,
  recipient_id: recipient.id, kind: kind, actor_id: by_id, subject_id: subject_id,
  act: act, reason: reason, created_at: $now, updated_at: $now}
CREATE (notification)-[:UNSEEN_BY]->(recipient)
CREATE (notification)-[:UNREAD_BY]->(recipient)
CREATE (:Event {
  id: 'e_' + suffix, pending: 'e_' + suffix, kind: 'NotificationCreated', occurred_at: $now,
  actor_id: recipient.id, subject_id: notification.id})
"""


def notify(event_id: str, now: int) -> Statement[bool]:
    """Tell the people whom an event concerns, never the one who did it, and close its job.

    What was undone since concerns nobody, and nobody is told of what they may not see by now. A
    deed that is done again after it was told (like, unlike, like) is not told again. Ids follow
    from the event's and the recipient's, so that a repetition is the same notification.

    Args:
        event_id: Id of the event.
        now: ms since 1970 UTC.

    Returns:
        Whether this run did the job: False when it was done already, or the event is gone.
    """
    return Statement(
        "MATCH (event:Event {id: $event_id}) RETURN event.kind AS kind",
        {"event_id": event_id},
        partial(_effect, event_id=event_id, now=now),
    )


def _effect(records: Sequence[Record], event_id: str, now: int) -> bool | Statement[bool]:
    if not records:
        return False
    told = _told(EventKind(records[0]["kind"]))
    text: LiteralString = "MATCH (event:Event {id: $event_id})\n" + told + _TELL
    parameters = {"event_id": event_id, "instant": key(now, "")}
    return close_job(job_key(event_id, NOTIFY), now, text, parameters)


def _told(kind: EventKind) -> LiteralString:
    return _MODERATED[kind] if kind in _MODERATED else _CONCERNED[kind] + _RECIPIENTS
