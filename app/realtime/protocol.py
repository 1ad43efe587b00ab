"""uvicorn's protocols, taught to let go of clients, and to send at once what many get.

uvicorn closes a connection by waiting until the client has read what is on its way, which a
client that has stopped reading never does; and where a client says something that is no
WebSocket, uvicorn closes so fast that the client may not get to read why. `app.__main__` plugs
these in.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.protocol import State

from app.realtime.event_stream import STREAM_EXTENSION
from app.realtime.socket import ABORT_EXTENSION, ANSWER_EXTENSION, PUSH_EXTENSION

_LINGER_S: Final = 5.0
_DEAF_LINGER_S: Final = 0.5
_MOST_FRAGMENTS: Final = 1_024


class _LetsGo(asyncio.Protocol):
    """Drops a connection that does not end soon after its close."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _linger: asyncio.TimerHandle | None = None
    _is_lost = False

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note of the end."""
        self._is_lost = True
        if self._linger:
            self._linger.cancel()
        super().connection_lost(exc)

    def _let_go(self, after_s: float = _LINGER_S) -> None:
        if not self._linger and not self._is_lost:
            self._linger = self.loop.call_later(after_s, self.transport.abort)


class HttpProtocol(_LetsGo, HttpToolsProtocol):
    """Lets an answer last until the client leaves or the server stops, and drops on request."""

    _is_streaming = False

    def on_message_begin(self) -> None:
        """Begin a request, with a way to say that its answer is a stream."""
        super().on_message_begin()
        self.scope["extensions"] = {STREAM_EXTENSION: self._begin_stream}  # type: ignore[dict-item]

    def on_response_complete(self) -> None:
        """End an answer, and the connection if it was the last."""
        self._is_streaming = False
        super().on_response_complete()
        if self.transport.is_closing():
            self._let_go()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing more was asked."""
        super().timeout_keep_alive_handler()
        self._let_go()

    def shutdown(self) -> None:
        """Let an answer come to its end, but no stream, which has none."""
        if self._is_streaming:
            self.transport.close()
            self._let_go()
        else:
            super().shutdown()

    def _begin_stream(self) -> Callable[[], None]:
        self._is_streaming = True
        return self.transport.abort


class Line:
    """Where whole frames go past `websockets`, which would make for each what is made for many.

    Whether it is open is kept here, in slots: to ask all who know, for each frame to each client,
    costs more than to write it.

    Args:
        transport: Of the connection.
    """

    __slots__ = ("_transport", "is_open")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.is_open = False

    def push(self, frame: bytes) -> bool:
        """Send a whole frame at once; False where the client has to read first, or has left."""
        if not self.is_open:
            return False
        self._transport.write(frame)
        return True


