"""What the processes hold: files, connections and tasks, which must not become more and more."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx

from tests.faults.stage import Stage, descendants

_MORE: Final = 20
"""Pools grow with what is asked of them at once, and who has left comes again."""
_PATIENCE_S: Final = 30
_OPEN: Final = {"01", "08"}
"""Established, and left by the other side but not closed here."""
_TASKS: Final = "nexus_tasks "


async def leaks(stage: Stage) -> list[str]:
    """Hold what all processes have open to what they had when they were first quiet.

    Connections end and tasks are done a little after the last request, so they are waited for.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        held = await _held(stage)
        grown = [
            f"{what}: {count}, and {stage.held[what]} at first"
            for what, count in held.items()
            if count > stage.held.setdefault(what, count) + _MORE
        ]
        if not grown or time.monotonic() > deadline:
            return grown
        await asyncio.sleep(0.5)


async def _held(stage: Stage) -> dict[str, int]:
    held = {f"files of {name}": _open_files(stage, name) for name in stage.processes}
    for name, uri in (("Neo4j", stage.servers.neo4j_uri), ("Redis", stage.servers.redis_url)):
        held[f"connections at {name}"] = _connections(urlsplit(uri).port or 0)
    async with httpx.AsyncClient(trust_env=False) as http:
        for url in stage.urls:
            page = (await http.get(f"{url}/metrics")).text
            (tasks,) = (line for line in page.splitlines() if line.startswith(_TASKS))
            held[f"tasks of {url}"] = int(float(tasks.split()[1]))
    return held


def _open_files(stage: Stage, name: str) -> int:
    """Count the files and connections that a process and those that it started hold.

    What several of them hold is one: a child that takes another's place inherits from its parent.
    """
    pid, held = stage.processes[name].pid, set[str]()
    for each in (pid, *descendants(pid)):
        with suppress(FileNotFoundError):  # a child may end
            for file in Path(f"/proc/{each}/fd").iterdir():
                held.add(str(file.readlink()))
    return len(held)


def _connections(port: int) -> int:
    """Count the connections that a server has."""
    return sum(
        int(place.rpartition(":")[2], 16) == port and state in _OPEN for place, state in _sockets()
    )


def _sockets() -> Iterator[tuple[str, str]]:
    """Yield the own address and the state of every TCP socket of this machine."""
    for name in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            _, own, _, state, *_ = line.split()
            yield own, state
