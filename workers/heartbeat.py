"""The scheduled task `heartbeat`: a worker that takes messages and reaches Neo4j shows it."""

import structlog

from graph.health import HEARTBEAT, note_heartbeat
from graph.ids import now_ms
from workers.base import ScheduledTask
from workers.celery import STATEMENTS_LIMIT_S, app

log = structlog.get_logger(__name__)


@app.task(name=HEARTBEAT, base=ScheduledTask, bind=True, time_limit=STATEMENTS_LIMIT_S)
def heartbeat(self: ScheduledTask, slot: int) -> None:  # noqa: ARG001 - counted before it starts
    """Note that this worker works; with many, whichever takes the message."""
    self.graph.run(note_heartbeat(self.request.hostname or "?", now_ms()))
