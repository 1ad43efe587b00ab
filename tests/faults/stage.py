"""The processes of Nexus, two of each that may be two, and ways to harm them."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from local.ephemeral import Servers
from local.ports import free_ports
from local.process import Process
from local.services import Api, LinePrinter

SECRET: Final = "a-secret-of-faults-that-is-long-enough"
_WARM_UP_S: Final = 120
"""On a busy machine planning takes long, and nobody comes before it is done."""
_CELERY: Final = (sys.executable, "-m", "celery", "-A", "workers.celery")
_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "relay": (sys.executable, "-m", "workers.relay"),
    "worker": (
        *(sys.executable, "-m", "celery", "-A", "tests.workers.deadly"),  # it can be poisoned
        *("worker", "--concurrency", "2", "--loglevel", "INFO"),
    ),
    "beat": (*_CELERY, "beat", "--loglevel", "INFO"),
}
NAMES: Final = ("worker 0", "relay 0", "relay 1", "beat 0", "api 0", "api 1")


@dataclass
class Stage:
    """Everything that runs, by name: `api 0`, `relay 1` …

    Args:
        servers: Neo4j and Redis.
        environment: Settings of all processes.
        ports: Of the two API processes.
        folder: For logs.
        held: How many files, connections and tasks there were when all was used and quiet.
        notes: What was measured beside.
    """

    servers: Servers
    environment: Mapping[str, str]
    ports: tuple[int, int]
    folder: Path
    processes: dict[str, Process] = field(default_factory=dict[str, Process])
    held: dict[str, int] = field(default_factory=dict[str, int])
    notes: list[str] = field(default_factory=list[str])

    @property
    def urls(self) -> tuple[str, ...]:
        """Addresses of the API processes."""
        return tuple(f"http://127.0.0.1:{port}" for port in self.ports)

    def start(self, name: str) -> Process:
        """Start a process, for the first time or again."""
        kind, number = name.split()
        if kind == "api":
            port = self.ports[int(number)]
            process: Process = Api(port, self.environment, LinePrinter())
            process.on_line = None
            process.log = self._log(name)
        else:
            command = list(_COMMANDS[kind])
            process = Process(name, command, env=self.environment, log=self._log(name))
        process.start()
        self.processes[name] = process
        return process

    async def kill(self, name: str) -> None:
        """End a process, and what it forked, as a machine's failure does, and start it again."""
        await asyncio.to_thread(self.processes[name].kill)
        await asyncio.to_thread(self.start, name)

    async def freeze(self, pid: int, seconds: float) -> None:
        """Stop a process for a while, in the middle of whatever it does."""
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)

    def log_of(self, name: str) -> str:
        """Give what a process, and those before it in its place, have printed."""
        return self._log(name).read_text(encoding="utf-8", errors="replace")

    def _log(self, name: str) -> Path:
        return self.folder / f"{name.replace(' ', '-')}.log"


def children(pid: int) -> list[int]:
    """Give the processes that a process started."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found


def descendants(pid: int) -> list[int]:
    """Give the processes that a process started, and those that these started."""
    return [each for child in children(pid) for each in (child, *descendants(child))]


@contextmanager
def running(servers: Servers, folder: Path) -> Iterator[Stage]:
    """Run everything on a migrated database, and end it."""
    first, second = free_ports(2)
    environment = {
        "NEXUS_NEO4J_URI": servers.neo4j_uri,
        "NEXUS_NEO4J_USER": servers.neo4j_user,
        "NEXUS_NEO4J_PASSWORD": servers.neo4j_password,
        "NEXUS_REDIS_URL": servers.redis_url,
        "NEXUS_JWT_SECRET": SECRET,
        "NEXUS_ACCESS_TOKEN_S": "7200",
        "NEXUS_MEDIA_DIR": str(folder / "media"),
        "NEXUS_JOB_RESEND_AFTER_S": "2",
        "NEXUS_WARM_UP_S": str(_WARM_UP_S),
        "PYTHONWARNINGS": "ignore",
    }
    stage = Stage(servers, environment, (first, second), folder)
    try:
        for name in NAMES:
            stage.start(name)
        for process in stage.processes.values():
            process.wait_ready(2 * _WARM_UP_S)
        yield stage
    finally:
        for process in stage.processes.values():
            process.kill()
