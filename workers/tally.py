"""The task `tally`: keep the figures by the hour."""

import time
from typing import Final

import structlog

from graph import tally as job
from graph.errors import Unavailable
from graph.runner import Graph
from workers.celery import app
from workers.connected import ConnectedTask

log = structlog.get_logger(__name__)
_BATCH: Final = 500
_DIVISOR: Final = 4
"""By how much a batch gets smaller that was not done in time: from 500 to 1 within the budget."""
_BUDGET_S: Final = 30.0
"""When the last batch of one task begins: below the task's limit. The next task goes on."""


@app.task(name=job.TALLY, base=ConnectedTask, bind=True, reject_on_worker_lost=False)
def tally(self: ConnectedTask, event_id: str | None = None) -> None:  # noqa: ARG001 - it is in the log
    """Take in all events that are numbered, whichever it was told of.

    It has no job: a run that is lost, or kills its worker, is made up for by the next.
    """
    events = take_in(self.graph)
    if events:
        log.info("tallied", events=events)


def take_in(graph: Graph, budget_s: float = _BUDGET_S) -> int:
    """Recount what events touched, batch by batch, until there is none that is not taken in.

    A batch that is not done within the deadline of its statement is tried again with fewer events,
    so that none is too much for ever.

    Args:
        graph: Where they are.
        budget_s: For how long to begin further batches, in seconds.

    Returns:
        How many events were taken in.

    Raises:
        Unavailable: Neo4j does not even take in one, or there is no time left to try.
    """
    deadline = time.monotonic() + budget_s
    count, size, is_last = 0, _BATCH, False
    while not is_last and time.monotonic() < deadline:
        try:
            done = graph.run(job.tally(size))
        except Unavailable:
            if size == 1 or time.monotonic() >= deadline:
                raise
            size = max(size // _DIVISOR, 1)
            log.warning("tally takes fewer events", events=size)
        else:
            count, is_last = count + done.events, done.is_last
    return count
