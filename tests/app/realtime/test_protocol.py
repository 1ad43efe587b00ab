"""What uvicorn's protocol, as we teach it, does by itself."""

from typing import Any, cast

import pytest
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.protocol import State

from app.realtime.protocol import WebSocketProtocol

pytestmark = pytest.mark.unit


class Wire:
    """A transport that raises when it is written to after its end, as uvloop's does."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.is_over = False

    def write(self, data: bytes) -> None:
        if self.is_over:
            raise RuntimeError("unable to perform operation; the handler is closed")
        self.sent.append(data)

    def is_closing(self) -> bool:
        return False

    def get_extra_info(self, _: str) -> Any:
        return None


async def _app(scope: Any, receive: Any, send: Any) -> None:
    """Is never called."""
    del scope, receive, send


async def test_nothing_is_pushed_to_a_client_that_has_been_reset() -> None:
    config = Config(_app, ws=WebSocketProtocol)
    config.load()
    protocol, wire = WebSocketProtocol(config, ServerState(), {}), Wire()
    protocol.connection_made(cast("Any", wire))
    protocol.conn.state = State.OPEN
    assert protocol.push(b"one")

    wire.is_over = True
    protocol.connection_lost(ConnectionResetError())
    assert not protocol.push(b"two")
    assert wire.sent == [b"one"]


async def test_nothing_is_pushed_to_a_client_that_has_to_read_first() -> None:
    config = Config(_app, ws=WebSocketProtocol)
    config.load()
    protocol, wire = WebSocketProtocol(config, ServerState(), {}), Wire()
    protocol.connection_made(cast("Any", wire))
    protocol.conn.state = State.OPEN
    protocol.pause_writing()
    assert not protocol.push(b"one")
    protocol.resume_writing()
    assert protocol.push(b"one")
    assert wire.sent == [b"one"]
