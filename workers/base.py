"""What tasks stand on: a graph that is opened after the fork, and logs that name the event."""

from typing import Any, ClassVar

import structlog
from celery import Task
from celery.signals import worker_process_init, worker_process_shutdown
from redis import Redis

from adapters.media_storage import open_storage
from adapters.settings import MediaSettings
from adapters.storage import Storage
from graph.runner import Graph
from graph.settings import GraphSettings
from workers import bells
from workers.settings import WorkerSettings


class GraphTask(Task[Any, Any]):
    """A task whose effect is a statement that may run twice.

    A task that fails is not retried by Celery: its job stays open in the graph, and the relay
    sends it again.
    """

    graph: ClassVar[Graph]
    redis: ClassVar[Redis]
    settings: ClassVar[WorkerSettings]
    storage: ClassVar[Storage]
    media_settings: ClassVar[MediaSettings]

    def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:  # noqa: ARG002
        """Name the task and its event in every log line until it returns."""
        structlog.contextvars.bind_contextvars(
            task=self.name, task_id=task_id, event_id=next(iter(args), None)
        )

    def after_return(self, *_: Any) -> None:
        """Forget what `before_start` bound."""
        structlog.contextvars.clear_contextvars()


@worker_process_init.connect
def open_connections(**_: Any) -> None:
    """Open what tasks use, in the process that runs them: a driver does not survive a fork."""
    GraphTask.settings = WorkerSettings()
    GraphTask.media_settings = MediaSettings()
    GraphTask.storage = open_storage(GraphTask.media_settings)
    GraphTask.graph = Graph(GraphSettings())
    GraphTask.redis = bells.connect(GraphTask.settings.redis_url)


@worker_process_shutdown.connect
def close_connections(**_: Any) -> None:
    """Close what `open_connections` opened."""
    GraphTask.graph.close()
    GraphTask.redis.close()
