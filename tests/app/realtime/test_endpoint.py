"""The wire, frame by frame, over a real socket of a real uvicorn."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from app.realtime.endpoint import GraphQLSocket
from app.realtime.limits import SocketLimits
from tests.app.realtime.chat import ChatOperations, Doorkeeper

pytestmark = pytest.mark.unit

TRANSPORT, LEGACY = "graphql-transport-ws", "graphql-ws"
INIT = {"type": "connection_init"}
ACK = {"type": "connection_ack"}
KA = {"type": "ka"}
HELLO = {"query": "{ hello }"}
FOREVER = {"query": "subscription { forever }"}
BOTH = pytest.mark.parametrize("protocol", [TRANSPORT, LEGACY])


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not [
        r for r in caplog.get_records("call") if r.name.startswith("uvicorn") and r.exc_info
    ]


class Client:
    """A client that speaks in frames."""

    def __init__(self, connection: ClientConnection, protocol: str) -> None:
        self.connection = connection
        self.start_type = "subscribe" if protocol == TRANSPORT else "start"
        self.stop_type = "complete" if protocol == TRANSPORT else "stop"
        self.next_type = "next" if protocol == TRANSPORT else "data"

    async def send(self, *frames: Any) -> None:
        for frame in frames:
            is_raw = isinstance(frame, str | bytes)
            await self.connection.send(frame if is_raw else orjson.dumps(frame).decode())

    async def receive(self) -> Any:
        async with asyncio.timeout(10):
            return orjson.loads(await self.connection.recv())

    async def log_in(self, **payload: Any) -> None:
        await self.send({"type": "connection_init", "payload": payload})
        assert await self.receive() == ACK
        if self.start_type == "start":
            assert await self.receive() == KA

    def start(self, id_: Any, payload: Any) -> dict[str, Any]:
        return {"type": self.start_type, "id": id_, "payload": payload}

    async def closed(self) -> tuple[int, list[Any]]:
        """Wait for the end; give the close code and what was said before it."""
        said = []
        with suppress(ConnectionClosed):
            while True:
                said.append(await self.receive())
        return self.connection.close_code or 0, said


def opened(url: str, protocol: str | None, **options: Any) -> connect:
    subprotocols = None if protocol is None else [Subprotocol(protocol)]
    return connect(url, subprotocols=subprotocols, compression=None, **options)


@BOTH
async def test_an_operation_before_the_init_closes_with_4401(url: str, protocol: str) -> None:
    async with opened(url, protocol) as connection:
        client = Client(connection, protocol)
        await client.send(client.start("1", HELLO))
        code, said = await client.closed()
    assert code == 4401
    assert [m["type"] for m in said] == ([] if protocol == TRANSPORT else ["connection_error"])


async def test_an_operation_before_the_ack_closes_with_4401(url: str) -> None:
    async with opened(url, TRANSPORT) as connection:
        client = Client(connection, TRANSPORT)
        await client.send({**INIT, "payload": {"token": "slow"}}, client.start("1", HELLO))
        assert await client.closed() == (4401, [])


async def test_a_legacy_client_need_not_wait_for_the_ack(url: str) -> None:
    async with opened(url, LEGACY) as connection:
        client = Client(connection, LEGACY)
        await client.send(INIT, client.start("1", HELLO))
        said = [await client.receive() for _ in range(4)]
    assert [m["type"] for m in said] == ["connection_ack", "ka", "data", "complete"]


@BOTH
@pytest.mark.parametrize(
    "payload",
    [
        {"token": "forged"},
        {"authorization": "Bearer forged"},
        {"Authorization": "bearer forged"},
        {"authorization": "Basic Zm9v"},
        {"authorization": 1},
        {"token": {"a": 1}},
    ],
)
async def test_a_refused_login_closes_with_4403(url: str, protocol: str, payload: Any) -> None:
    async with opened(url, protocol) as connection:
        client = Client(connection, protocol)
        await client.send({**INIT, "payload": payload})
        code, said = await client.closed()
    assert code == 4403
    assert [m["type"] for m in said] == ([] if protocol == TRANSPORT else ["connection_error"])


@BOTH
async def test_an_outage_at_login_asks_to_try_again(url: str, protocol: str) -> None:
    async with opened(url, protocol) as connection:
        client = Client(connection, protocol)
        await client.send({**INIT, "payload": {"token": "outage"}})
        assert (await client.closed())[0] == 1013


@BOTH
@pytest.mark.parametrize(
    ("payload", "headers"),
    [
        ({"token": "ann"}, {}),
        ({"authorization": "Bearer ann"}, {}),
        ({"Authorization": "Bearer ann"}, {"Authorization": "Bearer bob"}),
        ({}, {"Authorization": "Bearer ann"}),
        ({"Authorization": ""}, {"Authorization": "Bearer ann"}),
        ({}, {"Cookie": "theme=dark; nexus_token=ann"}),
        ({}, {"Authorization": "Bearer ann", "Cookie": "nexus_token=bob"}),
        ({"token": "ann"}, {"Cookie": "nexus_token=bob"}),
    ],
)
async def test_the_token_is_found_wherever_clients_put_it(
    url: str, protocol: str, payload: Any, headers: Any
) -> None:
    async with opened(url, protocol, additional_headers=headers) as connection:
        client = Client(connection, protocol)
        await client.log_in(**payload)
        await client.send(client.start("1", {"query": "{ whoami }"}))
        assert (await client.receive())["payload"] == {"data": {"whoami": "ann"}}


@BOTH
async def test_a_socket_closes_with_its_token(
    url: str, protocol: str, operations: ChatOperations, doorkeeper: Doorkeeper, until: Any
) -> None:
    async with opened(url, protocol) as connection:
        client = Client(connection, protocol)
        await client.log_in()
        await client.send(client.start("1", FOREVER))
        await until(lambda: operations.root.open_count == 1)
        doorkeeper.logins_end.set()
        assert (await client.closed())[0] == 4403


@pytest.mark.parametrize("protocol", [None, "chat", "graphql-transport-ws2"])
async def test_no_known_subprotocol_closes_with_4406(url: str, protocol: str | None) -> None:
    async with opened(url, protocol) as connection:
        assert await Client(connection, TRANSPORT).closed() == (4406, [])


async def test_the_first_known_subprotocol_is_chosen(url: str) -> None:
    offered = [Subprotocol(name) for name in ("chat", LEGACY, TRANSPORT)]
    async with connect(url, subprotocols=offered) as connection:
        assert connection.subprotocol == LEGACY


@BOTH
async def test_no_init_in_time_closes_with_4408(
    serve: Any, protocol: str, operations: ChatOperations, doorkeeper: Doorkeeper
) -> None:
    limits = SocketLimits(init_timeout_s=0.2)
    async with (
        serve(GraphQLSocket(operations, doorkeeper, limits=limits)) as url,
        opened(url, protocol) as connection,
    ):
        code, said = await Client(connection, protocol).closed()
    assert code == 4408
    assert [m["type"] for m in said] == ([] if protocol == TRANSPORT else ["connection_error"])


@pytest.mark.parametrize("id_", ["1", "ü" * 256])
async def test_an_id_in_use_closes_with_4409(url: str, id_: str) -> None:
    async with opened(url, TRANSPORT) as connection:
        client = Client(connection, TRANSPORT)
        await client.log_in()
        await client.send(client.start(id_, FOREVER), client.start(id_, HELLO))
        assert (await client.closed())[0] == 4409


async def test_a_legacy_client_may_start_an_id_anew(url: str, operations: ChatOperations) -> None:
    async with opened(url, LEGACY) as connection:
        client = Client(connection, LEGACY)
        await client.log_in()
        await client.send(client.start("1", FOREVER))
        while (await client.receive())["payload"]["data"]["forever"] < 2:
            pass
        await client.send(client.start("1", HELLO))
        assert (await client.receive())["payload"] == {"data": {"hello": "world"}}
        assert operations.root.open_count == 0


@BOTH
async def test_a_second_init_closes_with_4429(url: str, protocol: str) -> None:
    async with opened(url, protocol) as connection:
        client = Client(connection, protocol)
        await client.log_in()
        await client.send(INIT)
        assert (await client.closed())[0] == 4429


async def test_a_second_init_while_the_first_is_considered_closes_with_4429(url: str) -> None:
    async with opened(url, TRANSPORT) as connection:
        client = Client(connection, TRANSPORT)
        await client.send({**INIT, "payload": {"token": "slow"}}, INIT)
        assert await client.closed() == (4429, [])


@BOTH
async def test_queries_mutations_and_subscriptions_run(url: str, protocol: str) -> None:
    queries: list[tuple[Any, list[Any]]] = [
        (HELLO, [{"data": {"hello": "world"}}]),
        (
            {"query": "mutation($n: Int!) { add(n: $n) }", "variables": {"n": 2}},
            [{"data": {"add": 2}}],
        ),
        ({"query": "subscription { count(to: 2) }"}, [{"data": {"count": n}} for n in range(2)]),
        (
            {"query": "query A { hello } query B { whoami }", "operationName": "A"},
            [{"data": {"hello": "world"}}],
        ),
    ]
    async with opened(url, protocol) as connection:
        client = Client(connection, protocol)
        await client.log_in()
        for payload, results in queries:
            await client.send(client.start("1", payload))
            for result in results:
                expected = {"type": client.next_type, "id": "1", "payload": result}
                assert await client.receive() == expected
            assert await client.receive() == {"type": "complete", "id": "1"}


@BOTH
@pytest.mark.parametrize(
    "payload",
    [
        {"query": ""},
        {"query": "{"},
        {"query": "{ unknown other }"},
        {**HELLO, "operationName": "Unknown"},
        {"query": "subscription { forbidden }"},
        {"query": "subscription { broken }"},
    ],
)
async def test_a_failing_operation_leaves_the_socket_alive(
    url: str, protocol: str, payload: Any
) -> None:
    async with opened(url, protocol) as connection:
        client = Client(connection, protocol)
        await client.log_in()
        await client.send(client.start("1", payload))
        error = await client.receive()
        assert (error["type"], error["id"]) == ("error", "1")
        first = error["payload"][0] if protocol == TRANSPORT else error["payload"]
        assert first["message"]
        assert "a bug of ours" not in str(error)
        await client.send(client.start("1", HELLO))
        assert (await client.receive())["type"] == client.next_type


@BOTH
async def test_a_stopped_operation_says_no_more(
    url: str, protocol: str, operations: ChatOperations, until: Any
) -> None:
    async with opened(url, protocol) as connection:
        client = Client(connection, protocol)
        await client.log_in()
        await client.send(client.start("1", {"query": "{ slow }"}))
        await until(lambda: operations.root.open_count == 1)
        await client.send({"type": client.stop_type, "id": "1"})
        if protocol == LEGACY:
            assert await client.receive() == {"type": "complete", "id": "1"}
        await client.send({"type": client.stop_type, "id": "1"}, client.start("1", HELLO))
        assert (await client.receive())["payload"] == {"data": {"hello": "world"}}
        assert operations.root.open_count == 0


async def test_a_ping_is_answered_with_its_payload_even_before_the_init(url: str) -> None:
    async with opened(url, TRANSPORT) as connection:
        client = Client(connection, TRANSPORT)
        await client.send({"type": "ping"}, {"type": "ping", "payload": {"a": 1}}, {"type": "pong"})
        assert await client.receive() == {"type": "pong"}
        assert await client.receive() == {"type": "pong", "payload": {"a": 1}}


@pytest.mark.parametrize(("protocol", "sign"), [(TRANSPORT, {"type": "ping"}), (LEGACY, KA)])
async def test_the_server_keeps_the_connection_alive(
    serve: Any, protocol: str, sign: Any, operations: ChatOperations, doorkeeper: Doorkeeper
) -> None:
    limits = SocketLimits(keep_alive_s=0.05)
    async with (
        serve(GraphQLSocket(operations, doorkeeper, limits=limits)) as url,
        opened(url, protocol) as connection,
    ):
        client = Client(connection, protocol)
        await client.log_in()
        assert [await client.receive() for _ in range(2)] == [sign, sign]


async def test_a_ping_tells_how_far_each_subscription_has_been_told(
    serve: Any, operations: ChatOperations, doorkeeper: Doorkeeper
) -> None:
    limits = SocketLimits(keep_alive_s=0.2)
    async with (
        serve(GraphQLSocket(operations, doorkeeper, limits=limits)) as url,
        opened(url, TRANSPORT) as connection,
    ):
        client = Client(connection, TRANSPORT)
        await client.log_in()
        for id_ in ("a", "b"):
            payload = {"query": "subscription { forever }"}
            await client.send({"type": "subscribe", "id": id_, "payload": payload})
        ping = await client.receive()
        while ping != {"type": "ping", "payload": {"cursors": {"a": "e_7", "b": "e_7"}}}:
            assert ping["type"] in {"ping", "next"}
            ping = await client.receive()
        await client.send({"type": "complete", "id": "a"})
        while ping != {"type": "ping", "payload": {"cursors": {"b": "e_7"}}}:
            ping = await client.receive()


async def test_a_legacy_client_may_take_its_leave(url: str) -> None:
    async with opened(url, LEGACY) as connection:
        client = Client(connection, LEGACY)
        await client.log_in()
        await client.send({"type": "connection_terminate"})
        assert await client.closed() == (1000, [])


@BOTH
async def test_operations_above_the_limit_are_refused_one_by_one(
    serve: Any, protocol: str, operations: ChatOperations, doorkeeper: Doorkeeper
) -> None:
    limits = SocketLimits(operation_count=2)
    async with (
        serve(GraphQLSocket(operations, doorkeeper, limits=limits)) as url,
        opened(url, protocol) as connection,
    ):
        client = Client(connection, protocol)
        await client.log_in()
        await client.send(*(client.start(n, {"query": "{ slow }"}) for n in "abc"))
        error = await client.receive()
        assert (error["type"], error["id"]) == ("error", "c")
        assert "RATE_LIMITED" in str(error)


@BOTH
async def test_a_socket_too_many_is_asked_to_come_later(url: str, protocol: str) -> None:
    async with opened(url, protocol) as first, opened(url, protocol) as second:
        for connection in (first, second):
            await Client(connection, protocol).log_in(token="guest")
        async with opened(url, protocol) as third:
            client = Client(third, protocol)
            await client.send({**INIT, "payload": {"token": "guest"}})
            code, said = await client.closed()
            assert code == 1013
            assert third.close_reason == "This user has 2 sockets open; close one first"
        assert [m["type"] for m in said] == ([] if protocol == TRANSPORT else ["connection_error"])
        await Client(first, protocol).send(Client(first, protocol).start("1", HELLO))
        assert (await Client(first, protocol).receive())["payload"] == {"data": {"hello": "world"}}


@BOTH
async def test_a_seat_is_free_again_when_its_socket_is_closed(
    url: str, protocol: str, until: Any
) -> None:
    tasks = len(asyncio.all_tasks())
    for _ in range(3):
        async with opened(url, protocol) as connection:
            await Client(connection, protocol).log_in(token="guest")
        await until(lambda: len(asyncio.all_tasks()) <= tasks)


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        (None, True),
        ("http://{host}", True),
        ("https://nexus.example", True),
        ("https://evil.example", False),
        ("https://nexus.example.evil.example", False),
        ("null", False),
        ("http://[", False),
        ("", False),
    ],
)
async def test_only_known_pages_may_connect(
    serve: Any, operations: ChatOperations, doorkeeper: Doorkeeper, origin: Any, *, is_allowed: bool
) -> None:
    endpoint = GraphQLSocket(operations, doorkeeper, allowed_origins=["https://nexus.example"])
    async with serve(endpoint) as url:
        host = url.removeprefix("ws://").partition("/")[0]
        headers = {} if origin is None else {"Origin": origin.format(host=host)}
        if is_allowed:
            async with opened(url, TRANSPORT, additional_headers=headers) as connection:
                await Client(connection, TRANSPORT).log_in()
        else:
            with pytest.raises(InvalidStatus, match="403"):
                await opened(url, TRANSPORT, additional_headers=headers)


@pytest.mark.parametrize(
    ("origin", "name"), [("https://nexus.example", "ann"), ("https://other.example", None)]
)
async def test_a_page_that_nobody_named_cannot_use_its_visitors_cookies(
    serve: Any, operations: ChatOperations, doorkeeper: Doorkeeper, origin: str, name: str | None
) -> None:
    origins = ["*", "https://nexus.example"]
    async with serve(GraphQLSocket(operations, doorkeeper, allowed_origins=origins)) as url:
        headers = {"Origin": origin, "Cookie": "nexus_token=ann"}
        async with opened(url, TRANSPORT, additional_headers=headers) as connection:
            client = Client(connection, TRANSPORT)
            await client.log_in()
            await client.send(client.start("1", {"query": "{ whoami }"}))
            assert (await client.receive())["payload"] == {"data": {"whoami": name}}


async def test_uvicorns_own_protocol_class_serves_too(
    serve: Any, operations: ChatOperations, doorkeeper: Doorkeeper
) -> None:
    async with (
        serve(GraphQLSocket(operations, doorkeeper), ws="websockets-sansio") as url,
        opened(url, TRANSPORT) as connection,
    ):
        client = Client(connection, TRANSPORT)
        await client.log_in()
        await client.send("{")
        assert await client.closed() == (4400, [])
