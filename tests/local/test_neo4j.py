from pathlib import Path

import neo4j as driver
import pytest

from local.ephemeral import Servers
from local.errors import LocalError
from local.neo4j import VERSION, Neo4jServer, check_version


@pytest.mark.unit
def test_data_of_another_line_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "neo4j.version").write_text("5.20.0")
    with pytest.raises(
        LocalError, match=rf"written by Neo4j 5\.20\.0 .* {VERSION}.*NEXUS_DATA_DIR"
    ):
        check_version(tmp_path)


@pytest.mark.unit
def test_new_directories_and_other_patches_are_taken(tmp_path: Path) -> None:
    check_version(tmp_path)
    (tmp_path / "neo4j.version").write_text("5.26.1")
    check_version(tmp_path)


@pytest.mark.unit
def test_it_listens_only_here_and_says_localhost(tmp_path: Path) -> None:
    server = Neo4jServer(
        tmp_path, cache_dir=tmp_path, bolt_port=7001, http_port=7002, password="secret"
    )
    conf = server._conf()
    assert "server.bolt.listen_address=127.0.0.1:7001\n" in conf
    assert "server.bolt.advertised_address=localhost:7001\n" in conf
    assert "server.http.listen_address=127.0.0.1:7002\n" in conf


def test_a_password_may_begin_like_an_option(tmp_path: Path, servers: Servers) -> None:
    server = Neo4jServer(
        tmp_path, cache_dir=servers.cache_dir, bolt_port=7001, http_port=7002, password="--verbose"
    )
    server._make()
    assert "neo4j:SHA-256" in (tmp_path / "data" / "dbms" / "auth.ini").read_text()


def test_the_running_server_is_of_this_version(servers: Servers) -> None:
    auth = (servers.neo4j_user, servers.neo4j_password)
    with driver.GraphDatabase.driver(servers.neo4j_uri, auth=auth) as connection:
        [record] = connection.execute_query(
            "CALL dbms.components() YIELD versions, edition RETURN versions[0] AS version, edition"
        ).records
    assert (record["version"], record["edition"]) == (VERSION, "community")


def test_a_wrong_password_is_told_from_a_server_that_is_down(servers: Servers) -> None:
    stranger = Neo4jServer(
        servers.neo4j.home,
        cache_dir=servers.cache_dir,
        bolt_port=servers.neo4j.bolt_port,
        http_port=servers.neo4j.http_port,
        password="a wrong one",
    )
    with pytest.raises(LocalError, match="refuses the password"):
        stranger.is_ready()
