"""What was backed up is there after a restore, to the last property; nothing is lost by mistake."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import neo4j
import pytest
from pydantic import SecretStr

from adapters.settings import MediaSettings
from app.main import build_app
from app.settings import AppSettings
from app.tokens import Tokens
from graph import ddl
from graph.events import EventKind
from graph.notify import notify
from graph.runner import Graph
from graph.settings import GraphSettings
from local import environment
from local.backup import backup, restore
from local.datadir import DataDir
from local.errors import LocalError
from local.ports import free_ports
from local.run import neo4j_of
from local.settings import LocalSettings
from tests.app.client import Client
from tests.graph.hours import settle
from tests.graph.world import POST, add_edge, emit, seed

_SECRET = "a-secret-of-the-tests-that-is-long-enough"
_EVERYTHING = (
    "MATCH (n) RETURN labels(n) AS kind, properties(n) AS values, null AS ends",
    """\
MATCH (a)-[r]->(b)
RETURN type(r) AS kind, properties(r) AS values,
       [coalesce(a.id, a.name, a.key), coalesce(b.id, b.name, b.key)] AS ends""",
    "SHOW INDEXES YIELD name, state RETURN name AS kind, state AS values, null AS ends",
    """\
SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties
RETURN name AS kind, [type, labelsOrTypes, properties] AS values, null AS ends""",
)
_COUNTS = """\
RETURN COUNT { (:User) } AS users, COUNT { (:Post) } AS posts, COUNT { (:Comment) } AS comments,
  COUNT { (:Job) } AS jobs, COUNT { (:Notification) } AS notifications,
  COUNT { (:PostHour) } AS hours, COUNT { ()-[:LIKED]->() } AS likes,
  COUNT { (:Event)} AS events, COUNT { (:StreamEntry) } AS entries"""


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
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _graph_settings(settings: LocalSettings) -> GraphSettings:
    own = environment.build(settings, DataDir(settings.data_dir))
    return GraphSettings(
        neo4j_uri=own["NEXUS_NEO4J_URI"],
        neo4j_password=SecretStr(own["NEXUS_NEO4J_PASSWORD"]),
        neo4j_timeout_s=60,
    )


def _live(graph: Graph) -> None:
    """Let somebody like a post, and all that follows from it be done."""
    seed(graph)
    add_edge(graph, "u_bob", "LIKED", POST)
    event = emit(graph, EventKind.POST_LIKED, "u_bob", POST, POST)
    settle(graph)
    graph.run(notify(event.id, 10))


_FEED = """\
{ post(id: "p_1") { text stats { likes comments } }
  notifications(first: 10) { edges { node { kind subject { id } } } unseenCount } }"""


async def _check_served(settings: LocalSettings) -> None:
    """Ask the application that runs on a restored world, as one of its people."""
    graph_settings = _graph_settings(settings)
    media = MediaSettings(media_dir=settings.data_dir / "media")
    app = build_app(AppSettings(jwt_secret=_SECRET, warm_up_s=0), graph_settings, media)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://nexus") as http,
    ):
        alice = Client(http, Tokens(_SECRET, 900, 900)).as_("alice")
        assert await alice.data(_FEED) == {
            "post": {"text": "hello", "stats": {"likes": 1, "comments": 1}},
            "notifications": {
                "edges": [{"node": {"kind": "LIKE", "subject": {"id": POST}}}],
                "unseenCount": 1,
            },
        }


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_restored_world_is_the_one_that_was_backed_up(tmp_path: Path) -> None:
    first = _settings(tmp_path / "first")
    with _started(first) as driver:
        with Graph(_graph_settings(first)) as graph:
            ddl.apply(graph)
            _live(graph)
        (counts,) = driver.execute_query(_COUNTS).records
        assert counts.data() == {
            "users": 4,
            "posts": 1,
            "comments": 1,
            "jobs": 1,
            "notifications": 1,
            "hours": 1,
            "likes": 1,
            "events": counts["events"],
            "entries": counts["entries"],
        }
        assert min(counts["events"], counts["entries"]) > 0
        before = _digest(driver)
        constraints = driver.execute_query("SHOW CONSTRAINTS").records
        assert len(constraints) == len({each["name"] for each in constraints}) > 10
    (first.data_dir / "media").mkdir()
    (first.data_dir / "media" / "image").write_bytes(b"an image")

    backup(first, tmp_path / "backup")
    second = _settings(tmp_path / "second")
    restore(second, tmp_path / "backup")

    assert DataDir(second.data_dir).is_restored, "whoever starts it lets clients know"
    with _started(second) as driver:
        assert _digest(driver) == before
        await _check_served(second)
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
