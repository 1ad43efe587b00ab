"""The whole application on real sockets, Neo4j and Redis: when they end, and what is left then."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest
import redis

from adapters.settings import MediaSettings
from app.main import build_app
from app.realtime.limits import SocketLimits
from app.settings import AppSettings
from app.tokens import Tokens
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.viewer import Viewer
from tests.app.realtime.wire import TEXT, Wire, text
from tests.graph.world import run, seed

SOCKETS: Final = 500
PEOPLE: Final = ("alice", "bob", "carol", "dan")
START: Final = {"graphql-transport-ws": "subscribe", "graphql-ws": "start"}
NEWS = "subscription { notificationAdded { ... on NotificationAdded { eventId } } }"
SUBSCRIPTIONS: Final = [
    NEWS,
    'subscription { postAdded(authorId: "u_alice") { ... on PostAdded { eventId } } }',
    'subscription { commentAdded(postId: "p_1") { ... on CommentAdded { eventId } } }',
    'subscription { interactionAdded(postId: "p_1") { ... on InteractionAdded { eventId } } }',
]


@pytest.fixture
async def url(
    settings: AppSettings,
    graph_settings: GraphSettings,
    media_settings: MediaSettings,
    clean: None,  # noqa: ARG001
    sync_graph: Graph,
    no_timers: SocketLimits,
    serve: Any,
) -> AsyncIterator[str]:
    seed(sync_graph)
    limits = {
        "socket_init_s": no_timers.init_timeout_s,
        "socket_keep_alive_s": no_timers.keep_alive_s,
        "socket_send_timeout_s": no_timers.send_timeout_s,
    }
    rest = {"session_check_s": 0.2, "sockets_per_user": SOCKETS}
    eager = settings.model_copy(update=limits | rest)
    app = build_app(eager, graph_settings, media_settings)
    async with app.router.lifespan_context(app), serve(app, timeout_keep_alive=600) as url:
        yield url


@asynccontextmanager
async def subscribed(url: str, protocol: str, token: str) -> AsyncIterator[Wire]:
    async with Wire.open(url) as wire:
        await wire.shake_hands(protocol)
        start = {"type": START[protocol], "id": "1", "payload": {"query": NEWS}}
        await wire.send(text({"type": "connection_init", "payload": {"token": token}}))
        while await wire.receive() != (TEXT, b'{"type":"connection_ack"}'):
            pass
        await wire.send(text(start))
        yield wire


async def _streamed(url: str, token: str) -> str:
    """Listen to an event stream until it ends."""
    address = url.replace("ws:", "http:") + "/stream"
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(timeout=30) as http:
        return (await http.post(address, json={"query": NEWS}, headers=headers)).text


@pytest.mark.parametrize(
    "end",
    [
        "MATCH (s:Session {id: 's_alice'}) SET s.revoked_at = 1",
        "MATCH (u:User {id: 'u_alice'}) SET u.suspended_at = 1",
    ],
    ids=["revoked", "suspended"],
)
async def test_whoever_may_no_longer_listen_is_told_and_let_go(
    url: str, tokens: Tokens, sync_graph: Graph, end: str
) -> None:
    alice, bob = (tokens.access(Viewer(f"u_{name}", f"s_{name}")) for name in PEOPLE[:2])
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(subscribed(url, *each))
            for each in (("graphql-transport-ws", alice), ("graphql-ws", alice))
        ]
        other = await stack.enter_async_context(subscribed(url, "graphql-transport-ws", bob))
        stream = asyncio.create_task(_streamed(url, alice))
        await asyncio.sleep(0.3)
        assert not stream.done()
        run(sync_graph, end)
        codes = [(await wire.closed())[0] for wire in sockets]
        told = (await stream).split("\n")[:-1]
        assert codes == [4403, 4403]
        await other.send(text({"type": "ping"}))
        assert await other.receive() == (TEXT, b'{"type":"pong"}')
    *_, data, between, complete, empty, end = told
    assert [between, complete, empty, end] == ["", "event: complete", "data:", ""]
    (error,) = orjson.loads(data.removeprefix("data: "))["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}


def _connections(port: int) -> int:
    """Count this process' open sockets to and from a port."""
    links = (str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink())
    ours = {link[8:-1] for link in links if link.startswith("socket:[")}
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ends = f":{port:04X}"
    listens = "0A"
    return sum(
        row[9] in ours and row[3] != listens and (row[1].endswith(ends) or row[2].endswith(ends))
        for row in rows
    )


