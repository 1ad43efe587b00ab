"""The whole loop once, with the processes that `make run` starts, and a second API.

What one API process is told arrives at the subscribers of the other, live and after an absence,
over both protocols, and as one notification for whom it concerns; an image that one stores gets
its preview by a worker, and the other serves it; and every process ends when it is asked to.
"""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.tokens import Tokens
from graph.runner import Graph
from local.ephemeral import Servers
from local.ports import free_ports
from local.process import Process
from local.services import Api, LinePrinter, processes
from tests.app.client import Client
from tests.app.upload import upload
from tests.graph.world import seed
from tests.images import opened, picture

SECRET: Final = "a-secret-of-the-loop-that-is-long-enough"
TRANSPORT, LEGACY = "graphql-transport-ws", "graphql-ws"
PATIENCE_S: Final = 30
REQUEST: Final = "of-the-loop"
BLURHASH_LENGTH: Final = 28
INTERACTIONS = """
subscription ($after: ID) {
  interactionAdded(postId: "p_1", after: $after) {
    __typename
    ... on InteractionAdded { eventId interaction { kind actor { username } subject { id } } }
    ... on StreamGap { eventId }
  }
}
"""
POSTS = """
subscription ($after: ID) {
  postAdded(authorId: "u_alice", after: $after) { ... on PostAdded { eventId post { text } } }
}
"""
NEWS = """
subscription ($after: ID) {
  notificationAdded(after: $after) { ... on NotificationAdded {
    notification { kind actors { users { username } } subject { id } }
  } }
}
"""
NOTIFICATIONS = """
{ notifications { unreadCount edges { node {
  kind actors { users { username } } subject { id }
} } } }
"""
SHOW = """
mutation ($mediaIds: [ID!]) { createPost(input: {text: "look", mediaIds: $mediaIds}) {
  post { id } userErrors { message }
} }
"""
SHOWN = "query ($id: ID!) { post(id: $id) { media { url thumbnailUrl blurhash } } }"


@dataclass(frozen=True)
class Loop:
    """The running processes, and the addresses of the two APIs."""

    all: list[Process]
    addresses: tuple[str, str]


@pytest.fixture
def loop(
    clean: None,  # noqa: ARG001
    servers: Servers,
    sync_graph: Graph,
    tmp_path: Path,
) -> Iterator[Loop]:
    seed(sync_graph)
    ports = free_ports(2)
    environment = {
        "NEXUS_NEO4J_URI": servers.neo4j_uri,
        "NEXUS_NEO4J_USER": servers.neo4j_user,
        "NEXUS_NEO4J_PASSWORD": servers.neo4j_password,
        "NEXUS_REDIS_URL": servers.redis_url,
        "NEXUS_NEO4J_TIMEOUT_S": str(PATIENCE_S),
        "NEXUS_JWT_SECRET": SECRET,
        "NEXUS_MEDIA_DIR": str(tmp_path / "media"),
    }
    second = Api(ports[1], environment, LinePrinter())
    started = [*processes(environment, ports[0]), second]
    try:
        for process in started:
            process.start()
        for process in started:
            process.wait_ready()
        yield Loop(started, (f"127.0.0.1:{ports[0]}", f"127.0.0.1:{ports[1]}"))
    finally:
        for process in started:
            process.kill()


class Subscriber:
    """One subscription on a socket of its own."""

    def __init__(self, socket: ClientConnection, protocol: str) -> None:
        self.socket = socket
        self.next = "next" if protocol == TRANSPORT else "data"
        self.start = "subscribe" if protocol == TRANSPORT else "start"

    async def send(self, **message: Any) -> None:
        await self.socket.send(orjson.dumps(message).decode())

    async def hear(self, kind: str) -> Any:
        """Give the payload of the next message of a kind; nothing but keep-alives before it."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                message = orjson.loads(await self.socket.recv())
                if message["type"] == kind:
                    return message.get("payload")
                assert message["type"] in {"ka", "ping"}, message

    async def event(self) -> Any:
        answer = await self.hear(self.next)
        assert "errors" not in answer, answer
        (event,) = answer["data"].values()
        return event


@asynccontextmanager
async def subscribed(
    address: str, protocol: str, token: str | None, query: str, **variables: Any
) -> AsyncIterator[Subscriber]:
    url = f"ws://{address}/graphql"
    async with connect(url, subprotocols=[Subprotocol(protocol)]) as socket:
        subscriber = Subscriber(socket, protocol)
        await subscriber.send(type="connection_init", payload={"authorization": f"Bearer {token}"})
        await subscriber.hear("connection_ack")
        payload = {"query": query, "variables": variables}
        await subscriber.send(type=subscriber.start, id="1", payload=payload)
        yield subscriber


def _members(process: Process) -> list[str]:
    """Give the processes that live in a process's session: itself and its children."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:  # it has just ended
            continue
        state, _, _, session = rest.split()[:4]
        if session == str(process.pid) and state != "Z":
            found.append(name)
    return found


