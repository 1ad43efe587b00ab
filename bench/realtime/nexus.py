"""Nexus as it is served: API processes, the relay, Neo4j and Redis."""

import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from redis import Redis

from adapters.bell import ring_relay
from app.tokens import Tokens
from bench.realtime.event import TEXT, payload_for
from bench.realtime.processes import resident_kib
from bench.realtime.spectators import spectators
from graph import ddl
from graph.comments import NewComment, create_comment
from graph.ids import now_ms
from graph.posts import NewPost, create_post
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.statement import Access, Statement
from graph.viewer import Viewer
from local.ephemeral import Servers, ephemeral_servers
from local.errors import LocalError
from local.ports import free_ports
from local.process import Process

_SECRET: Final = "a-secret-of-measurements-and-of-nothing-else"  # noqa: S105 - on this machine only
_HOUR_MS: Final = 3_600_000
_AUTHOR: Final = Viewer("u_author", "s_author")
_PAUSE_S: Final = 0.05
_FIRST_SOCKETS: Final = 20
_SETTLED_AFTER_S: Final = 5.0
_NEWS: Final = {"query": "subscription { notificationAdded { __typename } }"}
_COMMENT: Final = """\
mutation ($input: CreateCommentInput!) {
  createComment(input: $input) { comment { id } userErrors { message } }
}"""


@dataclass(frozen=True)
class World:
    """A graph with people, one of whom wrote a post.

    Args:
        servers: Neo4j and Redis.
        graph: Where commands are run.
        post: That everybody watches.
        tokens: File with an access token of each person but the author.
        folder: For logs.
    """

    servers: Servers
    graph: Graph
    post: NewPost
    tokens: Path
    folder: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """Settings of processes that are to work on it."""
        return {
            "NEXUS_NEO4J_URI": self.servers.neo4j_uri,
            "NEXUS_NEO4J_USER": self.servers.neo4j_user,
            "NEXUS_NEO4J_PASSWORD": self.servers.neo4j_password,
            "NEXUS_REDIS_URL": self.servers.redis_url,
            "NEXUS_BROKER_URL": self.servers.redis_url,
            "NEXUS_JWT_SECRET": _SECRET,
            "NEXUS_JOB_RESEND_AFTER_S": "3600",  # no worker runs, so nothing ever ends a job
        }


@contextmanager
def nexus_world(people: int) -> Iterator[World]:
    """Start the servers and a relay on a graph with so many people."""
    with ephemeral_servers() as servers, tempfile.TemporaryDirectory() as folder:
        settings = GraphSettings(
            neo4j_uri=servers.neo4j_uri,
            neo4j_user=servers.neo4j_user,
            neo4j_password=SecretStr(servers.neo4j_password),
            neo4j_timeout_s=60,
        )
        with Graph(settings) as graph:
            world = _settled(servers, graph, people, Path(folder))
            relay = _process("relay", ["workers.relay"], world)
            relay.start()
            try:
                yield world
            finally:
                relay.stop()


def _settled(servers: Servers, graph: Graph, people: int, folder: Path) -> World:
    ddl.apply(graph)
    viewers = [Viewer(f"u_{i}", f"s_{i}") for i in range(people)]
    graph.run(_people([_AUTHOR, *viewers]))
    post = NewPost.of(_AUTHOR, "What everybody talks about.")
    graph.run(create_post(_AUTHOR, post))
    tokens = folder / "tokens"
    tokens.write_text("\n".join(token_of(viewer) for viewer in viewers), encoding="utf-8")
    return World(servers, graph, post, tokens, folder)


def _people(viewers: list[Viewer]) -> Statement[None]:
    return Statement(
        """\
UNWIND $viewers AS viewer
CREATE (:User {id: viewer.user_id, username: viewer.user_id, display_name: viewer.user_id,
               role: 'USER', created_at: $now})
CREATE (:Session {id: viewer.session_id, user_id: viewer.user_id, refresh_id: 'r',
                  created_at: $now, expires_at: $now + $lifetime_ms})""",
        {
            "viewers": [
                {"user_id": each.user_id, "session_id": each.session_id} for each in viewers
            ],
            "now": now_ms(),
            "lifetime_ms": _HOUR_MS,
        },
        lambda _: None,
        Access.WRITE,
    )


