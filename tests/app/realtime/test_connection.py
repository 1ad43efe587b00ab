"""What is left of a client that has gone: nothing."""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from typing import Any, ClassVar

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.__main__ import server_options
from app.realtime.edition import Told
from app.realtime.endpoint import GraphQLSocket
from app.realtime.limits import SocketLimits
from app.realtime.operations import Result
from app.realtime.outlet import Outlet
from app.realtime.protocol import WebSocketProtocol
from app.settings import AppSettings
from tests.app.realtime.chat import ChatOperations, Doorkeeper, Prepared
from tests.app.realtime.wire import Wire, text

pytestmark = pytest.mark.unit

BOTH = pytest.mark.parametrize("protocol", ["graphql-ws", "graphql-transport-ws"])
SOCKETS = 200
QUERIES = [
    "{ hello }",
    "{ slow }",
    "subscription { forever }",
    "subscription { flood }",
    "subscription { count(to: 50) }",
    "subscription { broken }",
    "{",
]


def _frames(protocol: str, rng: random.Random) -> list[str]:
    start, stop = ("start", "stop") if protocol == "graphql-ws" else ("subscribe", "complete")
    token = rng.choice(["ann", "ann", "ann", "slow", "forged"])
    frames: list[Any] = [{"type": "connection_init", "payload": {"token": token}}]
    for n in range(rng.randrange(6)):
        query = rng.choice(QUERIES)
        frames.append({"type": start, "id": str(n), "payload": {"query": query}})
        if rng.random() < 0.3:
            frames.append({"type": stop, "id": str(n)})
    return [orjson.dumps(frame).decode() for frame in frames[: rng.randrange(len(frames) + 1)]]


