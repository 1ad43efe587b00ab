"""The task `webhook`: tell a webhook of a notification of its owner's."""

from datetime import UTC, datetime
from typing import Any, Final

import orjson
import structlog

from adapters.sealing import Seal, SealBroken
from adapters.webhook_delivery import DeliveryRules, WebhookFailed, deliver, sign
from graph import deliveries as job
from graph.attempts import Attempt, Begun
from graph.deliveries import Delivery
from graph.ids import now_ms
from workers.backoff import grown_ms
from workers.base import GraphTask
from workers.celery import app
from workers.settings import WorkerSettings

log = structlog.get_logger(__name__)
_FACTOR: Final = 5
_LONGEST_PAUSE_S: Final = 6 * 3_600
_USER_AGENT: Final = "Nexus-Webhooks/1"


class WebhookTask(GraphTask):
    """A task with attempts of its own: receivers are away for longer than our own servers."""

    def new_attempt(self, key: str) -> Attempt:
        """Make an attempt at a delivery that begins now."""
        return Attempt.of(key, now_ms(), self.hold_ms, self.settings.webhook_max_attempts)

    def pause_ms(self, error: Exception, begun: Begun) -> int:
        """Wait for a receiver that is away for half a day; our own outages are no fault of it."""
        if not isinstance(error, WebhookFailed):
            return super().pause_ms(error, begun)
        first_s = self.settings.job_resend_after_s
        return grown_ms(first_s, _FACTOR, begun.attempt_count, _LONGEST_PAUSE_S)


@app.task(name=job.WEBHOOK, base=WebhookTask, bind=True)
def webhook(self: WebhookTask, event_id: str) -> None:
    """Send what is due to a webhook; it may come twice, with the same id.

    Raises:
        WebhookFailed: It was not taken; the job stays open.
    """
    delivery = self.graph.run(job.find_delivery(event_id))
    if delivery is not None:
        send(delivery, event_id, now_ms(), self.settings)
    is_delivered = delivery is not None
    done = self.graph.run(job.close_delivery(event_id, now_ms(), is_delivered=is_delivered))
    log.info("job done" if done else "job was done already", delivered=is_delivered)


def send(delivery: Delivery, message_id: str, now: int, settings: WorkerSettings) -> None:
    """Send a delivery, signed.

    Args:
        delivery: What to send.
        message_id: Names the message: the same for each attempt.
        now: The instant of this attempt, ms since 1970 UTC.
        settings: Where webhooks may be sent.

    Raises:
        SealBroken: Its secret cannot be opened here.
        WebhookFailed: It was not taken.
    """
    secret = open_secret(delivery.secret, settings)
    body, timestamp = body_of(delivery), now // 1000
    headers = {
        "content-type": "application/json",
        "user-agent": _USER_AGENT,
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id, timestamp, body),
    }
    rules = DeliveryRules(
        settings.webhook_timeout_s,
        allow_http=settings.webhook_allow_http,
        allow_private=settings.webhook_allow_private,
        ca_file=settings.webhook_ca_file,
    )
    deliver(delivery.url, headers, body, rules)


def open_secret(sealed: str, settings: WorkerSettings) -> str:
    """Give a webhook's secret.

    Raises:
        SealBroken: We do not have its key.
    """
    if not settings.webhook_keys:
        raise SealBroken("Set NEXUS_WEBHOOK_KEY to what it is for the API.")
    return Seal(settings.webhook_keys).open(sealed)


def body_of(delivery: Delivery) -> bytes:
    """Make the body of a message: the same for each attempt, if nothing changed meanwhile."""
    told = delivery.notification
    actors: dict[str, Any] = told["@actors"]
    message = {
        "type": "notification.added",
        "timestamp": _rfc3339(delivery.occurred_at),
        "data": {
            "id": told["id"],
            "kind": told["kind"],
            "subjectId": told["subject_id"],
            "actors": {
                "totalCount": actors["total_count"],
                "users": [
                    {
                        "id": user["id"],
                        "username": user["username"],
                        "displayName": user["display_name"],
                    }
                    for user in actors["users"]
                ],
            },
            "createdAt": _rfc3339(told["created_at"]),
            "updatedAt": _rfc3339(told["updated_at"]),
        },
    }
    return orjson.dumps(message)


def _rfc3339(at_ms: int) -> str:
    at = datetime.fromtimestamp(at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
