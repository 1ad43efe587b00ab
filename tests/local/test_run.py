"""`make run` for a person at the terminal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.runner import Graph
from local import environment
from local.datadir import DataDir
from local.ephemeral import Servers
from local.run import prepare
from local.settings import LocalSettings

Prepare = Callable[..., list[str]]


@pytest.fixture
def left_over(tmp_path: Path) -> Path:
    """Give the demo that an interrupted start left, here of one person."""
    ada = {"id": 1, "username": "ada", "display_name": "Ada", "created_at_ms": 1}
    file = tmp_path / "demo.jsonl"
    file.write_text(json.dumps({"kind": "user", **ada}) + "\n")
    return file


@pytest.fixture
def prepared(clean: None, servers: Servers, sync_graph: Graph, tmp_path: Path) -> Prepare:  # noqa: ARG001
    """Give a function that prepares the database and returns who is in it."""

    def call(**changes: Any) -> list[str]:
        settings = LocalSettings(
            data_dir=tmp_path,
            neo4j_uri=servers.neo4j_uri,
            neo4j_password=servers.neo4j_password,
            redis_url=servers.redis_url,
            jwt_secret="s" * 32,
        ).model_copy(update=changes)
        data = DataDir(tmp_path)
        prepare(settings, data, environment.build(settings, data))
        rows = sync_graph.driver.execute_query("MATCH (u:User) RETURN u.username AS name").records
        return [row["name"] for row in rows]

    return call


def test_a_demo_that_was_interrupted_goes_on(prepared: Prepare, left_over: Path) -> None:
    assert prepared() == ["ada"]
    assert not left_over.exists()


@pytest.mark.parametrize("changes", [{"demo": False}, {"env": "production"}])
def test_nobody_gets_a_demo_who_wants_none(
    changes: dict[str, Any], prepared: Prepare, left_over: Path
) -> None:
    assert prepared(**changes) == []
    assert left_over.exists()
