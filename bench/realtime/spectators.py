"""A crowd of clients in a process of its own, and what to ask of it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.realtime.processes import Talker

_POLL_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Seen:
    """What the clients saw; see `bench.realtime.crowd`."""

    received: int
    disorders: int
    gone: int
    arrivals: Mapping[int, list[float]]
    sample: str


class Spectators:
    """Connected clients."""

    def __init__(self, talker: Talker, sockets: int) -> None:
        self._talker = talker
        self.sockets = sockets

    @property
    def pid(self) -> int:
        """Id of their process."""
        return self._talker.pid

    def received(self) -> int:
        """Count the events that all of them together received."""
        return int(self._talker.ask("count"))

    def wait_for(self, count: int, timeout_s: float) -> bool:
        """Wait until so many events came; tell whether they did."""
        deadline = time.monotonic() + timeout_s
        while self.received() < count:
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        return True

    def leave(self) -> Seen:
        """End all sockets and tell what was seen."""
        seen: dict[str, Any] = json.loads(self._talker.ask("stop"))
        seen["arrivals"] = {int(number): times for number, times in seen["arrivals"].items()}
        return Seen(**seen)


@contextmanager
def spectators(
    port: int, sockets: int, subscribe: Mapping[str, Any], tokens: Path | None
) -> Iterator[Spectators]:
    """Connect clients, and end them.

    Args:
        port: Where the server listens.
        sockets: How many.
        subscribe: Payload of the subscription that each of them begins.
        tokens: File with an access token for each, if the server wants one.
    """
    command = [sys.executable, "-m", "bench.realtime.crowd", f"--port={port}"]
    command += [f"--sockets={sockets}", f"--subscribe={json.dumps(subscribe)}"]
    command += [f"--tokens={tokens}"] if tokens else []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        talker = Talker("the crowd of clients", process)
        try:
            talker.hear("ready")
            yield Spectators(talker, sockets)
        finally:
            process.kill()
