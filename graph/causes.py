"""Causes of notifications: how one comes to hold up a notification, goes, and comes back.

Whoever uses these clauses has locked the recipient, as the recipient's own marks do: so jobs about
one group take turns, and nobody joins what is just being seen. Where a notification stands follows
from the causes that hold it up, in whatever order they came.
"""

from typing import LiteralString

NEWEST_CAUSE: LiteralString = """\
CASE WHEN notification.ended_at IS NULL THEN head(COLLECT {
  MATCH (newest:Cause) WHERE newest.notification_id = notification.id AND newest.k > ''
  RETURN newest.k ORDER BY newest.notification_id DESC, newest.k DESC LIMIT 1
}) END"""
"""The key of the newest cause that holds `notification` up; null without any, and once it ended."""

SETTLE: LiteralString = f"""\
WITH notification, {NEWEST_CAUSE} AS newest_k
WITH notification, newest_k, left(newest_k, 15) AS instant
SET notification.k = instant + notification.id,
    notification.unseen_k =
      CASE WHEN notification.seen_at IS NULL THEN instant + notification.id END,
    notification.unread_k =
      CASE WHEN notification.read_at IS NULL THEN instant + notification.id END,
    notification.updated_at = coalesce(toInteger(instant), notification.updated_at)
"""
"""Puts `notification` where its newest cause is; without any it stands nowhere."""

TAKE_BACK: LiteralString = f"""\
SET cause.once_k = cause.k
REMOVE cause.k
WITH cause
MATCH (cause)-[causes:CAUSES]->(notification:Notification)
DELETE causes
WITH notification
{SETTLE}"""
"""Ends a unit subquery: `cause`, which holds, holds no more."""

BRING_BACK: LiteralString = f"""\
MATCH (notification:Notification {{id: cause.notification_id}})
SET cause.k = cause.once_k
REMOVE cause.once_k
CREATE (cause)-[:CAUSES]->(notification)
WITH notification
{SETTLE}"""
"""Ends a unit subquery: `cause`, which held once, holds again, where it did."""

_ANNOUNCE: LiteralString = """\
CALL (event, recipient, notification, suffix) {
  OPTIONAL MATCH (earlier:Event {id: notification.event_id})
  FOREACH (each IN CASE WHEN earlier IS NULL THEN [] ELSE [earlier] END | SET each.lk = true)
  WITH event, recipient, notification, suffix, earlier
  WHERE earlier IS NULL OR earlier.pending IS NULL
  SET notification.event_id = 'e_' + suffix
  CREATE (:Event {
    id: 'e_' + suffix, pending: 'e_' + suffix, kind: 'NotificationCreated', occurred_at: $now,
    actor_id: recipient.id, subject_id: notification.id, request_id: event.request_id})
  WITH event, recipient, notification, suffix
  MATCH (webhook:Webhook)
  WHERE webhook.user_id = recipient.id AND webhook.k > '' AND notification.kind IN webhook.kinds
  WITH event, webhook, notification, 'e_' + suffix + '-' + substring(webhook.id, 2) AS due_id
  CREATE (:Event {
    id: due_id, pending: due_id, kind: 'WebhookDue', occurred_at: $now,
    actor_id: webhook.id, subject_id: notification.id, request_id: event.request_id})
}
"""
"""Tells of `notification` live, and its recipient's webhooks.

An event of it that waits to be told tells of this, too; the lock keeps the relay from taking that
one before this is committed.
"""

TELL: LiteralString = f"""\
WITH *, substring(event.id, 2) + '-' + substring(recipient.id, 2) AS suffix
MERGE (notification:Notification {{open_key: open_key}})
ON CREATE SET notification += {{
  id: 'n_' + suffix, recipient_id: recipient.id, kind: kind, subject_id: subject_id,
  act: act, reason: reason, created_at: $now, updated_at: $now}}
SET notification.created_at =
  CASE WHEN notification.k IS NULL THEN $now ELSE notification.created_at END
CREATE (:Cause {{
  key: cause_key, notification_id: notification.id, recipient_id: recipient.id,
  actor_id: actor_id, k: $instant + coalesce(actor_id, '')}})-[:CAUSES]->(notification)
WITH event, recipient, notification, suffix
CALL (notification) {{
{SETTLE}}}
{_ANNOUNCE}"""
"""Tells `recipient` of a new cause, in the notification that is open under `open_key`."""
