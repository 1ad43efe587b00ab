"""One fault, from the first deed to the last check."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from graph.runner import Graph
from tests.faults.audience import Seat, misheard
from tests.faults.crowd import Crowd
from tests.faults.faults import Fault
from tests.faults.ledger import differences, is_quiet
from tests.faults.stage import Stage

_BEFORE_S: Final = 2.0
_AFTER_S: Final = 3.0
_PATIENCE_S: Final = 180
_POLL_S: Final = 0.2
_MORE_FILES: Final = 20


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a fault.

    Args:
        acknowledged: How many deeds were acknowledged while it lasted, and a little after.
        refused: How many answers, or their lack, told people to try again.
        longest_s: The longest that anybody waited for an answer.
        recovery_s: From its end until all that follows from what was done had been done.
        differences: What was not as it must be.
    """

    acknowledged: int
    refused: int
    longest_s: float
    recovery_s: float
    differences: list[str]


async def run_trial(
    stage: Stage, graph: Graph, crowd: Crowd, seats: Sequence[Seat], fault: Fault
) -> Outcome:
    """Harm the processes while people are busy, wait until all is quiet, and check everything.

    Raises:
        TimeoutError: It did not become quiet in minutes.
    """
    crowd.acknowledged, crowd.refused, crowd.longest_s = 0, 0, 0.0
    stop = asyncio.Event()
    busy = asyncio.create_task(crowd.act(stop))
    await asyncio.sleep(_BEFORE_S)
    found: list[str] = []
    try:
        await fault(stage, graph)
    except AssertionError as error:
        found.append(str(error))
    ended = time.monotonic()
    await asyncio.sleep(_AFTER_S)
    stop.set()
    await busy
    acknowledged, refused, longest_s = crowd.acknowledged, crowd.refused, crowd.longest_s
    while not await asyncio.to_thread(is_quiet, graph):
        if time.monotonic() - ended > _PATIENCE_S:
            raise TimeoutError(f"{_PATIENCE_S} s after the fault there still is something to do")
        await asyncio.sleep(_POLL_S)
    recovery_s = time.monotonic() - ended
    found += await differences(graph, crowd)
    found += await misheard(graph, seats)
    for name in stage.processes:
        held = stage.open_files(name)
        if held > stage.held.setdefault(name, held) + _MORE_FILES:
            found.append(f"{name} holds {held} files, and held {stage.held[name]} at first")
    return Outcome(acknowledged, refused, longest_s, recovery_s, found)
