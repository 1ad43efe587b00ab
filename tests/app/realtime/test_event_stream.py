"""Event streams over real sockets: what is told, when it ends, and what is left of it: nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from app.http.stream import StreamEndpoint
from app.realtime.limits import SocketLimits
from app.realtime.protocol import HttpProtocol
from tests.app.realtime.chat import ChatOperations, Doorkeeper
from tests.app.realtime.wire import abort

pytestmark = pytest.mark.unit

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
UNAUTHENTICATED = "UNAUTHENTICATED"


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert not [r for r in caplog.get_records("call") if r.name.startswith(("uvicorn", "asyncio"))]


@asynccontextmanager
async def asked(
    url: str, query: str, *, token: str = "", version: str = "1.1"
) -> AsyncIterator[Streams]:
    """Ask, and hold the answer open."""
    address = urlsplit(url)
    assert address.hostname
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=2**22)
    body = orjson.dumps({"query": query})
    head = [
        f"POST {address.path} HTTP/{version}",
        f"host: {address.netloc}",
        "accept: text/event-stream",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *([f"authorization: Bearer {token}"] if token else []),
    ]
    writer.write("\r\n".join([*head, "", ""]).encode() + body)
    yield reader, writer
    writer.close()


async def heard(reader: asyncio.StreamReader, text: str) -> str:
    async with asyncio.timeout(20):
        return (await reader.readuntil(text.encode())).decode()


@pytest.fixture
async def url(
    serve: Any, operations: ChatOperations, doorkeeper: Doorkeeper, no_timers: SocketLimits
) -> AsyncIterator[str]:
    endpoint = StreamEndpoint(operations, doorkeeper.by_header, limits=no_timers)
    async with serve(endpoint, timeout_keep_alive=600) as url:
        yield url


async def test_events_are_told_as_they_come_and_the_connection_goes_on(url: str) -> None:
    async with asked(url, "subscription { forever }") as (reader, _):
        told = await heard(reader, '{"data":{"forever":2}}\n\n')
        assert "200 OK" in told
        assert "event: next\ndata: " in told
    async with asked(url, "{ hello }") as (reader, writer):
        for _ in range(2):
            assert '{"hello":"world"}' in await heard(reader, "event: complete\ndata:\n\n\r\n0")
            body = b'{"query":"{ hello }"}'
            writer.write(
                b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                b"content-length: %d\r\n\r\n%b" % (len(body), body)
            )


async def test_signs_of_life_are_comments(
    serve: Any, operations: ChatOperations, doorkeeper: Doorkeeper
) -> None:
    limits = SocketLimits(keep_alive_s=0.05)
    endpoint = StreamEndpoint(operations, doorkeeper.by_header, limits=limits)
    async with serve(endpoint) as url, asked(url, "{ slow }") as (reader, _):
        for _ in range(4):
            await heard(reader, "3\r\n:\n\n\r\n")


@pytest.mark.parametrize("query", ["subscription { forever }", "{ slow }", "{ hello }"])
@pytest.mark.parametrize("leave", [abort, lambda writer: writer.close(), lambda w: w.write_eof()])
async def test_a_client_that_leaves_leaves_nothing(
    url: str, operations: ChatOperations, until: Any, query: str, leave: Any
) -> None:
    before = len(asyncio.all_tasks())
    async with asked(url, query) as (reader, writer):
        await heard(reader, ":\n\n")
        if query != "{ hello }":
            await until(lambda: operations.root.open_count == 1)
        leave(writer)
        await until(lambda: operations.root.open_count == 0)
    await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_client_that_leaves_before_its_body_is_there_leaves_nothing(
    url: str, until: Any
) -> None:
    before = len(asyncio.all_tasks())
    address = urlsplit(url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n")
    writer.write(b"content-type: application/json\r\n\r\n{")
    await until(lambda: len(asyncio.all_tasks()) > before)
    abort(writer)
    await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_stream_ends_with_its_login(
    url: str, operations: ChatOperations, doorkeeper: Doorkeeper
) -> None:
    async with asked(url, "subscription { forever }") as (reader, _):
        await heard(reader, '{"data":{"forever":2}}\n\n')
        doorkeeper.logins_end.set()
        told = await heard(reader, "event: complete\ndata:\n\n")
    *_, last, _ = (line for line in told.splitlines() if line.startswith("data:"))
    (error,) = orjson.loads(last.removeprefix("data:"))["errors"]
    assert error["message"] == "Token expired. Log in again."
    assert error["extensions"] == {"code": UNAUTHENTICATED}
    assert operations.root.open_count == 0


async def test_a_stream_too_many_is_refused(url: str) -> None:
    slow = "{ slow }"
    async with asked(url, slow, token="guest") as one, asked(url, slow, token="guest") as two:
        for reader, _ in (one, two):
            await heard(reader, ":\n\n")
        async with asked(url, slow, token="guest") as (reader, _):
            told = await heard(reader, "]}")
    assert "429 Too Many Requests" in told
    assert "retry-after: 5" in told
    assert "RATE_LIMITED" in told


async def test_a_client_that_does_not_read_is_dropped_with_all_that_waits_for_it(
    serve: Any, operations: ChatOperations, doorkeeper: Doorkeeper, until: Any
) -> None:
    transports: list[asyncio.Transport] = []

    class Watched(HttpProtocol):
        def connection_made(self, transport: Any) -> None:
            transports.append(transport)
            super().connection_made(transport)

    limits = SocketLimits(send_timeout_s=0.3)
    endpoint = StreamEndpoint(operations, doorkeeper.by_header, limits=limits)
    async with serve(endpoint, http=Watched) as url:
        before = len(asyncio.all_tasks())
        async with (
            asked(url, "subscription { flood }") as (_, writer),
            asked(url, "subscription { flood }") as (reader, _),
        ):
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await until(lambda: transports[0].get_write_buffer_size() > 0)
            async with asyncio.timeout(20):
                while not transports[0].is_closing():
                    await reader.readuntil(b"\n\n")  # the other one goes on
            await until(lambda: transports[0].get_write_buffer_size() == 0)
            assert not transports[1].is_closing()
            abort(writer)
        await until(lambda: operations.root.open_count == 0)
        await until(lambda: len(asyncio.all_tasks()) <= before)


async def test_a_stalled_client_is_dropped_when_its_login_ends(
    serve: Any,
    operations: ChatOperations,
    doorkeeper: Doorkeeper,
    short_farewell: SocketLimits,
    until: Any,
) -> None:
    endpoint = StreamEndpoint(operations, doorkeeper.by_header, limits=short_farewell)
    async with serve(endpoint) as url:
        before = len(asyncio.all_tasks())
        async with asked(url, "subscription { flood }") as (_, writer):
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await until(lambda: operations.root.open_count == 1)
            doorkeeper.logins_end.set()
            await until(lambda: operations.root.open_count == 0)
            await until(lambda: len(asyncio.all_tasks()) <= before)
            abort(writer)


async def test_a_server_that_stops_does_not_wait_for_streams(
    serve: Any, operations: ChatOperations, doorkeeper: Doorkeeper
) -> None:
    endpoint = StreamEndpoint(operations, doorkeeper.by_header)
    async with asyncio.timeout(20), serve(endpoint, timeout_graceful_shutdown=600) as url:
        stream = asked(url, "subscription { forever }")
        reader, _ = await stream.__aenter__()
        await heard(reader, '{"data":{"forever":2}}\n\n')
    assert b"complete" not in await reader.read()
    await stream.__aexit__(None, None, None)
    assert operations.root.open_count == 0
