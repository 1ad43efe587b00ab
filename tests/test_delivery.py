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
from typing import Final

import pytest
import redis

from adapters.bell import RELAY_CHANNEL, ring
from app.tokens import Tokens
from graph.comments import NewComment, create_comment
from graph.ids import now_ms
from graph.outbox import number_pending
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.viewer import Viewer
from local.ephemeral import Servers
from local.ports import free_ports
from local.process import Process
from local.services import Api, LinePrinter
from tests.graph.world import POST, seed
from tests.listener import Book, Listener, stay_all
from tests.workers.conftest import RELAY
from workers.settings import WorkerSettings

SECRET: Final = "a-secret-of-deliveries-that-is-long-enough"
PATIENCE_S: Final = 180
_LEASE_S: Final = WorkerSettings.model_construct().relay_lease_s
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


@asynccontextmanager
async def _subscribers(stage: Stage, each: int) -> AsyncIterator[list[Book]]:
    """Keep some subscribers of either kind at either API; half of them are restless."""
    token = Tokens(SECRET, 3_600, 86_400).access(Viewer("u_alice", "s_alice"))
    ways = itertools.product(stage.ports, (COMMENTS, INTERACTIONS), range(each))
    listeners = [
        Listener(port, token, document, 3.0 if n % 2 else 3_600.0) for port, document, n in ways
    ]
    task = asyncio.create_task(stay_all(listeners))
    try:
        yield [listener.book for listener in listeners]
    finally:
        task.cancel()
        await asyncio.wait([task])


def _ids(book: Book) -> list[str]:
    told = (event.get("comment") or event["interaction"]["subject"] for event in book.events)
    return [each["id"] for each in told]


async def _check(stage: Stage, books: list[Book]) -> None:
    """Wait until everything must have come, and a little longer, and hold the books to it."""
    deadline = time.monotonic() + PATIENCE_S
    for book in books:
        while len(book.events) < len(stage.acknowledged) and time.monotonic() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    for book in books:
        ids = _ids(book)
        assert book.oddities == [], book.refusals
        assert book.is_in_order, "in order, none twice"
        assert len(ids) == len(set(ids)), "none twice"
        assert set(ids) == set(stage.acknowledged), book.refusals


async def _nothing(_: Stage) -> None:
    """Leave all as it is: two relays are at work."""


async def _kill_relays(stage: Stage) -> None:
    for n in range(6):
        await asyncio.sleep(_CHANCE.uniform(0, 0.5))
        await stage.kill(f"relay {n % 2}")


async def _freeze_relays(stage: Stage) -> None:
    """Let each lose its lease without knowing, and wake up while the other numbers."""
    for n in range(4):
        await stage.freeze(f"relay {n % 2}", 2 * _LEASE_S)


async def _number_besides(stage: Stage) -> None:
    """Number at the same time as the relay, in small batches and from two threads at once."""

    def number(until: float) -> None:
        with redis.Redis.from_url(stage.servers.redis_url) as client:
            while time.monotonic() < until:
                numbered = stage.graph.run(number_pending(3, now_ms(), now_ms() + 60_000))
                ring(client, {c: each.position for each in numbered for c in each.channels})

    until = time.monotonic() + 10
    await asyncio.gather(*(asyncio.to_thread(number, until) for _ in range(2)))


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
    "three number at once": _number_besides,
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
