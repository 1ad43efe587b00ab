"""The task `rank`: keep the order of posts by HOT."""

import structlog

from graph import ranks as job
from graph.ids import now_ms
from workers.base import GraphTask
from workers.celery import STATEMENTS_LIMIT_S, app

log = structlog.get_logger(__name__)


@app.task(name=job.RANK, base=GraphTask, bind=True, time_limit=STATEMENTS_LIMIT_S)
def rank(self: GraphTask, event_id: str) -> None:
    """Rank the post of an event, unless that was done already."""
    done = self.graph.run(job.rank(event_id, now_ms()))
    log.info("job done" if done else "job was done already")
