"""The scheduled task `prune_media`: remove images that nothing shows, their bytes first.

An image is taken away, and some time later its bytes are deleted and then its node: a job that
had begun before has ended by then, so no thumbnail is stored behind the deletion, and a worker
killed in between leaves a node from which the next goes on.
"""

import time
from typing import Final

import structlog

from adapters.media_keys import thumbnail_key
from adapters.storage import Storage
from graph.ids import now_ms
from graph.retention import doom_media, find_doomed_media, forget_media
from graph.runner import Graph
from workers.base import ScheduledTask
from workers.celery import app
from workers.prune import BUDGET_S

log = structlog.get_logger(__name__)
_BATCH: Final = 200
_HOUR_MS: Final = 3_600_000
GRACE_MS: Final = 120_000
"""From taking an image away to deleting its bytes: longer than any task may run."""


@app.task(name="prune_media", base=ScheduledTask, bind=True)
def prune_media(self: ScheduledTask, slot: int) -> None:  # noqa: ARG001 - counted before it starts
    """Remove images that nothing has shown for long; what is left over waits for the next."""
    retention_h = self.settings.media_retention_h
    removed = remove_loose(self.graph, self.storage, retention_h, now_ms())
    log.info("images pruned", removed=removed)


def remove_loose(
    graph: Graph, storage: Storage, retention_h: float, now: int, budget_s: float = BUDGET_S
) -> int:
    """Take images away that nothing has shown for long, and remove those taken away before.

    Args:
        graph: Where they are.
        storage: Where their bytes are.
        retention_h: How long an image may stay with nothing that shows it, in hours.
        now: ms since 1970 UTC.
        budget_s: For how long to begin further batches, in seconds.

    Returns:
        How many were removed for good.

    Raises:
        StorageUnavailable: Bytes could not be deleted; their nodes stay.
    """
    deadline = time.monotonic() + budget_s
    loose_before, removed, is_more = now - int(retention_h * _HOUR_MS), 0, True
    while is_more:
        doomed_count = graph.run(doom_media(loose_before, now, _BATCH))
        keys = graph.run(find_doomed_media(now - GRACE_MS, _BATCH))
        storage.delete([name for key in keys.values() for name in (key, thumbnail_key(key))])
        removed += graph.run(forget_media([*keys])) if keys else 0
        is_more = _BATCH in (doomed_count, len(keys)) and time.monotonic() < deadline
    return removed
