"""Leadership of the relays: one works, the others stand by and take over within seconds.

The lease lies in Neo4j and runs by its clock; a relay goes by its own clock only for how long ago
it asked, which no setting of clocks and no stop of the process can make shorter than it was.
"""

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import Final
from uuid import uuid4

import structlog

from graph.errors import Unavailable
from graph.leases import RELAY, release_lease, take_lease
from graph.runner import Graph

log = structlog.get_logger(__name__)
_STANDBY_S: Final = 0.2
_RENEWALS: Final = 3
"""How often a lease is asked for within its length."""


class Leadership:
    """Whether this relay leads.

    Args:
        length_s: How long a lease holds, in seconds; so long nobody leads when a leader was killed.
    """

    def __init__(self, graph: Graph, length_s: float, stop: Event) -> None:
        self.graph = graph
        self.stop = stop
        self.name = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._length_s = length_s
        self._until = 0.0
        self._led = False

    def holds(self) -> bool:
        """Tell whether this relay leads now, for sure."""
        return time.monotonic() < self._until

    def step(self) -> None:
        """Ask for the lease, then wait until it is to be asked for again."""
        self.ask()
        self.stop.wait(self._length_s / _RENEWALS)

    def ask(self) -> None:
        """Ask for the lease: from when the question was put it holds, not from the answer."""
        asked_at = time.monotonic()
        is_mine = self.graph.run(take_lease(RELAY, self.name, int(self._length_s * 1000)))
        self._until = asked_at + self._length_s if is_mine else 0.0
        if is_mine != self._led:
            log.info("relay leads" if is_mine else "relay stands by", name=self.name)
        self._led = is_mine

    def lead(self, step: Callable[[], None]) -> None:
        """Take a step if this relay leads; otherwise wait a moment."""
        if self.holds():
            step()
        else:
            self.stop.wait(_STANDBY_S)

    def release(self) -> None:
        """Let a standby take over at once."""
        self._until = 0.0
        with suppress(Unavailable):
            self.graph.run(release_lease(RELAY, self.name))
