"""Events from a timer in the server's own process, as its runner orders them.

A line `FIRST COUNT RATE` on stdin sends events; when all are sent their times are printed, as a
JSON object by number, in seconds since 1970 UTC. The process ends with its stdin.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable

Emit = Callable[[int], None]


async def keep_ticking(emit: Emit) -> None:
    """Send what is ordered, by a function that takes the number of an event."""
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    while order := await loop.run_in_executor(None, sys.stdin.readline):
        first, count, rate = order.split()
        times = await _tick(emit, range(int(first), int(first) + int(count)), float(rate))
        print(json.dumps(times), flush=True)
    os._exit(0)


async def _tick(emit: Emit, numbers: range, rate: float) -> dict[int, float]:
    start = time.time()
    times: dict[int, float] = {}
    for number in numbers:
        await asyncio.sleep(start + (number - numbers.start) / rate - time.time())
        times[number] = time.time()
        emit(number)
    return times
