"""A line between a client and the API, which can be lost."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class Line:
    """Passes on what both sides say, on a port of its own.

    Args:
        port: Of the API.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: set[asyncio.StreamWriter] = set()
        self._is_dead = False
        self._lost = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._server.close()
        self._abort()
        await self._server.wait_closed()

    def die(self) -> None:
        """Lose what the API says from now on."""
        self._is_dead = True
        self._lost.clear()

    async def lost(self) -> None:
        """Wait until something is lost."""
        await self._lost.wait()

    def cut(self) -> None:
        """Drop all connections; new ones are good."""
        self._abort()
        self._is_dead = False

    def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        ends = {writer, far_writer}
        self._writers |= ends
        try:
            await asyncio.gather(
                self._pass(reader, far_writer), self._pass(far_reader, writer, is_api=True)
            )
        finally:
            self._writers -= ends

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_api: bool = False
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                if is_api and self._is_dead:
                    self._lost.set()
                else:
                    writer.write(data)
                    await writer.drain()
        writer.close()
