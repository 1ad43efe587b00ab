"""`make run` for a person at the terminal."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import neo4j
import psutil  # type: ignore[import-untyped]
import pytest

from graph.runner import Graph
from local import environment
from local.datadir import DataDir
from local.ephemeral import Servers
from local.ports import free_ports
from local.run import prepare
from local.settings import LocalSettings
from tests.checkout import ROOT

UP: Final = "Nexus is up."
PORTS: Final = (
    "NEXUS_HTTP_PORT",
    "NEXUS_NEO4J_BOLT_PORT",
    "NEXUS_NEO4J_HTTP_PORT",
    "NEXUS_REDIS_PORT",
)
LOG_IN = """
mutation { logIn(input: {username: "ana", password: "nexus-demo"}) { accessToken } }
"""
LIKE = "mutation ($id: ID!) { like(subjectId: $id) { userErrors { code } } }"
SAY = """
mutation { createPost(input: {text: "I was here."}) { post { id } userErrors { code } } }
"""
READ = """
query ($said: ID!, $liked: ID!) {
  said: post(id: $said) { text }
  liked: post(id: $liked) { viewer { hasLiked } }
}
"""

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


class Copy:
    """A `python -m local run` with a data directory and ports of its own."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.printed = home.with_suffix(".txt")
        ours = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
        ours |= {"NEXUS_DATA_DIR": str(home), "NEXUS_NEO4J_HEAP_MB": "512", **settings}
        self.settings = ours
        env = {name: value for name, value in os.environ.items() if not name.startswith("NEXUS_")}
        self._env = {**env, **ours}
        self.address = f"http://127.0.0.1:{ours['NEXUS_HTTP_PORT']}"

    def start(self) -> None:
        with self.printed.open("w") as out:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "local", "run"],
                cwd=ROOT,
                env=self._env,
                stdout=out,
                stderr=out,
            )

    def wait_ready(self) -> float:
        """Wait for the table of addresses and return how long that took, in seconds."""
        begun = time.monotonic()
        while UP not in self.printed.read_text():
            assert self.popen.poll() is None, self.printed.read_text()
            assert time.monotonic() < begun + 240, self.printed.read_text()
            time.sleep(0.1)
        return time.monotonic() - begun

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(60)

    def processes(self) -> list[str]:
        """Give what runs with our data directory in its environment."""
        return [process.name() for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return bool(process.environ().get("NEXUS_DATA_DIR") == str(self.home))
        except psutil.Error:  # it has ended, or is somebody else's
            return False

    def do(self, document: str, token: str = "", **variables: str) -> Any:
        """Send a GraphQL operation over HTTP and return its data."""
        body = {"query": document, "variables": variables}
        headers = {"authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(trust_env=False, timeout=30) as http:
            answer = http.post(f"{self.address}/graphql", json=body, headers=headers).json()
        assert "errors" not in answer, answer
        return answer["data"]

    def count(self) -> dict[str, int]:
        """Count the nodes of each label that the demo has."""
        password = DataDir(self.home).secrets()["NEXUS_NEO4J_PASSWORD"]
        address = f"bolt://localhost:{self.settings['NEXUS_NEO4J_BOLT_PORT']}"
        query = "MATCH (n:User|Post|Comment) RETURN labels(n)[0] AS label, count(*) AS count"
        with neo4j.GraphDatabase.driver(address, auth=("neo4j", password)) as driver:
            return {row["label"]: row["count"] for row in driver.execute_query(query).records}


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Callable[..., Copy]]:
    """Give a function that starts a copy; all are ended at the end."""
    copies: list[Copy] = []

    def start(name: str, **settings: str) -> Copy:
        copies.append(Copy(tmp_path / name, **settings))
        copies[-1].start()
        return copies[-1]

    yield start
    for each in copies:
        if each.popen.poll() is None:
            each.stop()


def eventually_none_of(copy: Copy) -> bool:
    """Whether nothing of a copy is left, be it after a moment."""
    for _ in range(100):
        if not copy.processes():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_second_start_has_what_was_done_and_no_second_demo(copy: Callable[..., Copy]) -> None:
    first = copy("first")
    print(f"first start: {first.wait_ready():.1f} s")  # noqa: T201 - shown by `pytest -s`
    assert "Making the demo world" in first.printed.read_text()
    token = first.do(LOG_IN)["logIn"]["accessToken"]
    page = "{ posts(first: 1) { edges { node { id viewer { hasLiked } } } } }"
    [edge] = first.do(page, token)["posts"]["edges"]
    liked = edge["node"]["id"]
    assert first.do(LIKE, token, id=liked)["like"]["userErrors"] == []
    said = first.do(SAY, token)["createPost"]["post"]["id"]
    counted = first.count()
    assert first.stop() == 0
    assert first.processes() == []

    first.start()
    seconds = first.wait_ready()
    print(f"second start: {seconds:.1f} s")  # noqa: T201 - shown by `pytest -s`
    assert seconds < 60  # a machine that does nothing else takes some ten
    assert "Making the demo world" not in first.printed.read_text()
    assert first.count() == counted
    token = first.do(LOG_IN)["logIn"]["accessToken"]
    assert first.do(READ, token, said=said, liked=liked) == {
        "said": {"text": "I was here."},
        "liked": {"viewer": {"hasLiked": True}},
    }
    assert first.stop(signal.SIGINT) == 0
    assert first.processes() == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_copies_run_side_by_side_and_each_ends_alone(copy: Callable[..., Copy]) -> None:
    one, other = copy("one", NEXUS_DEMO="0"), copy("other", NEXUS_DEMO="0")
    for each in (one, other):
        each.wait_ready()
        assert each.do("{ __typename }") == {"__typename": "Query"}

    for setting in PORTS:
        late = copy("late", NEXUS_DEMO="0", **{setting: one.settings[setting]})
        assert late.popen.wait(60) == 1
        [line] = late.printed.read_text().splitlines()
        assert line.startswith(f"nexus: Port {one.settings[setting]} cannot be used (")
        assert line.endswith(f"or set {setting} to another port.")

    assert len(one.processes()) > 6
    one.stop(signal.SIGKILL)
    assert eventually_none_of(one), one.processes()
    assert other.do("{ __typename }") == {"__typename": "Query"}
    assert other.stop() == 0
    assert other.processes() == []
