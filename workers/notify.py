"""The task `notify`: tell people what concerns them."""

import structlog

from graph import notify as job
from graph.ids import now_ms
from workers import bells
from workers.base import GraphTask
from workers.celery import STATEMENTS_LIMIT_S, app

log = structlog.get_logger(__name__)


@app.task(name=job.NOTIFY, base=GraphTask, bind=True, time_limit=STATEMENTS_LIMIT_S)
def notify(self: GraphTask, event_id: str) -> None:
    """Make the notifications of an event, unless they were made already."""
    if self.graph.run(job.notify(event_id, now_ms())):
        bells.ring_relay(self.redis)
        log.info("job done")
    else:
        log.info("job was done already")
