"""What uvicorn's protocol, as we teach it, does by itself."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final, cast

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from app.realtime.protocol import WebSocketProtocol

pytestmark = pytest.mark.unit


class Wire:
    """A transport that raises when it is written to after its end, as uvloop's does."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.is_over = False

    def write_eof(self) -> None:
        raise OSError("Transport endpoint is not connected")

    def write(self, data: bytes) -> None:
        if self.is_over:
            raise RuntimeError("unable to perform operation; the handler is closed")
        self.sent.append(data)

    def close(self) -> None:
        self.is_over = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_over

    def get_extra_info(self, _: str) -> Any:
        return None


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Stay silent until the client leaves; the tests speak for it."""
    del scope, send
    while (await receive())["type"] != "websocket.disconnect":
        pass


_HANDSHAKE: Final = b"""\
GET /graphql HTTP/1.1\r
Host: localhost\r
Upgrade: websocket\r
Connection: Upgrade\r
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
Sec-WebSocket-Version: 13\r
\r
"""
_GOOD_BYE: Final = b"\x88\x80\x00\x00\x00\x00"
"""A client's close frame, masked, without a code."""


@pytest.fixture
async def opened() -> AsyncIterator[tuple[WebSocketProtocol, Wire]]:
    config = Config(_app, ws=WebSocketProtocol)
    config.load()
    protocol, wire = WebSocketProtocol(config, ServerState(), {}), Wire()
    protocol.connection_made(cast("Any", wire))
    protocol.data_received(_HANDSHAKE)
    assert not protocol._line.push(b"zero"), "the handshake is not answered yet"
    await protocol.send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    wire.sent.clear()
    yield protocol, wire
    if protocol in protocol.connections:
        protocol.connection_lost(None)
    await asyncio.gather(*protocol.tasks)
    if protocol._linger:
        protocol._linger.cancel()


Opened = tuple[WebSocketProtocol, Wire]


async def test_nothing_is_pushed_to_a_client_that_has_been_reset(opened: Opened) -> None:
    protocol, wire = opened
    assert protocol._line.push(b"one")

    protocol.connection_lost(ConnectionResetError())
    assert not protocol._line.push(b"two")
    assert wire.sent == [b"one"]


async def test_nothing_is_pushed_to_a_client_that_has_to_read_first(opened: Opened) -> None:
    protocol, wire = opened
    protocol.pause_writing()
    assert not protocol._line.push(b"one")
    protocol.resume_writing()
    assert protocol._line.push(b"one")
    assert wire.sent == [b"one"]


async def test_nothing_is_pushed_behind_the_close(opened: Opened) -> None:
    protocol, wire = opened
    await protocol.send({"type": "websocket.close", "code": 4403, "reason": "it has ended"})
    (farewell,) = wire.sent
    assert not protocol._line.push(b"one")
    assert wire.sent == [farewell]


async def test_nothing_is_pushed_to_a_client_that_has_said_good_bye(opened: Opened) -> None:
    protocol, wire = opened
    protocol.data_received(_GOOD_BYE)
    answer = [*wire.sent]
    assert not protocol._line.push(b"one")
    assert wire.sent == answer


async def test_nothing_is_pushed_to_a_client_that_failed_after_a_reset(opened: Opened) -> None:
    """There is no half of such a connection left to shut, and to say so raises."""
    protocol, wire = opened
    protocol.eof_received()
    last_word = [*wire.sent]
    assert wire.is_over
    assert not protocol._line.push(b"one")
    assert wire.sent == last_word
