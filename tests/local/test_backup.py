"""What was backed up is there after a restore, to the last property; nothing is lost by mistake."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import neo4j
import pytest

from graph import ddl
from graph.runner import Graph
from graph.settings import GraphSettings
from local import environment
from local.backup import backup, restore
from local.datadir import DataDir
from local.errors import LocalError
from local.ports import free_ports
from local.run import neo4j_of
from local.settings import LocalSettings
from tests.graph.world import seed

_EVERYTHING = (
    "MATCH (n) RETURN labels(n) AS kind, properties(n) AS values, null AS ends",
    """\
MATCH (a)-[r]->(b)
RETURN type(r) AS kind, properties(r) AS values,
       [coalesce(a.id, a.name, a.key), coalesce(b.id, b.name, b.key)] AS ends""",
    "SHOW INDEXES YIELD name, state RETURN name AS kind, state AS values, null AS ends",
)


def _settings(path: Path) -> LocalSettings:
    bolt, http, redis = free_ports(3)
    return LocalSettings(
        data_dir=path,
        neo4j_bolt_port=bolt,
        neo4j_http_port=http,
        redis_port=redis,
        neo4j_heap_mb=512,
    )


@contextmanager
def _started(settings: LocalSettings) -> Iterator[neo4j.Driver]:
    own = environment.build(settings, DataDir(settings.data_dir))
    server = neo4j_of(settings, own)
    server.start()
    try:
        server.wait_ready(120)
        auth = (server.user, server.password)
        with neo4j.GraphDatabase.driver(server.uri, auth=auth) as driver:
            yield driver
    finally:
        server.stop()


def _digest(driver: neo4j.Driver) -> str:
    """Give a fingerprint of all nodes, relationships and indexes, whatever their order."""
    lines = sorted(
        repr(sorted(record.data().items(), key=str))
        for query in _EVERYTHING
        for record in driver.execute_query(query).records
    )
    assert len(lines) > 50
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_restored_world_is_the_one_that_was_backed_up(tmp_path: Path) -> None:
    first = _settings(tmp_path / "first")
    own = environment.build(first, DataDir(first.data_dir))
    with _started(first) as driver:
        graph_settings = GraphSettings(
            neo4j_uri=own["NEXUS_NEO4J_URI"], neo4j_password=own["NEXUS_NEO4J_PASSWORD"]
        )
        with Graph(graph_settings) as graph:
            ddl.apply(graph)
            seed(graph)
        before = _digest(driver)
    (first.data_dir / "media").mkdir()
    (first.data_dir / "media" / "image").write_bytes(b"an image")

    backup(first, tmp_path / "backup")
    second = _settings(tmp_path / "second")
    restore(second, tmp_path / "backup")

    assert DataDir(second.data_dir).is_restored, "whoever starts it lets clients know"
    with _started(second) as driver:
        assert _digest(driver) == before
        driver.execute_query("CREATE (:User {id: 'u_later', username: 'later'})")
        assert _digest(driver) != before
    assert (second.data_dir / "media" / "image").read_bytes() == b"an image"
    with pytest.raises(LocalError, match="--replace"):
        restore(second, tmp_path / "backup")
    restore(second, tmp_path / "backup", replaces=True)
    with _started(second) as driver:
        assert _digest(driver) == before


def test_a_backup_wants_a_new_folder_and_a_restore_one_that_holds_one(tmp_path: Path) -> None:
    settings = _settings(tmp_path / "data")
    with pytest.raises(LocalError, match="there already"):
        backup(settings, tmp_path)
    with pytest.raises(LocalError, match="no database"):
        backup(settings, tmp_path / "new")
    with pytest.raises(LocalError, match="holds no backup"):
        restore(settings, tmp_path)


def test_nothing_is_backed_up_beside_what_runs(tmp_path: Path) -> None:
    settings = _settings(tmp_path / "data")
    with DataDir(settings.data_dir).locked():
        for harm in (backup, restore):
            with pytest.raises(LocalError, match="in use"):
                harm(settings, tmp_path / "folder")


def test_a_neo4j_that_is_elsewhere_is_left_to_those_who_run_it(tmp_path: Path) -> None:
    settings = _settings(tmp_path / "data").model_copy(
        update={"neo4j_uri": "bolt://elsewhere:7687", "neo4j_password": "secret"}
    )
    with pytest.raises(LocalError, match="neo4j-admin"):
        backup(settings, tmp_path / "folder")