async def _interact(one: Client) -> None:
    await one.as_("bob").do('mutation { like(subjectId: "p_1") { userErrors { code } } }')
    await one.as_("carol").do('mutation { share(postId: "p_1") { userErrors { code } } }')
    document = """
    mutation { createComment(input: {postId: "p_1", parentId: "c_1", text: "and?"}) {
      userErrors { code }
    } }
    """
    await one.as_("dan").do(document)
    await one.as_("alice").do('mutation { like(subjectId: "p_1") { userErrors { code } } }')


TOLD = [("LIKE", "bob"), ("SHARE", "carol"), ("COMMENT", "dan"), ("LIKE", "alice")]


def _told(event: Any) -> tuple[str, str]:
    return event["interaction"]["kind"], event["interaction"]["actor"]["username"]


async def _check_streams(loop: Loop, one: Client, cursor: str) -> None:
    here, there = loop.addresses
    token, bobs = one.as_("alice").token, one.as_("bob").token
    async with (
        subscribed(there, TRANSPORT, token, INTERACTIONS, after=cursor) as modern,
        subscribed(there, LEGACY, token, INTERACTIONS, after=cursor) as legacy,
        subscribed(there, TRANSPORT, bobs, POSTS, after=cursor) as posts,
    ):
        await _interact(one)
        await one.as_("alice").do('mutation { createPost(input: {text: "live"}) { post { id } } }')
        heard = [await modern.event() for _ in TOLD]
        assert [_told(event) for event in heard] == TOLD
        assert [await legacy.event() for _ in TOLD] == heard
        assert (await posts.event())["post"] == {"text": "live"}

    for address, protocol in ((here, LEGACY), (there, TRANSPORT)):
        async with subscribed(address, protocol, token, INTERACTIONS, after=cursor) as late:
            assert [await late.event() for _ in TOLD] == heard
        after = heard[1]["eventId"]
        async with subscribed(address, protocol, token, INTERACTIONS, after=after) as late:
            assert [await late.event() for _ in TOLD[2:]] == heard[2:]


async def _check_news(one: Client) -> None:
    wanted = {
        "alice": [("COMMENT", "dan", 1), ("LIKE", "bob", 1), ("SHARE", "carol", 1)],
        "bob": [("REPLY", "dan", 1)],
        "carol": [],
        "dan": [],
    }
    for name, news in wanted.items():
        found: list[tuple[str, str, int]] = []
        async with asyncio.timeout(PATIENCE_S):
            while len(found) < len(news):
                page = (await one.as_(name).data(NOTIFICATIONS))["notifications"]
                found = [
                    (
                        node["kind"],
                        node["actors"]["users"][0]["username"],
                        len(node["actors"]["users"]),
                    )
                    for node in (edge["node"] for edge in page["edges"])
                ]
                await asyncio.sleep(0.05)
        assert sorted(found) == news, name


async def _check_images(one: Client, there: str) -> None:
    alice, bob = one.as_("alice"), one.as_("bob")
    media_id = (await upload(alice, picture("JPEG", (1280, 640))))["id"]
    post_id = (await alice.do(SHOW, mediaIds=[media_id]))["post"]["id"]
    async with asyncio.timeout(PATIENCE_S):
        while True:
            (media,) = (await bob.data(SHOWN, id=post_id))["post"]["media"]
            if media["thumbnailUrl"]:
                break
            await asyncio.sleep(0.05)
    assert len(media["blurhash"]) == BLURHASH_LENGTH
    for url, size in ((media["url"], (1280, 640)), (media["thumbnailUrl"], (640, 320))):
        served = await one.http.get(f"http://{there}{url}")
        assert opened(served.content).size == size


def _check_logs(printed: str) -> None:
    """Relay and worker tell which request a notification follows from."""
    for process, told in (("relay", "job sent"), ("worker", "job done")):
        lines = map(orjson.loads, re.findall(rf" {process} +\| ({{.*{told}.*)", printed))
        ours = [line for line in lines if line["task"] == "notify"]
        assert {line["request_id"] for line in ours} == {REQUEST}, process


async def _check_end(loop: Loop) -> None:
    members = {process.name: _members(process) for process in loop.all}
    assert all(members.values())
    for process in loop.all:
        os.kill(process.pid, signal.SIGTERM)
    for process in loop.all:
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.to_thread(process.wait)
        assert process.exit_code in {0, -signal.SIGTERM}, process.name
        assert _members(process) == [], process.name


async def test_the_loop(loop: Loop, capsys: pytest.CaptureFixture[str]) -> None:
    tokens = Tokens(SECRET, 900, 900)
    address = f"http://{loop.addresses[0]}"
    asking = {"base_url": address, "timeout": PATIENCE_S, "headers": {"x-request-id": REQUEST}}
    async with httpx.AsyncClient(**asking) as http:
        one = Client(http, tokens)
        alice, there = one.as_("alice"), loop.addresses[1]
        # With a position to begin at, it does not matter how soon the other process subscribes.
        cursor = (await alice.data("{ streamCursor }"))["streamCursor"]
        async with subscribed(there, LEGACY, alice.token, NEWS, after=cursor) as news:
            await _check_streams(loop, one, cursor)
            heard = [(await news.event())["notification"] for _ in range(3)]
        assert sorted(each["kind"] for each in heard) == ["COMMENT", "LIKE", "SHARE"]
        await _check_news(one)
        await _check_images(one, there)
    _check_logs(capsys.readouterr().out)
    await _check_end(loop)
