"""Every subscriber gets every event of its streams once and in order, whatever is killed.

Two API processes and two relays are real, so are Neo4j and Redis. Subscribers come back with
`after` whenever they lose their socket, and now and then leave by themselves; people comment all
the while. In the end each subscriber's book is held against what was acknowledged.
"""

import asyncio
import itertools
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
import redis
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from adapters.bell import RELAY_CHANNEL
from app.tokens import Tokens
from graph.comments import NewComment, create_comment
from graph.positions import decode_position
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.viewer import Viewer
from local.ephemeral import Servers
from local.ports import free_ports
from local.process import Process
from local.services import Api, LinePrinter
from tests.graph.world import POST, seed
from tests.workers.conftest import RELAY

SECRET: Final = "a-secret-of-deliveries-that-is-long-enough"
PATIENCE_S: Final = 60
WRITERS: Final = ("u_bob", "u_carol", "u_dan")
COMMENTS: Final = """
subscription ($after: ID!) {
  commentAdded(postId: "p_1", after: $after) {
    __typename
    ... on CommentAdded { eventId comment { id text } }
    ... on StreamGap { eventId }
  }
}
"""
INTERACTIONS: Final = """
subscription ($after: ID!) {
  interactionAdded(postId: "p_1", after: $after) {
    __typename
    ... on InteractionAdded {
      eventId interaction { subject { ... on Comment { id viewer { hasLiked } } } }
    }
    ... on StreamGap { eventId }
  }
}
"""
"""What depends on who reads: each subscriber's own reading, where that of comments is shared."""
_CHANCE: Final = random.Random()  # noqa: S311 - chance, no secret
Fault = Callable[["Stage"], Awaitable[None]]


@dataclass
class Book:
    """What one subscriber was told."""

    ids: list[str] = field(default_factory=list[str])
    positions: list[int] = field(default_factory=list[int])
    oddities: list[str] = field(default_factory=list[str])
    refusals: list[str] = field(default_factory=list[str])

    @property
    def after(self) -> str:
        """The last `eventId`."""
        return f"e_{self.positions[-1] if self.positions else 0}"

    def enter(self, answer: dict[str, Any]) -> None:
        """Write down an event."""
        if "errors" in answer:
            self.oddities.append(str(answer["errors"]))
            return
        (event,) = answer["data"].values()
        if event["__typename"] == "StreamGap":
            self.oddities.append("a gap")
            return
        told = event.get("comment") or event["interaction"]["subject"]
        self.ids.append(told["id"])
        self.positions.append(decode_position(event["eventId"]))


