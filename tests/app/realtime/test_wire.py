"""Whatever is sent, on either protocol: a close frame says why, and no traceback is written.

The client is made by hand (`tests.app.realtime.wire`), so that nothing of a library stands between
the table and the socket.
"""

import asyncio
import random
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import pytest

from app.__main__ import server_options
from app.realtime.endpoint import GraphQLSocket
from app.realtime.limits import SocketLimits
from app.realtime.protocol import WebSocketProtocol
from app.settings import AppSettings
from tests.app.realtime.chat import ChatOperations, Doorkeeper
from tests.app.realtime.wire import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Wire,
    frame,
    text,
)

pytestmark = pytest.mark.unit

TRANSPORT, LEGACY = "graphql-transport-ws", "graphql-ws"
BOTH = pytest.mark.parametrize("protocol", [TRANSPORT, LEGACY])
START: Final = {TRANSPORT: "subscribe", LEGACY: "start"}
STOP: Final = {TRANSPORT: "complete", LEGACY: "stop"}
INIT: Final = text({"type": "connection_init"})
HELLO = {"query": "{ hello }"}
LARGEST: Final = 65_536

MESSAGES: Final[dict[str, Any]] = {
    "no JSON": "{",
    "nothing": "",
    "array": "[]",
    "scalar": "1",
    "null": "null",
    "string": '"connection_init"',
    "binary": b'{"type":"connection_init"}',
    "NaN": '{"type":"connection_init","payload":NaN}',
    "lone surrogate": '{"type":"\\ud800"}',
    "nested too deep": "[" * 30_000,
    "no type": {},
    "numeric type": {"type": 1},
    "list as type": {"type": []},
    "unknown type": {"type": "nonsense"},
    "server's type": {"type": "connection_ack"},
    "payload of init": {"type": "connection_init", "payload": "x"},
    "list as payload of init": {"type": "connection_init", "payload": []},
}
OPERATIONS: Final[dict[str, Any]] = {
    "no id": {"payload": HELLO},
    "empty id": {"id": "", "payload": HELLO},
    "null id": {"id": None, "payload": HELLO},
    "numeric id": {"id": 1, "payload": HELLO},
    "long id": {"id": "x" * 257, "payload": HELLO},
    "no payload": {"id": "1"},
    "null payload": {"id": "1", "payload": None},
    "list as payload": {"id": "1", "payload": []},
    "no query": {"id": "1", "payload": {}},
    "numeric query": {"id": "1", "payload": {"query": 1}},
    "list as variables": {"id": "1", "payload": {**HELLO, "variables": []}},
    "string as variables": {"id": "1", "payload": {**HELLO, "variables": "{}"}},
    "numeric operation name": {"id": "1", "payload": {**HELLO, "operationName": 1}},
    "string as extensions": {"id": "1", "payload": {**HELLO, "extensions": ""}},
}

STOPS: Final[dict[str, Any]] = {
    "no id": {},
    "empty id": {"id": ""},
    "numeric id": {"id": 1},
    "long id": {"id": "x" * 257},
}


def _code(code: int, reason: bytes = b"") -> bytes:
    return struct.pack("!H", code) + reason


