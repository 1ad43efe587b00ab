"""What is acknowledged is there once, and all figures agree, whatever is killed or frozen.

`make faults` brings about the same, and prints what it cost.
"""

from pathlib import Path

import pytest

from graph.runner import Graph
from local.ephemeral import Servers
from tests.faults.__main__ import measure
from tests.faults.faults import FAULTS


@pytest.mark.slow
@pytest.mark.timeout(1_500)
async def test_no_fault_costs_anybody_anything(
    clean: None,  # noqa: ARG001
    servers: Servers,
    sync_graph: Graph,
    tmp_path: Path,
) -> None:
    found = await measure(servers, [*FAULTS], tmp_path)
    sync_graph.driver.verify_connectivity()  # the tests after this one find no dead connection
    assert {name: each.differences for name, each in found.items()} == {name: [] for name in FAULTS}
