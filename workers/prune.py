"""The scheduled task `prune`: remove what nobody needs for ever, batch by batch."""

import time
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from graph.dead_letters import prune_dead_letters
from graph.ids import now_ms
from graph.retention import (
    prune_events,
    prune_idempotency_keys,
    prune_notifications,
    prune_sessions,
)
from graph.runner import Graph
from graph.statement import Statement
from workers.base import ScheduledTask
from workers.celery import app
from workers.settings import WorkerSettings

log = structlog.get_logger(__name__)
_BATCH: Final = 500
BUDGET_S: Final = 20.0
"""When the last batch of one task begins: below the task's limit, and below the schedule."""
_HOUR_MS: Final = 3_600_000


@app.task(name="prune", base=ScheduledTask, bind=True)
def prune(self: ScheduledTask, slot: int) -> None:  # noqa: ARG001 - counted before it starts
    """Remove what is too old, kind by kind; what is left over waits for the next."""
    log.info("pruned", **prune_all(self.graph, self.settings, now_ms()))


def prune_all(
    graph: Graph, settings: WorkerSettings, now: int, budget_s: float = BUDGET_S
) -> dict[str, int]:
    """Remove what is too old, and count it by kind.

    The kinds take turns, so that a flood of one leaves time for the others.

    Args:
        graph: Where it is.
        settings: How long each kind is kept.
        now: ms since 1970 UTC.
        budget_s: For how long to begin further rounds, in seconds.
    """
    batches = _batches(settings, now)
    removed = dict.fromkeys(batches, 0)
    deadline = time.monotonic() + budget_s
    while batches:
        for name, batch in tuple(batches.items()):
            count = graph.run(batch(_BATCH))
            removed[name] += count
            if count < _BATCH:
                del batches[name]
        if time.monotonic() >= deadline:
            break
    return removed


def _batches(settings: WorkerSettings, now: int) -> dict[str, Callable[[int], Statement[int]]]:
    def before(hours: float) -> int:
        return now - int(hours * _HOUR_MS)

    return {
        "events": partial(prune_events, before(settings.event_retention_h)),
        "idempotency_keys": partial(
            prune_idempotency_keys, before(settings.idempotency_retention_h)
        ),
        "notifications": partial(prune_notifications, before(settings.notification_retention_h)),
        "sessions": partial(prune_sessions, before(1)),
        "dead_letters": partial(prune_dead_letters, before(settings.dead_letter_retention_h)),
    }
