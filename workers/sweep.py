"""Send open jobs again: what a lost message, a dead worker or an empty broker left behind.

While many messages wait in a queue, those of most of its open jobs are among them: sent again, they
would only make it longer, and the workers would do nothing but look at what is done. Each queue has
a sweeper of its own, so that a long one keeps back no other.
"""

from collections.abc import Callable
from threading import Event
from typing import Final

import structlog

from graph.ids import now_ms
from graph.jobs import DueJob, due_jobs, mark_enqueued
from graph.runner import Graph
from workers.backoff import pause_ms
from workers.courier import Send, send_job
from workers.queues import APART, QUEUE
from workers.settings import WorkerSettings

log = structlog.get_logger(__name__)
_BATCH: Final = 100
_EVERY_S: Final = 1.0
_MANY_WAITING: Final = 100


class Sweeper:
    """Sends due jobs of a queue; it sends before it marks, so one that dies between sends twice.

    Args:
        graph: Where jobs are.
        settings: When to send them again.
        send: Sends one to the broker.
        waiting: Tells how many messages wait in a queue.
        stop: Set to end it.
        queue: Whose jobs.
    """

    def __init__(
        self,
        graph: Graph,
        settings: WorkerSettings,
        send: Send,
        waiting: Callable[[str], int],
        stop: Event,
        queue: str = QUEUE,
    ) -> None:
        self.graph = graph
        self.settings = settings
        self.send = send
        self.waiting = waiting
        self.stop = stop
        self.queue = queue

    def step(self) -> None:
        """Send what is due, batch by batch, then wait a moment.

        Raises:
            OperationalError: The broker is away; what was not sent stays due.
        """
        while self.sweep(now_ms()) == _BATCH and not self.stop.is_set():
            pass
        self.stop.wait(_EVERY_S)

    def sweep(self, now: int) -> int:
        """Send one batch of the jobs that are due at an instant, and give how many they were.

        While many messages wait, only those are sent that are due for as long as a job may wait.
        """
        sent: dict[str, int] = {}
        due = self._due(now)
        if due and self.waiting(self.queue) > _MANY_WAITING:
            overdue_at = now - int(self.settings.job_resend_at_most_s * 1000)
            due = self._due(overdue_at)
        try:
            for job in due:
                send_job(self.send, job.name, job.argument, job.request_id)
                sent[job.key] = now + pause_ms(self.settings, job.enqueued_count + 2)
        finally:
            if sent:
                self.graph.run(mark_enqueued(sent, now))
                log.info("jobs sent again", jobs=len(sent))
        return len(due)

    def _due(self, at: int) -> list[DueJob]:
        if self.queue == QUEUE:
            return self.graph.run(due_jobs(at, _BATCH, but=APART))
        own = [name for name, queue in APART.items() if queue == self.queue]
        return self.graph.run(due_jobs(at, _BATCH, only=own))
