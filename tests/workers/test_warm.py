"""The task `warm` prepares a ranking for every window."""

import pytest

from graph.engagement import TimeWindow, TopBy
from graph.runner import Graph
from tests.graph.world import run
from workers.connected import ConnectedTask
from workers.warm import warm


def test_every_window_has_its_ranking(world: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConnectedTask, "graph", world, raising=False)

    for slot in range(3):
        warm.run(slot * 60_000)

    rows = run(world, "MATCH (r:Ranking) RETURN r.name AS name ORDER BY name")
    tags = [f"tags:{window}" for window in TimeWindow]
    posts = [f"posts:{window}:{by}" for window in TimeWindow for by in TopBy]
    assert [row["name"] for row in rows] == sorted([*tags, *posts])
