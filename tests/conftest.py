"""Fixtures that every test may ask for: the real servers, and runners on a database of their own.

A test that touches the database asks for `clean` (or a fixture that does): it begins with an
empty, migrated Neo4j and an empty Redis. Tests that ask for none of these start no server.
"""

import logging
from collections.abc import AsyncIterator, Iterator

import pytest
import redis
import structlog

from graph import ddl
from graph.runner import AsyncGraph, Graph
from graph.settings import GraphSettings
from local.ephemeral import Servers, ephemeral_servers
from tests.graph.world import empty


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with ephemeral_servers(tmp_path_factory.getbasetemp(), keeps_plans=True) as servers:
        yield servers


@pytest.fixture(scope="session")
def graph_settings(servers: Servers) -> GraphSettings:
    settings = GraphSettings(
        neo4j_uri=servers.neo4j_uri,
        neo4j_user=servers.neo4j_user,
        neo4j_password=servers.neo4j_password,
        neo4j_timeout_s=60,  # so that no test depends on how fast plans are made
    )
    with Graph(settings) as graph:
        ddl.apply(graph)
    return settings


@pytest.fixture(scope="session")
def redis_url(servers: Servers) -> str:
    return servers.redis_url


@pytest.fixture(scope="session")
def sync_graph(graph_settings: GraphSettings) -> Iterator[Graph]:
    with Graph(graph_settings) as graph:
        yield graph


@pytest.fixture(scope="session")
async def graph(graph_settings: GraphSettings) -> AsyncIterator[AsyncGraph]:
    async with AsyncGraph(graph_settings) as graph:
        yield graph


@pytest.fixture
def clean(sync_graph: Graph, redis_url: str) -> None:
    """Empty both servers, and seed Neo4j as a migrated database is."""
    empty(sync_graph)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()


@pytest.fixture
def own_logs() -> Iterator[None]:
    """Take the logs back, afterwards, from whoever configures them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
