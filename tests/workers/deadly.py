"""A worker's tasks, and some that go wrong: `celery -A tests.workers.deadly worker`."""

import os
import signal

import workers.celery  # first, as a worker does
from workers.base import GraphTask

app = workers.celery.app


@app.task(name="die", base=GraphTask, bind=True, time_limit=1)
def die(self: GraphTask, event_id: str) -> None:  # noqa: ARG001
    """Kill the process that runs it."""
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(name="boom", base=GraphTask, bind=True, time_limit=1)
def boom(self: GraphTask, event_id: str) -> None:  # noqa: ARG001
    """Fail, and tell a secret."""
    raise ValueError("cannot open amqp://user:pencil@host//")
