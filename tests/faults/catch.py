"""Find the processes in the middle of something: they are stopped, looked at, and let go on."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from redis import Redis

from graph.ids import now_ms
from graph.runner import Graph
from tests.faults.stage import Stage, children
from tests.graph.world import run
from workers.queues import QUEUES

_PATIENCE_S: Final = 90
_SETTLED_S: Final = 0.3
_CHANCE: Final = random.Random()  # noqa: S311 - chance, no secret
_UNDER_WAY: Final = """\
MATCH (job:Job) WHERE job.done_at IS NULL AND job.last_at >= $since AND job.held_until > $since
RETURN job.key AS key"""
_UNTOLD: Final = """\
MATCH (job:Job) WHERE job.done_at IS NULL AND job.event_id IS NOT NULL AND job.attempt IS NULL
RETURN job.key AS key"""


async def stop_in_mid_task(stage: Stage, graph: Graph) -> list[int]:
    """Stop the worker's children when one of them is in the middle of a job.

    Returns:
        Their process ids.

    Raises:
        AssertionError: None ever was.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        await asyncio.sleep(_CHANCE.uniform(0.02, 0.2))
        pids, since = children(stage.processes["worker 0"].pid), now_ms() - 500
        send(pids, signal.SIGSTOP)
        if await _is_anything(graph, _UNDER_WAY, since=since):
            await asyncio.sleep(_SETTLED_S)  # what was sent to Neo4j before the stop is done by now
            if await _is_anything(graph, _UNDER_WAY, since=since):
                return pids
        send(pids, signal.SIGCONT)
    raise AssertionError("no task was under way when the worker was to be killed")


async def stop_before_telling(stage: Stage, graph: Graph) -> None:
    """Stop both relays when something is numbered, its job open, and no message of it sent.

    Raises:
        AssertionError: That never was so.
    """
    pids = [stage.processes[f"relay {n}"].pid for n in range(2)]
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        await asyncio.sleep(_CHANCE.uniform(0.0, 0.05))  # there is most to tell after a stop
        send(pids, signal.SIGSTOP)
        await asyncio.sleep(_SETTLED_S)
        if await _is_all_taken(stage) and await _is_anything(graph, _UNTOLD):
            return
        send(pids, signal.SIGCONT)
    raise AssertionError("nothing was numbered and not told when the relay was to be killed")


async def _is_all_taken(stage: Stage) -> bool:
    """Wait until workers have done with every message that was sent."""
    with Redis.from_url(stage.servers.redis_url) as redis:
        for _ in range(50):
            if not redis.hlen("unacked") and not any(map(redis.llen, QUEUES)):
                return True
            await asyncio.sleep(0.05)
    return False


async def _is_anything(graph: Graph, question: str, **parameters: object) -> bool:
    return bool(await asyncio.to_thread(run, graph, question, **parameters))


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to processes; who has ended meanwhile needs none."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