class WebSocketProtocol(_LetsGo, WebSocketsSansIOProtocol):
    """Tells every client why it closes, bounds what it keeps for it, and drops on request."""

    _has_failed = False
    _answered_at = 0.0
    _line: Line

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self._line = Line(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._line.is_open = False
        super().connection_lost(exc)

    async def run_asgi(self) -> None:
        """Run the application, with ways to push frames and to drop the connection in its scope."""
        extensions = cast("dict[str, object]", self.scope["extensions"])
        extensions[ABORT_EXTENSION] = self._abort
        extensions[PUSH_EXTENSION] = self._line.push
        extensions[ANSWER_EXTENSION] = self.note_answer
        try:
            await super().run_asgi()
        finally:
            self._note_state()
        self._let_go()

    async def send(self, message: Any) -> None:
        """Send what the application says."""
        try:
            await super().send(message)
        finally:
            self._note_state()

    def shutdown(self) -> None:
        """Close because the server stops."""
        self.stop_keepalive()
        if self.conn.state is State.OPEN:
            self._fail(CloseCode.SERVICE_RESTART, "The server restarts")
        elif self.handshake_complete:
            self.transport.close()
        else:
            super().shutdown()
        self._note_state()
        self._let_go()

    def note_answer(self) -> None:
        """Take note that the client has answered, so that it reads what we send."""
        self._answered_at = self.loop.time()

    def send_keepalive_ping(self) -> None:
        """Ping a client that has answered nothing for the interval; others have shown they live."""
        rest_s = self._answered_at + (self.ping_interval or 0) - self.loop.time()
        if rest_s > 0:
            self.ping_timer = self.loop.call_later(rest_s, self.send_keepalive_ping)
        else:
            super().send_keepalive_ping()

    def keepalive_timeout(self) -> None:
        """Close a connection whose client answers no ping, and wait no longer for it.

        Reference clients take uvicorn's own 1011 for the end of all attempts, and a client that
        was asleep is to come again.
        """
        self.stop_keepalive()
        if self.conn.state is State.OPEN:
            self._let_go(_DEAF_LINGER_S)
            self._fail(CloseCode.TRY_AGAIN_LATER, "No pong came for a ping")

    def data_received(self, data: bytes) -> None:
        """Read on, but not after what was no WebSocket."""
        if not self._has_failed:
            try:
                super().data_received(data)
            finally:
                self._note_state()

    def eof_received(self) -> None:
        """Tell a client that stops sending without a word that this was not polite."""
        if self.conn.state is State.OPEN:
            self._fail(CloseCode.PROTOCOL_ERROR, "end of stream without a close frame")

    def handle_ping(self) -> None:
        """Answer a ping, and read no more of them than the client reads answers."""
        if self._has_failed:
            return
        super().handle_ping()
        if not self.writable.is_set() and not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def pause_writing(self) -> None:
        """Wait until the client has read."""
        super().pause_writing()
        self._note_state()

    def resume_writing(self) -> None:
        """Go on, now that the client has read."""
        super().resume_writing()
        self._note_state()
        if self.read_paused and self.queue.empty():
            self._resume_reading()

    def handle_cont(self, event: Frame) -> None:
        """Take a part of a message, but no endless number of empty ones."""
        if len(self.frames) < _MOST_FRAGMENTS:
            super().handle_cont(event)
        else:
            self._fail(CloseCode.MESSAGE_TOO_BIG, f"more than {_MOST_FRAGMENTS} fragments")

    def send_receive_event_to_app(self) -> None:
        """Hand a message on; one that is no UTF-8 closes the connection without a traceback."""
        if self.curr_msg_data_type == "text" and not _is_utf8(self.frames):
            self._fail(CloseCode.INVALID_DATA, "invalid UTF-8")
        else:
            super().send_receive_event_to_app()

    def handle_parser_exception(self) -> None:
        """Close, and read on for a while: closed with unread data, TCP takes our last word back.

        Source: RFC 6455 section 7.1.1.
        """
        self.frames = []
        if self._has_failed:
            return
        self._has_failed = True
        if self.conn.close_sent is None:
            self.transport.close()
            return
        if not self.close_sent:
            self.close_sent = True
            code, reason = self.conn.close_sent.code, self.conn.close_sent.reason
            self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
            self.close_timer = self.loop.call_later(self.close_timeout, self.transport.close)
        self.transport.write(b"".join(self.conn.data_to_send()))
        try:
            self.transport.write_eof()
        except (OSError, NotImplementedError):  # the client has reset it, or it is no TCP
            self.transport.close()
        else:
            self._resume_reading()
        self._let_go()

    def _fail(self, code: CloseCode, reason: str) -> None:
        self._line.is_open = False
        self.conn.fail(code, reason)
        self.handle_parser_exception()

    def _abort(self) -> None:
        self._line.is_open = False
        self.transport.abort()

    def _note_state(self) -> None:
        """Open or shut the line, after whatever may have changed that."""
        # After a reset the connection still counts as open here, and uvloop raises on a write.
        self._line.is_open = (
            self.conn.state is State.OPEN
            and self.writable.is_set()
            and not self._is_lost
            and not self.transport.is_closing()
        )

    def _resume_reading(self) -> None:
        self.read_paused = False
        self.transport.resume_reading()


def _is_utf8(frames: list[bytes]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True
