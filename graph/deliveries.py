"""The job `webhook`: what one webhook is told of one notification."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from graph.jobs import close_job, job_key
from graph.notifications import projection
from graph.projection import Row
from graph.selection import Field, Selection
from graph.statement import Record, Statement
from graph.visibility import shown_notification

WEBHOOK: Final = "webhook"
"""Name of the job that tells a webhook of a notification."""
RECEIVERS_ERRORS: Final = ("WebhookFailed", "WebhookRefused")
"""Names of the errors that are a receiver's; any other is our own failure to deliver."""
_PEOPLE: Final = Selection(
    (Field("total_count", "totalCount"), Field("users", "users", {}, {"User": Selection()}))
)
_TOLD: Final = Selection((Field("actors", "actors", {"first": 3}, {"UserSample": _PEOPLE}),))


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to be sent.

    Args:
        url: Whereto.
        secret: What signs it, sealed.
        occurred_at: When the notification was made or joined, in ms since 1970 UTC.
        notification: What of, as its recipient sees it now.
    """

    url: str
    secret: str
    occurred_at: int
    notification: Row


def find_delivery(event_id: str) -> Statement[Delivery | None]:
    """Find what is due to a webhook; None when it, or what it is about, is gone or hidden by now.

    Cost: some index seeks.
    """
    told = projection(_TOLD)
    text: LiteralString = f"""\
MATCH (event:Event {{id: $event_id}})
MATCH (webhook:Webhook {{id: event.actor_id}})
MATCH (viewer:User {{id: webhook.user_id}}) WHERE viewer.suspended_at IS NULL
MATCH (notification:Notification {{id: event.subject_id}})
WHERE notification.recipient_id = viewer.id AND notification.kind IN webhook.kinds
  AND {shown_notification("notification")}
RETURN webhook {{.url, .secret}} AS webhook, event.occurred_at AS occurred_at,
       notification.subject_id AS subject_id, {told.text} AS notification"""

    def decode(records: Sequence[Record]) -> Delivery | None:
        if not records:
            return None
        found = records[0]
        row = told.finish(found["notification"], [])
        webhook: dict[str, Any] = found["webhook"]
        notification = {**row, "subject_id": found["subject_id"]}
        return Delivery(**webhook, occurred_at=found["occurred_at"], notification=notification)

    return Statement(text, {"event_id": event_id, "s": told.parameters}, decode)


_NOTE: LiteralString = """\
MATCH (event:Event {id: $event_id})
MATCH (webhook:Webhook {id: event.actor_id})
SET webhook.delivered_at = coalesce($delivered_at, webhook.delivered_at)
"""


def close_delivery(event_id: str, now: int, *, is_delivered: bool) -> Statement[bool]:
    """Note that a webhook was told, or that there was nothing to tell, and close the job.

    Returns:
        Whether this run did the job: False when it was done already.
    """
    parameters = {"event_id": event_id, "delivered_at": now if is_delivered else None}
    return close_job(job_key(event_id, WEBHOOK), now, _NOTE, parameters)