async def _leave_in_some_state(url: str, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a state, not a secret
    protocol = rng.choice(["graphql-ws", "graphql-transport-ws"])
    connection = await connect(url, subprotocols=[Subprotocol(protocol)], compression=None)
    for frame in _frames(protocol, rng):
        await connection.send(frame)
        if rng.random() < 0.5:
            await asyncio.sleep(rng.uniform(0, 0.02))
    if rng.random() < 0.8:
        connection.transport.abort()
    await connection.close()


async def test_clients_leave_no_task_and_no_generator_behind(
    serve: Any,
    operations: ChatOperations,
    doorkeeper: Doorkeeper,
    no_timers: SocketLimits,
    until: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serve(GraphQLSocket(operations, doorkeeper, limits=no_timers)) as url:
        before = len(asyncio.all_tasks())
        outcomes = await asyncio.gather(
            *(_leave_in_some_state(url, seed) for seed in range(SOCKETS)), return_exceptions=True
        )
        assert len(outcomes) == SOCKETS
        await until(lambda: operations.root.open_count == 0 and len(asyncio.all_tasks()) <= before)
    assert not [record for record in caplog.records if record.name.startswith("uvicorn.error")]


async def test_a_client_that_leaves_before_it_is_known_leaves_nothing(url: str, until: Any) -> None:
    before = len(asyncio.all_tasks())
    connection = await connect(url, subprotocols=[Subprotocol("graphql-ws")])
    await connection.send('{"type":"connection_init","payload":{"token":"slow"}}')
    await connection.send('{"type":"start","id":"1","payload":{"query":"{ hello }"}}')
    connection.transport.abort()
    await until(lambda: len(asyncio.all_tasks()) <= before)


async def _flooded(url: str, protocol: str) -> ClientConnection:
    """Open a socket on which more comes than anybody reads."""
    start = "start" if protocol == "graphql-ws" else "subscribe"
    connection = await connect(url, subprotocols=[Subprotocol(protocol)], compression=None)
    await connection.send('{"type":"connection_init"}')
    await connection.recv()
    query = {"query": "subscription { flood }"}
    await connection.send(orjson.dumps({"type": start, "id": "1", "payload": query}).decode())
    return connection


@BOTH
async def test_a_client_that_does_not_read_is_dropped_and_slows_nobody(
    serve: Any, protocol: str, operations: ChatOperations, doorkeeper: Doorkeeper, until: Any
) -> None:
    limits = SocketLimits(send_timeout_s=0.5)
    async with serve(GraphQLSocket(operations, doorkeeper, limits=limits)) as url:
        before = len(asyncio.all_tasks())
        stalled, reading = await _flooded(url, protocol), await _flooded(url, protocol)
        stalled.transport.pause_reading()
        await until(lambda: operations.root.open_count == 2)
        async with asyncio.timeout(20):
            while operations.root.open_count == 2:
                await reading.recv()
            for _ in range(100):
                await reading.recv()
        assert operations.root.open_count == 1
        for connection in (stalled, reading):
            connection.transport.abort()
            await connection.close()
        await until(lambda: len(asyncio.all_tasks()) <= before)


class Watched(WebSocketProtocol):
    """Keeps the transports of all connections where a test finds them."""

    transports: ClassVar[list[asyncio.Transport]] = []

    def connection_made(self, transport: Any) -> None:
        self.transports.append(transport)
        super().connection_made(transport)


@BOTH
async def test_a_stalled_client_is_dropped_when_its_login_ends(
    serve: Any,
    protocol: str,
    operations: ChatOperations,
    doorkeeper: Doorkeeper,
    short_farewell: SocketLimits,
    until: Any,
) -> None:
    endpoint = GraphQLSocket(operations, doorkeeper, limits=short_farewell)
    async with serve(endpoint, ws=Watched) as url:
        connection = await _flooded(url, protocol)
        connection.transport.pause_reading()
        transport = Watched.transports[-1]
        await until(lambda: transport.get_write_buffer_size() > 0)
        assert not transport.is_closing()
        doorkeeper.logins_end.set()
        await until(transport.is_closing)
        assert operations.root.open_count == 0
        connection.transport.abort()
        await connection.close()


async def test_a_dropped_client_holds_no_memory(
    serve: Any, operations: ChatOperations, doorkeeper: Doorkeeper, until: Any
) -> None:
    limits = SocketLimits(send_timeout_s=0.3)
    endpoint = GraphQLSocket(operations, doorkeeper, limits=limits)
    async with serve(endpoint, ws=Watched) as url:
        connection = await connect(
            url, subprotocols=[Subprotocol("graphql-transport-ws")], compression=None
        )
        await connection.send('{"type":"connection_init"}')
        await connection.recv()
        connection.transport.pause_reading()
        query = {"type": "subscribe", "id": "1", "payload": {"query": "subscription { flood }"}}
        await connection.send(orjson.dumps(query).decode())
        transport = Watched.transports[-1]
        await until(lambda: transport.get_write_buffer_size() > 0)
        await until(lambda: transport.get_write_buffer_size() == 0)
        assert transport.is_closing()
        connection.transport.abort()
        await connection.close()


class Pushed(ChatOperations):
    """Subscriptions to which a test pushes."""

    def __init__(self) -> None:
        super().__init__()
        self.outlets: list[Outlet] = []

    async def subscribe(
        self, prepared: Prepared, viewer: Any, outlet: Outlet | None = None
    ) -> AsyncGenerator[Result, None]:
        assert outlet
        self.outlets.append(outlet)
        return await super().subscribe(prepared, viewer, outlet)

    def push(self, index: int, word: str) -> bool:
        push = self.outlets[index].push
        assert push
        return push(Told(1, orjson.dumps({"data": word})))


@BOTH
async def test_nothing_is_pushed_to_an_operation_that_was_stopped_nor_to_the_next_of_its_id(
    serve: Any, protocol: str, doorkeeper: Doorkeeper, until: Any
) -> None:
    legacy = protocol == "graphql-ws"
    start, stop = ("start", "stop") if legacy else ("subscribe", "complete")
    query = {"query": "subscription { never }"}
    subscribe = text({"type": start, "id": "1", "payload": query})
    operations = Pushed()
    async with (
        serve(GraphQLSocket(operations, doorkeeper)) as url,
        Wire.open(url) as wire,
    ):

        async def words() -> list[str]:
            """Give what was told until a query that is asked now is answered."""
            hello = {"type": start, "id": "2", "payload": {"query": "{ hello }"}}
            await wire.send(text(hello))
            told = []
            while (frame := await wire.receive()) is not None:
                message = orjson.loads(frame[1])
                if message.get("id") == "2" and message["type"] == "complete":
                    break
                if message.get("id") == "1" and "payload" in message:
                    told.append(message["payload"]["data"])
            return told

        await wire.shake_hands(protocol)
        await wire.send(text({"type": "connection_init"}))
        await wire.receive()
        await wire.send(subscribe)
        await until(lambda: operations.root.open_count == 1)
        assert operations.push(0, "first")
        assert await words() == ["first"]

        await wire.send(text({"type": stop, "id": "1"}))
        await until(lambda: operations.root.open_count == 0)
        assert operations.push(0, "after the end")
        assert await words() == []

        await wire.send(subscribe)
        await until(lambda: operations.root.open_count == 1)
        assert operations.push(0, "of the former")
        assert operations.push(1, "of this one")
        assert await words() == ["of this one"]


@pytest.mark.slow
@BOTH
async def test_who_reads_nothing_is_gone_within_15_s_however_little_is_told(
    serve: Any, protocol: str, operations: ChatOperations, doorkeeper: Doorkeeper, until: Any
) -> None:
    """The buffers never fill, so that nothing but an unanswered ping tells of it."""
    options = server_options(AppSettings(env="development")) | {"ws": Watched}
    endpoint = GraphQLSocket(operations, doorkeeper, limits=SocketLimits())
    async with (
        serve(endpoint, **options) as url,
        Wire.open(url) as wire,
    ):
        tasks = len(asyncio.all_tasks())
        await wire.shake_hands(protocol)
        start = "start" if protocol == "graphql-ws" else "subscribe"
        query = {"query": "subscription { forever }"}
        await wire.send(text({"type": "connection_init"}))
        await wire.receive()
        await wire.send(text({"type": start, "id": "1", "payload": query}))
        await until(lambda: operations.root.open_count == 1)
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
        began = time.monotonic()
        await until(Watched.transports[-1].is_closing)
        await until(lambda: operations.root.open_count == 0)
        await until(lambda: len(asyncio.all_tasks()) <= tasks)
        assert time.monotonic() - began < 15
