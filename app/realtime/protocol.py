"""uvicorn's WebSocket protocol, taught to let go of clients.

uvicorn closes a connection by waiting until the client has read what is on its way, which a
client that has stopped reading never does. `app.__main__` plugs this in.
"""

import asyncio
from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from app.realtime.socket import ABORT_EXTENSION

_LINGER_S: Final = 5.0


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Drops a connection on request, and one that does not end within seconds of its close."""

    _linger: asyncio.TimerHandle | None = None

    async def run_asgi(self) -> None:
        """Run the application, with a way to drop the connection in its scope."""
        self.scope["extensions"][ABORT_EXTENSION] = self.transport.abort  # type: ignore[assignment]
        await super().run_asgi()
        self._let_go()

    def keepalive_timeout(self) -> None:
        """Close a connection whose client answers no ping."""
        super().keepalive_timeout()
        self._let_go()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of the end."""
        if self._linger:
            self._linger.cancel()
        super().connection_lost(exc)

    def send_receive_event_to_app(self) -> None:
        """Hand a message on; one that is no UTF-8 closes the connection without a traceback."""
        if self.curr_msg_data_type == "text" and not _is_utf8(self.frames):
            self.conn.fail(1007, "invalid UTF-8")
            self.handle_parser_exception()
        else:
            super().send_receive_event_to_app()

    def _let_go(self) -> None:
        if not self._linger and not self.disconnected:
            self._linger = self.loop.call_later(_LINGER_S, self.transport.abort)


def _is_utf8(frames: list[bytes]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True
