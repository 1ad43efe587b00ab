"""What a delivery costs without GraphQL: `python -m bench.realtime.floors plain|raw --port PORT`.

`plain` is a Starlette endpoint that sends the same text to each client with `send_text`; `raw`
writes one frame, made once, to each transport. Both shake hands as the clients expect.
"""

import argparse
import asyncio
import base64
import hashlib
import json
import re
import socket
from typing import Final, cast

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.realtime.frames import text_frame
from bench.realtime.event import next_message
from bench.realtime.ticker import Emit, keep_ticking

_ACKNOWLEDGEMENT: Final = '{"type":"connection_ack"}'
_KEY: Final = re.compile(rb"Sec-WebSocket-Key: (\S+)")
_BACKLOG: Final = 1_024
_MAGIC: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def _message(number: int) -> str:
    return json.dumps(next_message(number), separators=(",", ":"))


async def serve_plain(port: int) -> None:
    """Serve the Starlette endpoint: a task for each client, which sends what a queue gives it."""
    queues: set[asyncio.Queue[str]] = set()

    async def endpoint(client: WebSocket) -> None:
        await client.accept("graphql-transport-ws")
        await client.receive_text()
        await client.send_text(_ACKNOWLEDGEMENT)
        await client.receive_text()
        queue = asyncio.Queue[str]()
        queues.add(queue)
        try:
            while True:
                await client.send_text(await queue.get())
        except WebSocketDisconnect:
            queues.discard(queue)

    def emit(number: int) -> None:
        text = _message(number)
        for queue in queues:
            queue.put_nowait(text)

    app = Starlette(routes=[WebSocketRoute("/graphql", endpoint)])
    await serve(app, port, emit)


async def serve(app: Starlette, port: int, emit: Emit) -> None:
    """Serve an application as Nexus is served, without Nexus' own protocol class."""
    config = uvicorn.Config(
        app,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        log_level="critical",
    )
    listening = socket.create_server(("127.0.0.1", port), backlog=_BACKLOG)
    await asyncio.gather(uvicorn.Server(config).serve([listening]), keep_ticking(emit))


class _Raw(asyncio.Protocol):
    """A client of the raw server: the first bytes are its handshake, the next its init."""

    def __init__(self, transports: set[asyncio.Transport]) -> None:
        self._transports = transports
        self._heard = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, _: Exception | None) -> None:
        self._transports.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._heard += 1
        if key := _KEY.search(data):
            self._transport.write(_switch(key[1]))
        elif self._heard == 2:  # noqa: PLR2004 - the message after the handshake
            self._transport.write(text_frame(_ACKNOWLEDGEMENT.encode()))
        else:
            self._transports.add(self._transport)


def _switch(key: bytes) -> bytes:
    accept = base64.b64encode(hashlib.sha1(key + _MAGIC, usedforsecurity=False).digest())
    lines = [
        b"HTTP/1.1 101 Switching Protocols",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Sec-WebSocket-Protocol: graphql-transport-ws",
        b"Sec-WebSocket-Accept: " + accept,
        b"\r\n",
    ]
    return b"\r\n".join(lines)


async def serve_raw(port: int) -> None:
    """Serve the raw socket."""
    transports: set[asyncio.Transport] = set()

    def emit(number: int) -> None:
        frame = text_frame(_message(number).encode())
        for transport in transports:
            transport.write(frame)

    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: _Raw(transports), "127.0.0.1", port, backlog=_BACKLOG)
    await keep_ticking(emit)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m bench.realtime.floors", description=__doc__)
    parser.add_argument("which", choices=["plain", "raw"])
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    uvloop.run({"plain": serve_plain, "raw": serve_raw}[options.which](options.port))