FRAMES: Final[dict[str, tuple[bytes, int]]] = {
    "no UTF-8": (text(b"\xff\xfe"), 1007),
    "half a character": (text(b'"\xe2\x82'), 1007),
    "no UTF-8 in parts": (frame(TEXT, b"\xff", fin=False) + frame(CONTINUATION, b"x"), 1007),
    "too long": (text("x" * (LARGEST + 1)), 1009),
    "much too long": (text("x" * 5_000_000), 1009),
    "announced too long": (frame(TEXT, b"x", length=2**40), 1009),
    "announced beyond all lengths": (frame(TEXT, b"x", length=2**64 - 1), 1009),
    "too long in parts": (
        frame(TEXT, b"x" * 40_000, fin=False) + frame(CONTINUATION, b"x" * 40_000),
        1009,
    ),
    "in too many parts": (
        frame(TEXT, fin=False) + frame(CONTINUATION, fin=False) * 2_000 + frame(PING, b"x"),
        1009,
    ),
    "reserved bits": (frame(TEXT, b"{}", reserved=4), 1002),
    "other reserved bits": (frame(TEXT, b"{}", reserved=3), 1002),
    "unknown kind of data": (frame(3, b"{}"), 1002),
    "unknown kind of control": (frame(11, b"{}"), 1002),
    "not masked": (frame(TEXT, b"{}", masked=False), 1002),
    "long ping": (frame(PING, b"x" * 126), 1002),
    "ping in parts": (frame(PING, b"x", fin=False), 1002),
    "continuation of nothing": (frame(CONTINUATION, b"x"), 1002),
    "a message inside another": (frame(TEXT, b"{", fin=False) + text("{}"), 1002),
    "another protocol": (b"GET / HTTP/1.1\r\nhost: nexus\r\n\r\n", 1002),
    "close": (frame(CLOSE, _code(1000, b"bye")), 1000),
    "close without a code": (frame(CLOSE), 1005),
    "close inside a message": (frame(TEXT, b"{", fin=False) + frame(CLOSE, _code(1000)), 1002),
    "close of half a code": (frame(CLOSE, b"x"), 1002),
    "close that nobody may send": (frame(CLOSE, _code(1005)), 1002),
    "close whose reason is no UTF-8": (frame(CLOSE, _code(1000, b"\xff")), 1007),
}
PADDED: Final = b'{"type":"connection_init"}'.ljust(LARGEST)
PINGED: Final = "with a ping between"
INITS: Final[dict[str, bytes]] = {
    "in one": INIT,
    "as long as may be": text(PADDED),
    "in parts": frame(TEXT, PADDED[:5], fin=False)
    + frame(CONTINUATION, PADDED[5:20], fin=False)
    + frame(CONTINUATION, PADDED[20:]),
    "a character in two parts": frame(TEXT, b'{"type":"connection_init","x":"\xe2', fin=False)
    + frame(CONTINUATION, b'\x82\xac"}'),
    PINGED: frame(TEXT, PADDED[:5], fin=False)
    + frame(PING, b"now")
    + frame(CONTINUATION, PADDED[5:]),
    "after a pong that nobody asked for": frame(PONG, b"x") + INIT,
}


@pytest.fixture(scope="module", name="url")
async def _url(serve: Any) -> AsyncIterator[str]:
    async with serve(GraphQLSocket(ChatOperations(), Doorkeeper())) as url:
        yield url