async def _settle(wire: Wire, token: str, rng: random.Random) -> None:
    """Bring a socket into some state."""
    if rng.random() < 0.1:
        return wire.writer.write(b"GET /graphql HTTP/1.1\r\nupgrade: webso")
    protocol = rng.choice([*START])
    await wire.shake_hands(protocol)
    stage = rng.randrange(6)
    if stage == 0:
        return None
    init = text({"type": "connection_init", "payload": {"token": token}})
    await wire.send(init[:9] if stage == 1 else init)
    if stage <= 2:
        return None
    await wire.receive()
    start = {"type": START[protocol], "id": "1", "payload": {"query": rng.choice(SUBSCRIPTIONS)}}
    await wire.send(text(start))
    if stage == 4:
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
    if stage == 5:
        await wire.send(text({**start, "id": "2"})[:30])
    return None


async def test_limits_and_origins_are_those_that_are_set(
    settings: AppSettings,
    graph_settings: GraphSettings,
    media_settings: MediaSettings,
    clean: None,  # noqa: ARG001
    sync_graph: Graph,
    tokens: Tokens,
    serve: Any,
) -> None:
    seed(sync_graph)
    few = settings.model_copy(update={"socket_operations": 1, "sockets_per_user": 2})
    app = build_app(few, graph_settings, media_settings)
    token = tokens.access(Viewer("u_alice", "s_alice"))
    async with app.router.lifespan_context(app), serve(app) as url, AsyncExitStack() as stack:
        for origin, status in (
            ("https://friend.example", b"101"),
            ("https://evil.example", b"403"),
        ):
            async with Wire.open(url) as wire:
                head = await wire.shake_hands("graphql-transport-ws", origin=origin)
                assert status in head.split(b"\r\n")[0]
        one, *_ = [
            await stack.enter_async_context(subscribed(url, "graphql-transport-ws", token))
            for _ in range(2)
        ]
        await one.send(text({"type": "subscribe", "id": "2", "payload": {"query": NEWS}}))
        refused = await one.receive()
        assert refused
        assert orjson.loads(refused[1])["type"] == "error"
        async with Wire.open(url) as third:
            await third.shake_hands("graphql-transport-ws")
            init = {"type": "connection_init", "payload": {"token": token}}
            await third.send(text(init))
            assert (await third.closed())[0] == 1013


async def test_500_clients_that_vanish_in_any_state_leave_nothing(
    url: str, tokens: Tokens, until: Any, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    port = int(url.rpartition(":")[2].partition("/")[0])
    rng = random.Random(11)  # noqa: S311 - states, not secrets
    few = asyncio.Semaphore(20)  # as many as Neo4j opens connections for at once, on any machine
    logged_in = [tokens.access(Viewer(f"u_{name}", f"s_{name}")) for name in PEOPLE]
    with redis.Redis.from_url(redis_url) as bus:
        async with subscribed(url, "graphql-ws", logged_in[0]):
            await until(bus.pubsub_channels)  # the bus is connected, with all its tasks
        await until(lambda: not bus.pubsub_channels() and not _connections(port))
        before = len(asyncio.all_tasks())
        async with AsyncExitStack() as stack:
            wires = [await stack.enter_async_context(Wire.open(url)) for _ in range(SOCKETS)]

            async def settle(wire: Wire) -> None:
                async with few:
                    await _settle(wire, rng.choice(logged_in), rng)

            await asyncio.gather(*map(settle, wires))
            channels = {"commentAdded", "interactionAdded", "postAdded", *PEOPLE}
            await until(lambda: len(bus.pubsub_channels()) == len(channels))
            assert _connections(port) == 2 * SOCKETS
            await asyncio.sleep(0.2)
        await until(lambda: len(asyncio.all_tasks()) <= before)
        await until(lambda: _connections(port) == 0)
        await until(lambda: not bus.pubsub_channels())
    assert not [record for record in caplog.records if record.exc_info or record.name == "asyncio"]
