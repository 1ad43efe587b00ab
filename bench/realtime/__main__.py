"""Measure live updates beside others: `python -m bench.realtime`, or `--quick` to try it."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from functools import partial
from math import isnan, nan
from statistics import median
from typing import Final

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from bench.realtime.nexus import (
    World,
    idle_kib_of_news,
    ms_until_told,
    nexus_server,
    nexus_world,
)
from bench.realtime.peers import graphql_ws_server, python_server
from bench.realtime.trial import Figures, Load, Server, percentile, run_trial

Start = Callable[[], AbstractContextManager[Server]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who competes.

    Args:
        name: What the table calls it.
        start: Starts its server.
        rate: Events a second that it is asked for; fewer than the others where it would drown.
    """

    name: str
    start: Start
    rate: float


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Args:
        sockets: Clients.
        seconds: For how long each trial tells events.
        rounds: How often all candidates take their turn.
        mutations: How many are told across processes.
        warm_s: How long Neo4j, the relay and an API process are worked in before anything counts.
    """

    sockets: int
    seconds: float
    rounds: int
    mutations: int
    warm_s: float


_FULL: Final = Size(sockets=1_000, seconds=10, rounds=5, mutations=200, warm_s=30)
_QUICK: Final = Size(sockets=200, seconds=3, rounds=1, mutations=20, warm_s=2)
_WARMING_SOCKETS: Final = 20
_RATE: Final = 20
_TARGETS: Final = Figures(cpu_us=20, p50_ms=nan, p99_ms=50, idle_kib=64, lost=0, disorders=0)
_UNTIL_TOLD_MS: Final = 15


def candidates(world: World) -> list[Candidate]:
    """Give those who compete, Nexus first and the floors last."""
    return [
        Candidate("Nexus", partial(nexus_server, world), _RATE),
        Candidate("graphql-ws on ws, Node", graphql_ws_server, _RATE),
        # It runs the document anew for each subscriber, which takes a core for three a second.
        Candidate("Ariadne's own handler", partial(python_server, "stock"), 1),
        Candidate("floor: Starlette, send_text", partial(python_server, "floors", "plain"), _RATE),
        Candidate("floor: a raw socket", partial(python_server, "floors", "raw"), _RATE),
    ]


def measure(competing: Sequence[Candidate], size: Size) -> dict[str, list[Figures]]:
    """Run all, then all in the opposite order, and so on: A B B A."""
    found: dict[str, list[Figures]] = {each.name: [] for each in competing}
    for number in range(size.rounds):
        for each in competing if number % 2 == 0 else reversed(competing):
            print(f"round {number + 1} of {size.rounds}: {each.name}", file=sys.stderr, flush=True)
            load = Load(size.sockets, each.rate, size.seconds)
            with each.start() as server:
                found[each.name].append(run_trial(server, load))
    return found


def middle(trials: Sequence[Figures]) -> Figures:
    """Give the median of each figure, and the worst of what must not happen at all."""

    def of(name: str) -> float:
        values: list[float] = [getattr(trial, name) for trial in trials]
        return max(values) if name in {"lost", "disorders"} else median(values)

    return Figures(**{field.name: of(field.name) for field in fields(Figures)})


def table(found: Mapping[str, Sequence[Figures]], rates: Mapping[str, float]) -> Table:
    """Lay the figures out, with ratios to Nexus and what Nexus is to reach."""
    shown = Table(
        "", "events/s", "CPU µs per delivery", "to Nexus' (worst)", "p50 ms", "p99 ms",
        "KiB per idle socket", "lost", "out of order", box=MARKDOWN,
    )  # fmt: skip
    for name, trials in found.items():
        ratio = cpu_ratio(trials, found["Nexus"])
        shown.add_row(*_cells(name, f"{rates[name]:g}", middle(trials), ratio))
    shown.add_row(*_cells("Nexus is to reach", "", _TARGETS, ""))
    return shown


def cpu_ratio(trials: Sequence[Figures], nexus: Sequence[Figures]) -> str:
    """Compare CPU with that of Nexus in the same round: the median, and what suits Nexus least."""
    ratios = [each.cpu_us / other.cpu_us for each, other in zip(trials, nexus, strict=True)]
    return f"{median(ratios):.2f} ({min(ratios):.2f})"


def _cells(name: str, rate: str, figures: Figures, ratio: str) -> list[str]:
    return [
        name,
        rate,
        f"{figures.cpu_us:.1f}",
        ratio,
        "" if isnan(figures.p50_ms) else f"{figures.p50_ms:.1f}",
        f"{figures.p99_ms:.1f}",
        f"{figures.idle_kib:.1f}",
        f"{figures.lost:g}",
        f"{figures.disorders:g}",
    ]


def main() -> int:
    """Measure and print; fail when Nexus lost an event or told one out of order."""
    parser = argparse.ArgumentParser("python -m bench.realtime", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few sockets, for seconds: to try it")
    size = _QUICK if parser.parse_args().quick else _FULL
    with nexus_world(size.sockets) as world:
        with nexus_server(world) as server:
            run_trial(server, Load(_WARMING_SOCKETS, _RATE, size.warm_s))
        competing = candidates(world)
        found = measure(competing, size)
        until_told = ms_until_told(world, size.mutations)
        idle_kib = idle_kib_of_news(world, size.sockets)
    console = Console(width=max(Console().width, 140))
    console.print(f"{size.sockets} sockets, {size.seconds:g} s, {size.rounds} rounds\n")
    console.print(table(found, {each.name: each.rate for each in competing}))
    console.print(
        f"\nFrom a mutation's answer at one API process to a subscriber at another: p50 "
        f"{percentile(until_told, 50):.1f} ms (to reach: {_UNTIL_TOLD_MS}), "
        f"p99 {percentile(until_told, 99):.1f} ms, {size.mutations} mutations.\n"
        f"A socket on which its user waits for notifications, a channel for each: "
        f"{idle_kib:.1f} KiB."
    )
    worst = middle(found["Nexus"])
    return 1 if worst.lost or worst.disorders else 0


if __name__ == "__main__":
    sys.exit(main())