def token_of(viewer: Viewer) -> str:
    """Make an access token that lasts for the run."""
    return Tokens(_SECRET, _HOUR_MS // 1000, _HOUR_MS // 1000).access(viewer)


def _process(name: str, module: list[str], world: World) -> Process:
    log = world.folder / f"{name}.log"
    return Process(name, [sys.executable, "-m", *module], env=world.environment, log=log)


class NexusServer:
    """One API process, whose clients are told of comments that are written beside it."""

    def __init__(self, world: World, process: Process, port: int) -> None:
        self._world = world
        self._process = process
        self.port = port
        self.subscribe = payload_for(world.post.id)
        self.tokens: Path | None = world.tokens

    @property
    def pid(self) -> int:
        """Id of the process that serves."""
        return self._process.pid

    def emit(self, first: int, count: int, rate: float) -> dict[int, float]:
        """Write comments; give when each was committed."""
        start = time.time()
        times: dict[int, float] = {}
        with Redis.from_url(self._world.servers.redis_url) as redis:
            for number in range(first, first + count):
                time.sleep(max(0, start + (number - first) / rate - time.time()))
                comment = NewComment.of(
                    _AUTHOR, self._world.post.id, None, TEXT.format(number=number)
                )
                self._world.graph.run(create_comment(_AUTHOR, comment))
                times[number] = time.time()
                ring_relay(redis)
        return times


@contextmanager
def nexus_server(world: World) -> Iterator[NexusServer]:
    """Start an API process."""
    (port,) = free_ports(1)
    process = _process(f"api-{port}", ["app", f"--port={port}"], world)
    process.start()
    try:
        _wait_ready(process, port)
        yield NexusServer(world, process, port)
    finally:
        process.kill()


def _wait_ready(process: Process, port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.is_running:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise LocalError(f"{process.name} did not start: {process.log and process.log.read_text()}")


def ms_until_told(world: World, samples: int) -> list[float]:
    """Write comments at one API process, and see them come at another, in ms after the answer.

    Returns:
        From the answer of each mutation to the event at the subscriber, sorted.
    """
    with nexus_server(world) as writer, nexus_server(world) as teller:
        answered: list[float] = []
        with spectators(teller.port, 1, teller.subscribe, world.tokens) as crowd:
            time.sleep(1)
            connection = HTTPConnection("127.0.0.1", writer.port)
            for number in range(samples):
                answered.append(_comment(connection, world.post.id, number))
                time.sleep(_PAUSE_S)
            if not crowd.wait_for(samples, timeout_s=10):
                raise LocalError(f"{samples - crowd.received()} of {samples} events were lost.")
            seen = crowd.leave()
    return sorted((seen.arrivals[n][0] - at) * 1000 for n, at in enumerate(answered))


def idle_kib_of_news(world: World, sockets: int) -> float:
    """Give what a socket costs whose user waits for notifications: each a channel of its own."""
    with nexus_server(world) as server:
        with spectators(server.port, _FIRST_SOCKETS, _NEWS, world.tokens):
            time.sleep(_SETTLED_AFTER_S)
        before_kib = resident_kib(server.pid)
        with spectators(server.port, sockets, _NEWS, world.tokens):
            time.sleep(_SETTLED_AFTER_S)
            return (resident_kib(server.pid) - before_kib) / sockets


def _comment(connection: HTTPConnection, post_id: str, number: int) -> float:
    """Write a comment; give when the answer came."""
    comment = {
        "postId": post_id,
        "text": TEXT.format(number=number),
        "idempotencyKey": f"until-told-{number}-{time.time_ns()}",
    }
    body: dict[str, Any] = {"query": _COMMENT, "variables": {"input": comment}}
    headers = {
        "authorization": f"Bearer {token_of(_AUTHOR)}",
        "content-type": "application/json",
    }
    connection.request("POST", "/graphql", json.dumps(body), headers)
    answer = json.loads(connection.getresponse().read())
    at = time.time()
    if "errors" in answer or answer["data"]["createComment"]["userErrors"]:
        raise LocalError(f"A comment could not be written: {answer}")
    return at