@dataclass
class Stage:
    """The processes, and those who write."""

    graph: Graph
    servers: Servers
    environment: dict[str, str]
    ports: tuple[int, int]
    directory: Path
    processes: dict[str, Process] = field(default_factory=dict[str, Process])
    acknowledged: list[str] = field(default_factory=list[str])

    def start(self, name: str) -> None:
        """Start a process, for the first time or again."""
        if name.startswith("api"):
            port = self.ports[int(name[-1])]
            process: Process = Api(port, self.environment, LinePrinter())
        else:
            log = self.directory / f"{name}-{len(self.processes)}.log"
            process = Process(name, list(RELAY), env=self.environment, log=log)
        process.start()
        self.processes[name] = process

    async def kill(self, name: str) -> None:
        """End a process as a machine's failure does, and start it again."""
        os.kill(self.processes[name].pid, signal.SIGKILL)
        await asyncio.to_thread(self.processes[name].wait)
        await asyncio.to_thread(self.start, name)

    async def freeze(self, name: str, seconds: float) -> None:
        """Stop a process for a while, in the middle of whatever it does."""
        os.kill(self.processes[name].pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.kill(self.processes[name].pid, signal.SIGCONT)

    async def write(self, count: int) -> None:
        """Let people comment, all at once."""

        def comment(user_id: str, numbers: range) -> None:
            viewer = Viewer(user_id, user_id.replace("u_", "s_"))
            with redis.Redis.from_url(self.servers.redis_url) as bell:
                for n in numbers:
                    new = NewComment.of(viewer, POST, None, f"the {n}th of {user_id}")
                    self.graph.run(create_comment(viewer, new))
                    self.acknowledged.append(new.id)
                    with suppress(redis.RedisError):
                        bell.publish(RELAY_CHANNEL, "")

        share = range(count // len(WRITERS))
        await asyncio.gather(*(asyncio.to_thread(comment, each, share) for each in WRITERS))


@pytest.fixture
def stage(
    clean: None,  # noqa: ARG001
    servers: Servers,
    sync_graph: Graph,
    graph_settings: GraphSettings,
    tmp_path: Path,
) -> Iterator[Stage]:
    seed(sync_graph)
    patient = graph_settings.model_copy(update={"neo4j_timeout_s": 60.0})
    first, second = free_ports(2)
    environment = {
        "NEXUS_NEO4J_URI": servers.neo4j_uri,
        "NEXUS_NEO4J_USER": servers.neo4j_user,
        "NEXUS_NEO4J_PASSWORD": servers.neo4j_password,
        "NEXUS_REDIS_URL": servers.redis_url,
        "NEXUS_NEO4J_TIMEOUT_S": "30",
        "NEXUS_JWT_SECRET": SECRET,
        "NEXUS_MEDIA_DIR": str(tmp_path / "media"),
        "NEXUS_STREAM_BUFFER_SIZE": "50",
        "NEXUS_WARM_UP_S": "0",
    }
    names = ("api 0", "api 1", "relay 0", "relay 1")
    with Graph(patient) as graph:
        stage = Stage(graph, servers, environment, (first, second), tmp_path)
        try:
            for name in names:
                stage.start(name)
            for name in names:
                stage.processes[name].wait_ready()
            yield stage
        finally:
            for process in stage.processes.values():
                process.kill()


async def _listen(book: Book, port: int, token: str, document: str) -> None:
    """Subscribe behind the last event that is known, and write down what comes."""
    url = f"ws://127.0.0.1:{port}/graphql"
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        init = {"type": "connection_init", "payload": {"token": token}}
        await socket.send(orjson.dumps(init).decode())
        payload = {"query": document, "variables": {"after": book.after}}
        while True:
            message = orjson.loads(await socket.recv())
            match message["type"]:
                case "connection_ack":
                    start = {"type": "subscribe", "id": "1", "payload": payload}
                    await socket.send(orjson.dumps(start).decode())
                case "next":
                    book.enter(message["payload"])
                case "error":
                    book.refusals.append(message["payload"][0]["message"])
                    return
                case other:
                    assert other == "ping", message


async def _stay(book: Book, port: int, token: str, document: str, restless_s: float) -> None:
    """Listen for good: come back after every loss, and leave now and then."""
    while True:
        stay_s = _CHANCE.uniform(0.5, 1.5) * restless_s
        with suppress(TimeoutError, OSError, WebSocketException):
            async with asyncio.timeout(stay_s):
                await _listen(book, port, token, document)
        await asyncio.sleep(_CHANCE.uniform(0, 0.3))


@asynccontextmanager
async def _subscribers(stage: Stage, each: int) -> AsyncIterator[list[Book]]:
    """Keep some subscribers of either kind at either API; half of them are restless."""
    tokens = Tokens(SECRET, 3_600, 86_400)
    token = tokens.access(Viewer("u_alice", "s_alice"))
    books: list[Book] = []
    tasks: list[asyncio.Task[None]] = []
    ways = itertools.product(stage.ports, (COMMENTS, INTERACTIONS), range(each))
    for port, document, n in ways:
        book = Book()
        books.append(book)
        stays = _stay(book, port, token, document, 3.0 if n % 2 else 3_600.0)
        tasks.append(asyncio.create_task(stays))
    try:
        yield books
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _is_complete(book: Book, stage: Stage) -> bool:
    return len(book.ids) >= len(stage.acknowledged)


async def _check(stage: Stage, books: list[Book]) -> None:
    """Wait until everything must have come, and a little longer, and hold the books to it."""
    deadline = time.monotonic() + PATIENCE_S
    for book in books:
        while not _is_complete(book, stage) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    for book in books:
        assert book.oddities == [], book.refusals
        assert book.positions == sorted(set(book.positions)), "in order, none twice"
        assert len(book.ids) == len(set(book.ids)), "none twice"
        assert set(book.ids) == set(stage.acknowledged), book.refusals


async def _nothing(_: Stage) -> None:
    """Leave all as it is: two relays are at work."""


async def _kill_relays(stage: Stage) -> None:
    for n in range(6):
        await asyncio.sleep(_CHANCE.uniform(0, 0.5))
        await stage.kill(f"relay {n % 2}")


async def _freeze_relays(stage: Stage) -> None:
    for n in range(4):
        await stage.freeze(f"relay {n % 2}", 1.5)


async def _empty_redis(stage: Stage) -> None:
    for _ in range(3):
        await asyncio.sleep(1)
        await asyncio.to_thread(stage.servers.redis.wipe)
        await asyncio.to_thread(stage.servers.redis.wait_ready)


async def _freeze_redis(stage: Stage) -> None:
    pid = stage.servers.redis.pid
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(6)
    os.kill(pid, signal.SIGCONT)


async def _kill_apis(stage: Stage) -> None:
    for n in range(4):
        await asyncio.sleep(1)
        await stage.kill(f"api {n % 2}")


async def _freeze_api(stage: Stage) -> None:
    await stage.freeze("api 0", 4)


FAULTS: Final[dict[str, Fault]] = {
    "two relays": _nothing,
    "relays are killed": _kill_relays,
    "relays are frozen": _freeze_relays,
    "Redis is emptied": _empty_redis,
    "Redis is frozen": _freeze_redis,
    "APIs are killed": _kill_apis,
    "an API is frozen": _freeze_api,
}


async def _run(stage: Stage, fault: Fault, count: int, each: int) -> None:
    async with _subscribers(stage, each) as books:
        await stage.write(30)
        await asyncio.gather(stage.write(count), fault(stage))
        await stage.write(30)
        await _check(stage, books)


@pytest.mark.timeout(180)
async def test_a_killed_relay_and_an_emptied_redis_cost_no_subscriber_anything(
    stage: Stage,
) -> None:
    async def fault(stage: Stage) -> None:
        await stage.kill("relay 0")
        await asyncio.to_thread(stage.servers.redis.wipe)
        await stage.kill("relay 1")

    await _run(stage, fault, 150, 1)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", FAULTS)
async def test_no_fault_costs_any_subscriber_anything(stage: Stage, name: str) -> None:
    await _run(stage, FAULTS[name], 1_500, 4)
