"""The scheduled task `warm`: prepare what everybody reads and what is dear to count at reading."""

import structlog

from graph.engagement import TimeWindow
from graph.ids import now_ms
from graph.trending import rank_tags
from workers.base import ScheduledTask
from workers.celery import app

log = structlog.get_logger(__name__)


@app.task(name="warm", base=ScheduledTask, bind=True)
def warm(self: ScheduledTask, slot: int) -> None:  # noqa: ARG001 - counted before it starts
    """Prepare the trending tags of every window."""
    counts = {window.value: self.graph.run(rank_tags(window, now_ms())) for window in TimeWindow}
    log.info("rankings prepared", **counts)