@pytest.fixture(autouse=True)
def _no_traceback(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    records = caplog.get_records("call")
    assert not [r for r in records if r.exc_info or r.name == "asyncio"]


@asynccontextmanager
async def wired(url: str, protocol: str, *, is_known: bool = True) -> AsyncIterator[Wire]:
    """Open a socket, and log in."""
    async with Wire.open(url) as wire:
        assert b" 101 " in await wire.shake_hands(protocol)
        if is_known:
            await wire.send(INIT)
            for _ in range(1 if protocol == TRANSPORT else 2):
                assert await wire.receive()
        yield wire


async def _ended(wire: Wire) -> tuple[int | None, list[str]]:
    """Wait for the end; the stream ends after the close frame, and not by RST."""
    code, said = await wire.closed()
    assert await wire.receive() is None
    wire.writer.close()
    return code, [message["type"] for message in said]


def _refusals(protocol: str) -> list[str]:
    return [] if protocol == TRANSPORT else ["connection_error"]


@BOTH
@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
@pytest.mark.parametrize("is_known", [False, True], ids=["before the init", "after it"])
async def test_what_is_no_message_closes_with_4400(
    url: str, protocol: str, message: Any, *, is_known: bool
) -> None:
    sent = frame(BINARY, message) if isinstance(message, bytes) else text(message)
    async with wired(url, protocol, is_known=is_known) as wire:
        await wire.send(sent, text({"type": "ping"}))
        assert await _ended(wire) == (4400, _refusals(protocol))


@BOTH
@pytest.mark.parametrize("fields", OPERATIONS.values(), ids=OPERATIONS.keys())
async def test_what_is_no_operation_closes_with_4400(url: str, protocol: str, fields: Any) -> None:
    async with wired(url, protocol) as wire:
        await wire.send(text({"type": START[protocol], **fields}))
        assert await _ended(wire) == (4400, _refusals(protocol))


@BOTH
@pytest.mark.parametrize("fields", STOPS.values(), ids=STOPS.keys())
async def test_what_stops_nothing_closes_with_4400(url: str, protocol: str, fields: Any) -> None:
    async with wired(url, protocol) as wire:
        await wire.send(text({"type": STOP[protocol], **fields}))
        assert await _ended(wire) == (4400, _refusals(protocol))


@pytest.mark.parametrize(
    "message",
    [
        {"type": "ping", "payload": []},
        {"type": "pong", "payload": "x"},
        {"type": "connection_terminate"},
    ],
    ids=["payload of ping", "payload of pong", "the old word for the end"],
)
async def test_what_the_newer_protocol_does_not_have_closes_with_4400(
    url: str, message: Any
) -> None:
    async with wired(url, TRANSPORT) as wire:
        await wire.send(text(message))
        assert await _ended(wire) == (4400, _refusals(TRANSPORT))


@BOTH
async def test_words_of_the_other_protocol_close_with_4400(url: str, protocol: str) -> None:
    (other,) = {*START} - {protocol}
    async with wired(url, protocol) as wire:
        await wire.send(text({"type": START[other], "id": "1", "payload": HELLO}))
        assert await _ended(wire) == (4400, _refusals(protocol))


@BOTH
@pytest.mark.parametrize(("sent", "code"), FRAMES.values(), ids=FRAMES.keys())
@pytest.mark.parametrize("is_known", [False, True], ids=["before the init", "after it"])
async def test_what_is_no_websocket_closes_with_its_code(
    url: str, protocol: str, sent: bytes, code: int, *, is_known: bool
) -> None:
    async with wired(url, protocol, is_known=is_known) as wire:
        await wire.send(sent)
        assert await _ended(wire) == (code, [])


@BOTH
@pytest.mark.parametrize(
    "begun",
    [b"", text("{}")[:1], text("{}")[:7], frame(TEXT, fin=False)],
    ids=["between frames", "in a head", "in a frame", "in a message"],
)
async def test_a_client_that_stops_sending_is_told_so(
    url: str, protocol: str, begun: bytes
) -> None:
    async with wired(url, protocol) as wire:
        await wire.send(begun)
        wire.end()
        assert await _ended(wire) == (1002, [])


@BOTH
@pytest.mark.parametrize("sent", INITS.values(), ids=INITS.keys())
@pytest.mark.parametrize("first", [1_000_000, 1, 7])
async def test_messages_come_in_whatever_parts(
    url: str, protocol: str, sent: bytes, first: int
) -> None:
    async with wired(url, protocol, is_known=False) as wire:
        for part in (sent[:first], sent[first:], text({"type": STOP[protocol], "id": "x"})):
            await wire.send(part)
            await asyncio.sleep(0.001)
        received = [await wire.receive() for _ in range(2 if sent is INITS[PINGED] else 1)]
    assert received[-1] == (TEXT, b'{"type":"connection_ack"}')
    assert received[:-1] == ([(PONG, b"now")] if sent is INITS[PINGED] else [])


@BOTH
@pytest.mark.parametrize("seed", range(4))
async def test_noise_is_answered_by_a_close_frame(url: str, protocol: str, seed: int) -> None:
    """Bytes by chance, and a conversation in which some bytes are wrong, 40 times each."""
    rng = random.Random(seed)  # noqa: S311 - noise, not a secret

    async def disturb() -> int | None:
        start = {"type": START[protocol], "id": "1", "payload": HELLO}
        noise = bytearray(INIT + text(start) + frame(PING, b"x"))
        for _ in range(rng.randrange(1, 4)):
            noise[rng.randrange(len(noise))] = rng.randrange(256)
        if rng.random() < 0.5:
            noise = bytearray(rng.randbytes(rng.randrange(1, 300)))
        async with wired(url, protocol, is_known=rng.random() < 0.5) as wire:
            await wire.send(noise)
            await asyncio.sleep(0.02)
            wire.end()
            return (await _ended(wire))[0]

    codes = await asyncio.gather(*(disturb() for _ in range(40)))
    assert None not in codes
    assert {1002, 4400} & {*codes}


UPGRADE: Final = b"""\
GET /graphql%b HTTP/1.1\r
host: nexus\r
connection: upgrade\r
upgrade: websocket\r
"""
HANDSHAKES: Final = {
    "no key": (b"sec-websocket-version: 13", b" 400 "),
    "old version": (b"sec-websocket-version: 8\r\nsec-websocket-key: x", b" 400 "),
    "short key": (b"sec-websocket-version: 13\r\nsec-websocket-key: x", b" 400 "),
}


@pytest.mark.parametrize("offered", ["", ",", b"\xe9", "a b", "(graphql-ws)"])
async def test_what_names_no_protocol_is_refused(url: str, offered: Any) -> None:
    async with Wire.open(url) as wire:
        assert b" 400 " in await wire.shake_hands(offered)


@pytest.mark.parametrize(("lines", "status"), HANDSHAKES.values(), ids=HANDSHAKES.keys())
async def test_what_is_no_handshake_is_refused(url: str, lines: bytes, status: bytes) -> None:
    async with Wire.open(url) as wire:
        assert status in await wire.ask(UPGRADE % b"" + lines + b"\r\n\r\n")


async def test_an_address_that_is_no_text_is_refused(url: str) -> None:
    key = b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    async with Wire.open(url) as wire:
        assert b" 400 " in await wire.ask(UPGRADE % b"?\xff" + key)


@pytest.mark.parametrize(
    "offered", [None, "chat", "chat, x", "a" * 4_000, "Graphql-WS", "graphql_ws"]
)
async def test_no_protocol_of_ours_closes_with_4406(url: str, offered: Any) -> None:
    async with Wire.open(url) as wire:
        head = await wire.shake_hands(offered)
        assert b" 101 " in head, head
        assert await _ended(wire) == (4406, [])


async def test_how_long_a_message_may_be_is_a_setting(serve: Any) -> None:
    settings = AppSettings(env="development", max_frame_bytes=2_000)
    endpoint = GraphQLSocket(ChatOperations(), Doorkeeper())
    async with serve(endpoint, **server_options(settings)) as url, wired(url, TRANSPORT) as wire:
        await wire.send(text('{"type":"ping"}'.ljust(2_000)))
        assert await wire.receive() == (TEXT, b'{"type":"pong"}')
        await wire.send(text('{"type":"ping"}'.ljust(2_001)))
        assert await _ended(wire) == (1009, [])


@BOTH
async def test_who_answers_no_ping_may_come_again(serve: Any, protocol: str) -> None:
    endpoint = GraphQLSocket(ChatOperations(), Doorkeeper())
    often = {"ws_ping_interval": 0.05, "ws_ping_timeout": 0.2}
    async with serve(endpoint, **often) as url, wired(url, protocol) as wire:
        received = await wire.receive()
        assert received
        assert received[0] == PING
        await wire.send(frame(PONG, received[1]))
        assert await _ended(wire) == (1013, [])


_SELDOM: Final = {"ws_ping_interval": 0.5, "ws_ping_timeout": 0.2}


async def test_who_answers_pings_of_the_protocol_gets_no_others(serve: Any) -> None:
    limits = SocketLimits(keep_alive_s=0.1)
    endpoint = GraphQLSocket(ChatOperations(), Doorkeeper(), limits=limits)
    async with serve(endpoint, **_SELDOM) as url, wired(url, TRANSPORT) as wire:
        for _ in range(10):
            assert await wire.receive() == (TEXT, b'{"type":"ping"}')
            await wire.send(text('{"type":"pong"}'))
        opcodes: list[int] = []
        while PING not in opcodes:
            received = await wire.receive()
            assert received
            opcodes.append(received[0])
        assert opcodes.count(TEXT) >= 3
        code, types = await _ended(wire)
        assert (code, {*types}) == (1013, {"ping"})


async def test_who_talks_but_answers_nothing_is_pinged(serve: Any) -> None:
    endpoint = GraphQLSocket(ChatOperations(), Doorkeeper())
    async with serve(endpoint, **_SELDOM) as url, wired(url, TRANSPORT) as wire:
        for _ in range(3):
            await asyncio.sleep(0.2)
            await wire.send(text('{"type":"ping"}'))
        received = [await wire.receive() for _ in range(4)]
        assert sorted(each[0] for each in received if each) == [TEXT, TEXT, TEXT, PING]
        assert await _ended(wire) == (1013, [])


@BOTH
async def test_pings_whose_answers_nobody_reads_fill_no_memory(
    serve: Any, protocol: str, operations: ChatOperations, doorkeeper: Doorkeeper, until: Any
) -> None:
    transports: list[Any] = []

    class Watched(WebSocketProtocol):
        def connection_made(self, transport: Any) -> None:
            transports.append(transport)
            super().connection_made(transport)

    limits = SocketLimits(send_timeout_s=0.5, keep_alive_s=0.5)
    endpoint = GraphQLSocket(operations, doorkeeper, limits=limits)
    async with serve(endpoint, ws=Watched) as url, wired(url, protocol) as wire:
        wire.writer.transport.pause_reading()  # type: ignore[attr-defined]
        most = 0
        while not transports[0].is_closing():
            wire.writer.write(frame(PING, b"x" * 125) * 1_000)
            most = max(most, transports[0].get_write_buffer_size())
            await asyncio.sleep(0)
        assert 65_536 < most < 1_000_000
        await until(lambda: transports[0].get_write_buffer_size() == 0)


@BOTH
async def test_a_server_that_stops_says_so(
    serve: Any, protocol: str, operations: ChatOperations, doorkeeper: Doorkeeper
) -> None:
    async with AsyncExitStack() as stack:
        async with serve(GraphQLSocket(operations, doorkeeper)) as url:
            wires = [await stack.enter_async_context(Wire.open(url)) for _ in range(2)]
            for wire in wires:
                await wire.shake_hands(protocol)
            await wires[0].send(frame(CLOSE, _code(1000)))
            ends = [asyncio.create_task(_ended(wire)) for wire in wires]
        assert [await end for end in ends] == [(1000, []), (1012, [])]
