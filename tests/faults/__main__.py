"""Bring about every fault and print a table: `python -m tests.faults`, or with names of faults."""

import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import SecretStr
from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from graph import ddl
from graph.runner import Graph
from graph.settings import GraphSettings
from local.ephemeral import Servers, ephemeral_servers
from tests.faults.audience import audience
from tests.faults.crowd import crowd
from tests.faults.deeds import rehearse
from tests.faults.faults import FAULTS, REFUSING_NOBODY, SOON_S
from tests.faults.stage import running
from tests.faults.trial import Outcome, run_trial


async def measure(servers: Servers, names: Sequence[str], folder: Path) -> dict[str, Outcome]:
    """Bring about faults one after the other, in one world, with processes that nobody restarts.

    Args:
        servers: An empty Neo4j and a Redis.
        names: Which faults.
        folder: For the logs of the processes.
    """
    settings = GraphSettings(
        neo4j_uri=servers.neo4j_uri,
        neo4j_user=servers.neo4j_user,
        neo4j_password=SecretStr(servers.neo4j_password),
        neo4j_timeout_s=60,
    )
    found: dict[str, Outcome] = {}
    with Graph(settings) as graph:
        ddl.apply(graph)
        with running(servers, folder) as stage:
            async with (
                crowd(stage.urls) as people,
                audience(stage.ports, people) as seats,
            ):
                await rehearse(people)
                for name in names:
                    Console(stderr=True).print(name)
                    outcome = await run_trial(stage, graph, people, seats, FAULTS[name])
                    if name in REFUSING_NOBODY and outcome.refused:
                        outcome.differences.append(f"{outcome.refused} requests were refused")
                    if name in REFUSING_NOBODY and outcome.longest_s > SOON_S:
                        outcome.differences.append(f"somebody waited {outcome.longest_s:.1f} s")
                    if name in REFUSING_NOBODY and outcome.unread:
                        outcome.differences.append(f"{outcome.unread} reads were not answered")
                    found[name] = outcome
    return found


def table(found: Mapping[str, Outcome]) -> Table:
    """Lay out what each fault cost."""
    shown = Table(
        "", "acknowledged", "to be tried again", "reads", "not answered", "longest answer, s",
        "recovered after, s", "differences", box=MARKDOWN,
    )  # fmt: skip
    for name, outcome in found.items():
        shown.add_row(
            name,
            str(outcome.acknowledged),
            str(outcome.refused),
            str(outcome.reads),
            str(outcome.unread),
            f"{outcome.longest_s:.1f}",
            f"{outcome.recovery_s:.1f}",
            str(len(outcome.differences)),
        )
    return shown


def main() -> int:
    """Measure and print; fail where anything was lost, doubled or miscounted."""
    names = sys.argv[1:] or [*FAULTS]
    with ephemeral_servers() as servers, tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(servers, names, Path(folder)))
    console = Console(width=max(Console().width, 170))
    console.print(table(found))
    for name, outcome in found.items():
        for note in outcome.notes:
            console.print(f"{name}: {note}")
        for difference in outcome.differences:
            console.print(f"{name}: {difference}", style="red")
    return 1 if any(outcome.differences for outcome in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
