"""The scheduled task `prune`: remove what nobody needs for ever, batch by batch."""

from collections.abc import Callable
from typing import Final

import structlog

from graph.ids import now_ms
from graph.retention import prune_events, prune_idempotency_keys, prune_sessions
from graph.runner import Graph
from graph.statement import Statement
from workers.base import GraphTask
from workers.celery import app
from workers.settings import WorkerSettings

log = structlog.get_logger(__name__)
_BATCH: Final = 500
_MOST_BATCHES: Final = 40
_HOUR_MS: Final = 3_600_000


@app.task(name="prune", base=GraphTask, bind=True)
def prune(self: GraphTask) -> None:
    """Remove old events, idempotency keys and sessions; what is left over waits for the next."""
    log.info("pruned", **prune_all(self.graph, self.settings, now_ms()))


def prune_all(graph: Graph, settings: WorkerSettings, now: int) -> dict[str, int]:
    """Remove what is too old at an instant (ms since 1970 UTC), and count it by kind."""

    def before(hours: float) -> int:
        return now - int(hours * _HOUR_MS)

    return {
        "events": _prune(graph, prune_events, before(settings.event_retention_h)),
        "idempotency_keys": _prune(
            graph, prune_idempotency_keys, before(settings.idempotency_retention_h)
        ),
        "sessions": _prune(graph, prune_sessions, before(1)),
    }


def _prune(graph: Graph, batch: Callable[[int, int], Statement[int]], before: int) -> int:
    total = 0
    for _ in range(_MOST_BATCHES):
        removed = graph.run(batch(before, _BATCH))
        total += removed
        if removed < _BATCH:
            break
    return total
