"""What all tasks stand on: connections that are opened after the fork, and logs with names."""

import inspect
import time
from typing import Any, ClassVar, Final

import structlog
from celery import Task
from celery.exceptions import TimeLimitExceeded
from celery.signals import worker_process_init, worker_process_shutdown
from kombu.exceptions import OperationalError
from redis import Redis, RedisError

from adapters.media_storage import open_storage
from adapters.redaction import redact
from adapters.settings import MediaSettings
from adapters.storage import Storage, StorageUnavailable
from graph import dead_letters
from graph.errors import Unavailable
from graph.ids import now_ms
from graph.runner import Graph
from graph.settings import GraphSettings
from workers import bells
from workers.metrics import TASK_SECONDS
from workers.origin import request_headers, request_of
from workers.own_secrets import known_secrets
from workers.settings import WorkerSettings

log = structlog.get_logger(__name__)
OUTAGES: Final = (Unavailable, StorageUnavailable, RedisError, OperationalError)
_MARGIN_S: Final = 2.0


class ConnectedTask(Task[Any, Any]):
    """A task that finds its connections open."""

    graph: ClassVar[Graph]
    redis: ClassVar[Redis]
    settings: ClassVar[WorkerSettings]
    storage: ClassVar[Storage]
    media_settings: ClassVar[MediaSettings]
    started_at: ClassVar[float] = 0.0
    secrets: ClassVar[tuple[str, ...]] = ()
    """What no error may tell."""

    @property
    def hold_ms(self) -> int:
        """How long after its beginning an attempt has ended for sure, in milliseconds."""
        limit_s: float = self.time_limit or self.app.conf.task_time_limit
        return int((limit_s + _MARGIN_S) * 1000)

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:  # noqa: ARG002
        """Name the task and what it is about in every log line until it returns."""
        ConnectedTask.started_at = time.monotonic()
        structlog.contextvars.clear_contextvars()
        request = request_headers(request_of(self.request.headers))
        structlog.contextvars.bind_contextvars(task=self.name, task_id=task_id, **request)

    def on_success(self, retval: Any, task_id: str, args: Any, kwargs: Any) -> None:  # noqa: ARG002
        """Count a run that went well."""
        self.observe("done")

    def on_failure(
        self,
        exc: Exception,
        task_id: str,
        args: Any,
        kwargs: Any,
        *_: Any,
    ) -> None:
        """Count a run that failed; what it was told is kept where the task can do nothing with it.

        Of one that was stopped at its limit the worker's parent process tells, which has no
        connections, and knows of no other beginning than that limit.
        """
        if isinstance(exc, TimeLimitExceeded):
            TASK_SECONDS.labels(self.name, "failed").observe(float(exc.args[0]))
            return
        self.observe("outage" if isinstance(exc, OUTAGES) else "failed")
        self.on_own_failure(exc, task_id, args, kwargs)

    def on_own_failure(self, exc: Exception, task_id: str, args: Any, kwargs: Any) -> None:
        """Do what a failure asks for, in the process in which the task ran."""
        if not self._takes(args, kwargs):
            try:
                self.bury(task_id, [*args, kwargs] if kwargs else args, exc)
            except Unavailable:
                log.warning("message lost", arguments=len(args))

    def on_retry(self, *_: Any) -> None:
        """Count a run that an outage ended, and that comes again by itself."""
        self.observe("outage")

    def bury(self, task_id: str, args: Any, error: Exception) -> None:
        """Write the letter of a message of which the task can make nothing."""
        lost = dead_letters.LostMessage.of(
            task_id,
            self.name,
            None,
            redact(repr(args), self.secrets, dead_letters.LONGEST_ARGUMENTS),
            request_of(self.request.headers),
            error_type=type(error).__name__,
            error_message=redact(str(error), self.secrets),
        )
        self.graph.run(dead_letters.bury(lost, now_ms()))

    def _takes(self, args: Any, kwargs: Any) -> bool:
        try:
            inspect.signature(self.run).bind(*args, **kwargs)
        except TypeError:
            return False
        return True

    def observe(self, outcome: str) -> None:
        """Count a run and how long it took."""
        seconds = time.monotonic() - ConnectedTask.started_at
        TASK_SECONDS.labels(self.name, outcome).observe(seconds)

    def after_return(self, *_: Any) -> None:
        """Forget what `before_start` bound."""
        structlog.contextvars.clear_contextvars()


@worker_process_init.connect
def open_connections(**_: Any) -> None:
    """Open what tasks use, in the process that runs them: a driver does not survive a fork."""
    graph_settings = GraphSettings()
    ConnectedTask.settings = WorkerSettings()
    ConnectedTask.media_settings = MediaSettings()
    ConnectedTask.storage = open_storage(ConnectedTask.media_settings)
    ConnectedTask.graph = Graph(graph_settings)
    ConnectedTask.redis = bells.connect(ConnectedTask.settings.redis_url)
    ConnectedTask.secrets = known_secrets(ConnectedTask.settings, graph_settings)


@worker_process_shutdown.connect
def close_connections(**_: Any) -> None:
    """Close what `open_connections` opened."""
    ConnectedTask.graph.close()
    ConnectedTask.redis.close()
