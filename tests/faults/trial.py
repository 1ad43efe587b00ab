"""One fault, from the first deed to the last check."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph.runner import Graph
from tests.faults.audience import Seat, misheard
from tests.faults.crowd import Crowd
from tests.faults.deeds import act
from tests.faults.faults import Fault
from tests.faults.leaks import leaks
from tests.faults.ledger import differences, is_quiet
from tests.faults.stage import Stage

_BEFORE_S: Final = 2.0
_AFTER_S: Final = 3.0
_PATIENCE_S: Final = 180
_POLL_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a fault.

    Args:
        acknowledged: How many deeds were acknowledged while it lasted, and a little after.
        refused: How many answers, or their lack, told people to try again.
        reads: How often they read meanwhile.
        unread: How many of the reads were not answered.
        longest_s: The longest that anybody waited for an answer.
        recovery_s: From when people stopped, three seconds after its end, until all that follows
            from what was done had been done.
        differences: What was not as it must be.
        notes: What was measured beside.
    """

    acknowledged: int
    refused: int
    reads: int
    unread: int
    longest_s: float
    recovery_s: float
    differences: list[str]
    notes: list[str]


async def run_trial(
    stage: Stage, graph: Graph, crowd: Crowd, seats: Sequence[Seat], fault: Fault
) -> Outcome:
    """Harm the processes while people are busy, wait until all is quiet, and check everything.

    Raises:
        TimeoutError: It did not become quiet in minutes.
    """
    crowd.forget()
    stage.notes.clear()
    stop = asyncio.Event()
    busy = asyncio.create_task(act(crowd, stop))
    await asyncio.sleep(_BEFORE_S)
    found: list[str] = []
    try:
        await fault(stage, graph)
    except AssertionError as error:
        found.append(str(error))
    await asyncio.sleep(_AFTER_S)
    stop.set()
    stopped = time.monotonic()
    await busy
    outcome = Outcome(
        crowd.acknowledged, crowd.refused, crowd.reads, crowd.unread, crowd.longest_s,
        await _recovery(graph, stopped), found, [*stage.notes],
    )  # fmt: skip
    found += await differences(graph, crowd)
    found += await misheard(graph, seats)
    found += await leaks(stage)
    return outcome


async def _recovery(graph: Graph, since: float) -> float:
    """Wait until nothing is left to do, and give how long that took."""
    while not await asyncio.to_thread(is_quiet, graph):
        if time.monotonic() - since > _PATIENCE_S:
            raise TimeoutError(f"{_PATIENCE_S} s after the fault there still is something to do")
        await asyncio.sleep(_POLL_S)
    return time.monotonic() - since
