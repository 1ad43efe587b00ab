"""One candidate under one load."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from bench.realtime.event import next_message, shape
from bench.realtime.processes import cpu_s, resident_kib
from bench.realtime.spectators import Seen, Spectators, spectators
from local.errors import LocalError

_REHEARSING_SOCKETS: Final = 20
_REHEARSED_EVENTS: Final = 40
_PROBES: Final = 30
_PROBE_S: Final = 1.0
_REST_S: Final = 2.0
_DRAIN_S: Final = 5.0


class Server(Protocol):
    """A server whose clients are told of events."""

    @property
    def pid(self) -> int:
        """Id of the process that serves."""

    @property
    def port(self) -> int:
        """Where it listens."""

    @property
    def subscribe(self) -> dict[str, Any]:
        """Payload of the subscription."""

    @property
    def tokens(self) -> Path | None:
        """File with an access token for each client, if it wants one."""

    def emit(self, first: int, count: int, rate: float) -> dict[int, float]:
        """Tell events with the numbers from `first` on, so many a second; give when each was."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of a candidate.

    Args:
        sockets: Clients, each with one subscription.
        rate: Events a second, each told to all.
        seconds: For how long.
    """

    sockets: int
    rate: float
    seconds: float

    @property
    def events(self) -> int:
        """How many events there are in all."""
        return round(self.rate * self.seconds)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a trial showed.

    Args:
        cpu_us: CPU time of the server for each delivery that came in time.
        p50_ms: From the event (in Nexus: its commit) to the client.
        p99_ms: The same.
        idle_kib: What the server holds for each socket with a subscription on which nothing comes.
        lost: Deliveries that had not come seconds after the last event.
        disorders: Deliveries out of order.
    """

    cpu_us: float
    p50_ms: float
    p99_ms: float
    idle_kib: float
    lost: float
    disorders: float


def run_trial(server: Server, load: Load) -> Figures:
    """Rehearse, connect all, and measure.

    Raises:
        LocalError: Its answers are not what they should be, so that the figures mean nothing.
    """
    _rehearse(server)
    before_kib = resident_kib(server.pid)
    with spectators(server.port, load.sockets, server.subscribe, server.tokens) as crowd:
        told = _probe(server, crowd)
        time.sleep(_REST_S)
        idle_kib = (resident_kib(server.pid) - before_kib) / load.sockets
        received, used_s = crowd.received(), cpu_s(server.pid)
        times = server.emit(told, load.events, load.rate)
        expected = received + load.events * load.sockets
        crowd.wait_for(expected, _DRAIN_S)
        came = crowd.received() - received
        used_s = cpu_s(server.pid) - used_s
        seen = crowd.leave()
    _check(seen)
    waits = sorted(_waits(seen, times))
    return Figures(
        cpu_us=used_s * 1e6 / max(came, 1),
        p50_ms=percentile(waits, 50),
        p99_ms=percentile(waits, 99),
        idle_kib=idle_kib,
        lost=load.events * load.sockets - came,
        disorders=seen.disorders,
    )


def _rehearse(server: Server) -> None:
    """Let the server load, compile and connect whatever it does at the first clients and events."""
    sockets = _REHEARSING_SOCKETS
    with spectators(server.port, sockets, server.subscribe, server.tokens) as crowd:
        first = _probe(server, crowd)
        server.emit(first, _REHEARSED_EVENTS, _REHEARSED_EVENTS)


def _probe(server: Server, crowd: Spectators) -> int:
    """Tell events until one of them reaches everybody; give the next number.

    Only then have all subscriptions begun: the protocol has no word for that.
    """
    for number in range(_PROBES):
        before = crowd.received()
        server.emit(number, 1, 1)
        if crowd.wait_for(before + crowd.sockets, _PROBE_S):
            return number + 1
    raise LocalError(f"After {_PROBES} events not all of {crowd.sockets} clients were told of one.")


def _check(seen: Seen) -> None:
    if seen.gone:
        raise LocalError(f"{seen.gone} sockets were lost in mid-run; there is nothing to compare.")
    if shape(json.loads(seen.sample)) != shape(next_message(0)):
        raise LocalError(f"The answer is not what was asked for: {seen.sample}")


def _waits(seen: Seen, times: Mapping[int, float]) -> Iterator[float]:
    for number, at in times.items():
        for arrival in seen.arrivals.get(number, ()):
            yield (arrival - at) * 1000


def percentile(values: list[float], percent: int) -> float:
    """Give a percentile of sorted values."""
    return values[min(len(values) * percent // 100, len(values) - 1)] if values else float("nan")
