"""WebSocket by hand: a client that can say what no client should."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final, Self
from urllib.parse import urlsplit

import orjson

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
_SHORT: Final = 126
_MASK: Final = bytes.fromhex("37fa213d")
_PATIENCE_S: Final = 20


def frame(
    opcode: int,
    payload: bytes = b"",
    *,
    fin: bool = True,
    reserved: int = 0,
    masked: bool = True,
    length: int | None = None,
) -> bytes:
    """Give a frame, well-formed or not.

    Source: RFC 6455 section 5.2.
    """
    size = len(payload) if length is None else length
    bit = 0x80 if masked else 0
    head = bytes([(0x80 if fin else 0) | reserved << 4 | opcode])
    if size < _SHORT:
        head += bytes([bit | size])
    elif size < 2**16:
        head += struct.pack("!BH", bit | 126, size)
    else:
        head += struct.pack("!BQ", bit | 127, size)
    if not masked:
        return head + payload
    return head + _MASK + bytes(byte ^ _MASK[i % 4] for i, byte in enumerate(payload))


def text(message: Any) -> bytes:
    """Give a frame of text; what is neither text nor bytes is JSON."""
    if isinstance(message, str):
        message = message.encode()
    return frame(TEXT, message if isinstance(message, bytes) else orjson.dumps(message))


def abort(writer: asyncio.StreamWriter) -> None:
    """Vanish: the other side gets RST."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.has_ended = False

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """Connect; the end is rude, whatever came before it."""
        address = urlsplit(url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            yield cls(reader, writer)
        finally:
            abort(writer)

    async def shake_hands(self, protocol: str | bytes | None, **headers: str) -> bytes:
        """Ask for the upgrade; give the answer's head."""
        lines = [
            b"GET /graphql HTTP/1.1",
            b"host: nexus",
            b"connection: upgrade",
            b"upgrade: websocket",
            b"sec-websocket-version: 13",
            b"sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
            *(f"{name}: {value}".encode() for name, value in headers.items()),
        ]
        if protocol is not None:
            name = protocol.encode() if isinstance(protocol, str) else protocol
            lines.append(b"sec-websocket-protocol: " + name)
        return await self.ask(b"\r\n".join([*lines, b"", b""]))

    async def ask(self, request: bytes) -> bytes:
        """Send a request; give the answer's head."""
        self.writer.write(request)
        async with asyncio.timeout(_PATIENCE_S):
            return await self.reader.readuntil(b"\r\n\r\n")

    async def send(self, *frames: bytes) -> None:
        for each in frames:
            self.writer.write(each)
        await self.writer.drain()

    def end(self) -> None:
        """Send no more, but go on listening."""
        self.has_ended = True
        self.writer.write_eof()

    async def receive(self) -> tuple[int, bytes] | None:
        """Give the opcode and payload of a frame; None at the end of the stream.

        Raises:
            ConnectionResetError: The end came as RST.
        """
        async with asyncio.timeout(_PATIENCE_S):
            try:
                first, second = await self.reader.readexactly(2)
                size = second
                if second == 126:
                    (size,) = struct.unpack("!H", await self.reader.readexactly(2))
                elif second == 127:
                    (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
                return first & 0x0F, await self.reader.readexactly(size)
            except asyncio.IncompleteReadError:
                return None

    async def closed(self) -> tuple[int | None, list[Any]]:
        """Wait for the end, and answer it politely.

        Returns:
            The close code, None for none, and the messages before it.
        """
        said = []
        while (received := await self.receive()) is not None:
            opcode, payload = received
            if opcode == TEXT:
                said.append(orjson.loads(payload))
            elif opcode == CLOSE:
                if not self.has_ended:
                    self.writer.write(frame(CLOSE, payload))
                return (struct.unpack("!H", payload[:2])[0] if payload else 1005), said
        return None, said
