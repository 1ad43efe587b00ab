"""The scheduled task `reconcile`: once a night recount everything, repair and tell what differs.

A round may take longer than any task: each task does what it can in its time, and notes where the
next goes on. When the round of the night is through, there is nothing to do until the next night.
"""

import time
from typing import Final

import structlog

from graph import reconcile as rounds
from graph.ids import now_ms
from graph.recount import Drift
from graph.runner import Graph
from workers.base import ScheduledTask
from workers.celery import NIGHT, app

log = structlog.get_logger(__name__)
BUDGET_S: Final = 25.0
"""When the last page of one task begins: below the task's limit, and below the schedule."""
PATIENCE_S: Final = 15.0
"""How long a page may take, in seconds: celebrities have very many likes."""


@app.task(name="reconcile", base=ScheduledTask, bind=True)
def reconcile(self: ScheduledTask, slot: int) -> None:
    """Go on with the round of the night in which a slot lies, if it is not through."""
    with Graph(self.graph.settings.model_copy(update={"neo4j_timeout_s": PATIENCE_S})) as patient:
        go_on(patient, NIGHT.slot_at(slot / 1000) * 1000)


def go_on(graph: Graph, night: int, budget_s: float = BUDGET_S) -> list[Drift]:
    """Go on with a night's round.

    Args:
        graph: What is recounted.
        night: When rounds of this night begin, ms since 1970 UTC.
        budget_s: For how long to begin further pages, in seconds.

    Returns:
        What was repaired now.
    """
    deadline = time.monotonic() + budget_s
    found: list[Drift] = []
    standing = graph.run(rounds.open_round(night, now_ms()))
    is_new = not standing.is_through
    while not standing.is_through and time.monotonic() < deadline:
        page = graph.run(rounds.next_page(standing))
        if page.next is None:
            standing = graph.run(rounds.end_step(standing, now_ms()))
            continue
        _tell(page.drifts)
        found += page.drifts
        standing = rounds.Round(standing.step, page.next, standing.drift_count + len(page.drifts))
    if is_new and standing.is_through:
        log.info("reconciled", drifts=standing.drift_count)
    return found


def _tell(drifts: list[Drift]) -> None:
    for drift in drifts:
        log.warning(
            "drift repaired",
            what=drift.what,
            id=drift.id,
            at=drift.at,
            stored=drift.stored,
            counted=drift.counted,
        )
