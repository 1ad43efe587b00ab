"""Tasks that do jobs: each run is an attempt that the graph knows of before it begins.

A task that fails is not retried by Celery: its job stays open in the graph, and the relay sends it
again when its back-off is over, until its attempts are used up.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import structlog
from celery.exceptions import Ignore

from adapters.redaction import redact
from graph import attempts, ids
from graph.attempts import Attempt, Begun, Failure, JobState
from graph.errors import Unavailable
from graph.ids import now_ms
from graph.jobs import job_key, schedule_key
from graph.statement import Statement
from workers.backoff import pause_ms
from workers.connected import OUTAGES, ConnectedTask
from workers.metrics import DEATHS

log = structlog.get_logger(__name__)
_HOUR_MS: Final = 3_600_000
_SILENT: Final = (JobState.DONE, JobState.HELD, JobState.DEAD)


@dataclass(frozen=True, slots=True)
class Running:
    """The attempt of this process, and what the graph said of it."""

    attempt: Attempt
    begun: Begun


class UnknownJob(LookupError):  # noqa: N818 - its name stands in the letter
    """A message names a job that is not in the graph: of another graph, or a newer one."""


class AttemptTask(ConnectedTask):
    """A task whose runs are attempts at a job."""

    running: ClassVar[Running | None] = None
    owed: ClassVar[list[tuple[Attempt, Failure]]] = []
    """Failures that could not be told while Neo4j was away; of one process, so few."""

    def begin(self, args: Any) -> tuple[Attempt, Statement[Begun]]:
        """Make the attempt of a message's arguments, and the statement that begins it.

        Raises:
            TypeError: They are not what the task takes.
        """
        raise NotImplementedError

    def new_attempt(self, key: str) -> Attempt:
        """Make an attempt at a job that begins now."""
        return Attempt.of(key, now_ms(), self.hold_ms, self.settings.job_max_attempts)

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
        """Count the attempt.

        Raises:
            Ignore: There is nothing to do.
            UnknownJob: There is no such job, and none was there lately.
            Unavailable: Neo4j did not say whether the attempt has begun.
        """
        super().before_start(task_id, args, kwargs)
        AttemptTask.running = None
        attempt, statement = self.begin(args)
        self._tell_owed()
        try:
            begun = self.graph.run(statement)
        except Unavailable:  # the answer alone may be lost: then the attempt is to be given back
            AttemptTask.running = Running(attempt, Begun(JobState.BEGUN, 1))
            raise
        if begun.state is JobState.UNKNOWN and not self._was_pruned(args):
            raise UnknownJob(f"There is no job {attempt.key!r}.")
        if begun.state is not JobState.BEGUN:
            if begun.state is JobState.SPENT:
                DEATHS.labels(self.name).inc()
            tell = log.info if begun.state in _SILENT else log.warning
            tell("attempt not begun", state=begun.state.value)
            raise Ignore(begun.state.value)
        AttemptTask.running = Running(attempt, begun)
        structlog.contextvars.bind_contextvars(attempt=begun.attempt_count)

    def on_own_failure(self, exc: Exception, task_id: str, args: Any, kwargs: Any) -> None:  # noqa: ARG002
        """Note in the graph why the attempt failed, and when the next may begin."""
        running, AttemptTask.running = AttemptTask.running, None
        if running:
            failure = self._failure(exc, running.begun)
            AttemptTask.owed.append((running.attempt, failure))
        try:
            self._tell_owed()
            if running is None and not isinstance(exc, OUTAGES):
                self.bury(task_id, args, exc)
        except Unavailable:
            log.warning("failure not told yet")

    def _was_pruned(self, args: Any) -> bool:
        """Tell whether a job may be missing because its event is older than the history."""
        made_at = ids.made_at(args[0]) if isinstance(args[0], str) else None
        kept_ms = self.settings.event_retention_h * _HOUR_MS
        return made_at is not None and made_at < now_ms() - kept_ms

    def _tell_owed(self) -> None:
        """Tell of failures, this one's and earlier ones'; what is not told stays owed."""
        while AttemptTask.owed:
            attempt, failure = AttemptTask.owed[0]
            if self.graph.run(attempts.fail(attempt, failure, now_ms())):
                DEATHS.labels(self.name).inc()
                log.error("job is dead", key=attempt.key, error=failure.type)
            AttemptTask.owed.pop(0)

    def pause_ms(self, error: Exception, begun: Begun) -> int:  # noqa: ARG002 - of a task's own
        """Give how long a job waits after an attempt that failed, in milliseconds."""
        return pause_ms(self.settings, begun.attempt_count + begun.outage_count)

    def _failure(self, error: Exception, begun: Begun) -> Failure:
        now = now_ms()
        pause = self.pause_ms(error, begun)
        patience = int(self.settings.job_outage_h * _HOUR_MS)
        return Failure(
            type(error).__name__,
            redact(str(error), self.secrets),
            now + pause,
            now - patience if isinstance(error, OUTAGES) else None,
        )


class GraphTask(AttemptTask):
    """A task of an event: its effect is a statement that may run twice, and closes the job."""

    def begin(self, args: Any) -> tuple[Attempt, Statement[Begun]]:
        """Begin with the job of the event whose id is the only argument."""
        match args:
            case [str(event_id)]:
                structlog.contextvars.bind_contextvars(event_id=event_id)
            case _:
                raise TypeError(f"{self.name} takes the id of an event")
        attempt = self.new_attempt(job_key(event_id, self.name))
        return attempt, attempts.begin(attempt)


class ScheduledTask(AttemptTask):
    """A task of a schedule: its only argument is the slot, and each slot is done once.

    Its effect may be many statements, and is safe to run twice: one that was killed in the middle
    is begun again.
    """

    def begin(self, args: Any) -> tuple[Attempt, Statement[Begun]]:
        """Begin with the slot, if no message of it did so before."""
        match args:
            case [int(slot)]:
                structlog.contextvars.bind_contextvars(slot=slot)
            case _:
                raise TypeError(f"{self.name} takes the instant of its slot, in ms since 1970")
        attempt = self.new_attempt(schedule_key(self.name))
        return attempt, attempts.begin_slot(attempt, self.name, slot)

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:
        """Close the slot; if that fails, the sweep has it done again."""
        super().on_success(retval, task_id, args, kwargs)
        if AttemptTask.running:
            attempt = AttemptTask.running.attempt
            self.graph.run(attempts.close_slot(attempt, args[0], now_ms()))
