"""A worker's tasks, and some that go wrong: `celery -A tests.workers.deadly worker`."""

import os
import signal
import time

import workers.celery  # first, as a worker does
from graph.ids import now_ms
from graph.jobs import close_job, job_key
from workers.base import GraphTask, ScheduledTask

app = workers.celery.app


@app.task(name="die", base=GraphTask, bind=True, time_limit=1)
def die(self: GraphTask, event_id: str) -> None:  # noqa: ARG001
    """Kill the process that runs it."""
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(name="boom", base=GraphTask, bind=True, time_limit=1)
def boom(self: GraphTask, event_id: str) -> None:  # noqa: ARG001
    """Fail, and tell a secret."""
    raise ValueError("cannot open amqp://user:pencil@host//")


@app.task(name="hang", base=GraphTask, bind=True, time_limit=1)
def hang(self: GraphTask, event_id: str) -> None:  # noqa: ARG001
    """Go on for ever."""
    time.sleep(3600)


@app.task(name="vanish", base=ScheduledTask, bind=True, time_limit=1)
def vanish(self: ScheduledTask, slot: int) -> None:  # noqa: ARG001
    """Kill the process that runs it, slot after slot."""
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(name="dawdle", base=GraphTask, bind=True, time_limit=30)
def dawdle(self: GraphTask, event_id: str) -> None:
    """Take as long as a broker needs to come back, then have an effect."""
    time.sleep(8)
    effect = "CREATE (:Tag {name: $job_key + toString($now)})\n"
    self.graph.run(close_job(job_key(event_id, self.name), now_ms(), effect, {}))
