"""What is acknowledged is there once, and all figures agree, whatever is killed or frozen.

`make faults` brings about the same, and prints what it cost.
"""

from pathlib import Path

import pytest
from rich.console import Console

from graph.runner import Graph
from local.ephemeral import Servers
from tests.faults.__main__ import measure, table
from tests.faults.faults import FAULTS


@pytest.mark.slow
@pytest.mark.timeout(1_800)
async def test_no_fault_costs_anybody_anything(
    clean: None,  # noqa: ARG001
    servers: Servers,
    sync_graph: Graph,
    tmp_path: Path,
) -> None:
    found = await measure(servers, [*FAULTS], tmp_path)
    Console(width=170).print(table(found))
    sync_graph.driver.verify_connectivity()  # the tests after this one find no dead connection
    assert {name: each.differences for name, each in found.items()} == {name: [] for name in FAULTS}
