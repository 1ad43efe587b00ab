"""A thousand people's conversations, imported once, and the same as tables."""

import gzip
import os
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import httpx
import orjson
import pytest

from app.tokens import Tokens
from graph.ids import now_ms
from graph.importer import Imported, import_lines
from graph.runner import Graph
from graph.sessions import NewSession, create_session
from graph.settings import GraphSettings
from graph.viewer import Role, Viewer
from tests.app.client import Client
from tests.app.snb.sql import Snb
from tests.graph.world import empty, run

_HERE = Path(__file__).parent
ROOT = _HERE.parents[2]
SNB = Path(os.environ.get("NEXUS_SNB_DIR", ROOT / "../shared/data/snb-1k"), "world.jsonl.gz")

LINES = {"user": 1_000, "follow": 18_120, "post": 31_435, "comment": 20_614, "like": 21_727}
READER_COUNT = 20
SHARED_COUNT, SHARES_OF_EACH = 3_000, 4
"""The file has no shares; these are made."""
FOLLOWS_MANY = 500
"""The first of every so many people follows everybody, as nobody in the file does: so many that
their feed is found by walking what everybody did."""
_VIAS = """\
UNWIND $vias AS via
MATCH ()-[shared:SHARED]->() USING INDEX SEEK shared:SHARED(user_id, post_id)
WHERE shared.user_id = via[0] AND shared.post_id = via[1]
SET shared.via_user_id = via[2]"""
_DELETE_HOURS = """\
MATCH (hour:PostHour|UserHour|PlatformHour)
CALL (hour) { DELETE hour } IN TRANSACTIONS OF 10000 ROWS"""
"""What the import counted is more than all that it was counted from."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let this folder come last: its world takes as long to empty as a hundred others."""
    items.sort(key=lambda item: item.path.is_relative_to(_HERE))


def delete_hours(graph: Graph) -> None:
    """Forget all figures."""
    with graph.driver.session() as session:
        session.run(_DELETE_HOURS).consume()


@pytest.fixture(scope="package")
def snb() -> Snb:
    return Snb(SNB)


@pytest.fixture(scope="package")
def imported(sync_graph: Graph, graph_settings: GraphSettings, snb: Snb) -> Graph:
    """Give a graph that holds all of it; whoever comes next empties it."""
    empty(sync_graph)
    patient = graph_settings.model_copy(update={"neo4j_timeout_s": 120.0})
    with Graph(patient) as graph, gzip.open(SNB, "rb") as lines:
        total = Imported()
        shares = snb.make_shares(SHARED_COUNT, SHARES_OF_EACH, now_ms())
        follows = [*snb.make_follows(snb.every(FOLLOWS_MANY)[0])]
        made = map(orjson.dumps, chain(follows, shares))
        for batch in import_lines(graph, chain(lines, made), None):
            total.add(batch)
        run(graph, _VIAS, vias=[list(via) for via in snb.pass_on()])
    assert total.broken == []
    assert total.new == LINES | {
        "share": SHARED_COUNT * SHARES_OF_EACH,
        "follow": LINES["follow"] + len(follows),
    }
    run(sync_graph, "CALL db.clearQueryCaches()")
    return sync_graph


def viewer_of(graph: Graph, user_id: str, role: Role = Role.USER) -> Viewer:
    """Log somebody in."""
    session = NewSession.of(user_id, 3_600)
    graph.run(create_session(session))
    return Viewer(user_id, session.id, role)


def as_user(graph: Graph, http: httpx.AsyncClient, tokens: Tokens, user_id: str) -> Client:
    """Give a client that is somebody of the file."""
    return Client(http, tokens).bearing(tokens.access(viewer_of(graph, user_id)))


@pytest.fixture(scope="package")
def reader(imported: Graph, http: httpx.AsyncClient, tokens: Tokens, snb: Snb) -> Client:
    return as_user(imported, http, tokens, snb.readers(READER_COUNT)[-1])


@pytest.fixture
def admin(imported: Graph, snb: Snb) -> Iterator[Viewer]:
    """An admin, who reads everybody's figures."""
    user_id = snb.every(7)[0]
    run(imported, "MATCH (u:User {id: $id}) SET u.role = 'ADMIN'", id=user_id)
    yield viewer_of(imported, user_id, Role.ADMIN)
    run(imported, "MATCH (u:User {id: $id}) SET u.role = 'USER'", id=user_id)
