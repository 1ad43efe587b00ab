"""The task `bury`: write the dead letter of a message that no task took."""

import structlog

from adapters.redaction import redact
from graph.attempts import Attempt, Failure, JobState, begin, fail
from graph.dead_letters import LONGEST_ARGUMENTS, LostMessage, bury
from graph.errors import Unavailable
from graph.ids import now_ms
from graph.jobs import job_key
from workers.backoff import pause_ms
from workers.celery import app
from workers.connected import ConnectedTask
from workers.origin import request_of

log = structlog.get_logger(__name__)


@app.task(
    name="bury",
    base=ConnectedTask,
    bind=True,
    autoretry_for=(Unavailable,),
    retry_backoff=1,
    retry_backoff_max=30,
    max_retries=None,
)
def bury_message(
    self: ConnectedTask,
    message_id: str,
    job: str | None,
    event_id: str | None,
    arguments: str,
    error: tuple[str, str],
) -> None:
    """Note an attempt at the job that a message named, or write the letter of what it was.

    A task that this worker does not know may be known to a newer one, so its job keeps its other
    attempts.
    """
    kind, told = error[0], redact(error[1], self.secrets)
    if job and event_id and _tried(self, job, event_id, kind, told):
        return
    shown = redact(arguments, self.secrets, LONGEST_ARGUMENTS)
    request_id = request_of(self.request.headers)
    lost = LostMessage.of(
        message_id, job, event_id, shown, request_id, error_type=kind, error_message=told
    )
    self.graph.run(bury(lost, now_ms()))
    log.error("message not understood", message_id=message_id, job=job, error=kind)


def _tried(task: ConnectedTask, job: str, event_id: str, kind: str, told: str) -> bool:
    """Count a failed attempt at a job; False when there is no such job."""
    now = now_ms()
    attempt = Attempt.of(job_key(event_id, job), now, 0, task.settings.job_max_attempts)
    begun = task.graph.run(begin(attempt))
    if begun.state is JobState.BEGUN:
        retry_at = now + pause_ms(task.settings, begun.attempt_count)
        task.graph.run(fail(attempt, Failure(kind, told, retry_at), now))
    return begun.state is not JobState.UNKNOWN
