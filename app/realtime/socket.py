"""A WebSocket as ASGI gives it, with its ends told as exceptions."""

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.types import Message, Receive, Scope, Send

from app.realtime.closing import ClientGone, ClientStalled, Closing, fit_reason
from app.realtime.frames import text_frame

ABORT_EXTENSION: Final = "nexus.websocket.abort"
"""Key in the scope's extensions of a function that drops the connection; see `protocol`."""
PUSH_EXTENSION: Final = "nexus.websocket.push"
"""Key in the scope's extensions of a function that sends a whole frame; see `protocol`."""
ANSWER_EXTENSION: Final = "nexus.websocket.answer"
"""Key in the scope's extensions of a function that notes that the client reads; see `protocol`."""

PushFrame = Callable[[bytes], bool]


class Socket:
    """One WebSocket, from its handshake on.

    Args:
        send_timeout_s: How long a frame may wait for the client to read.
    """

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, *, send_timeout_s: float
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._send_timeout_s = send_timeout_s
        self.push: PushFrame | None = scope.get("extensions", {}).get(PUSH_EXTENSION)
        """Sends a whole frame at once, if it can, and tells whether it did; None without a way."""

    async def accept(self, subprotocol: str | None) -> None:
        """Accept the handshake."""
        await self.receive()
        await self._pass({"type": "websocket.accept", "subprotocol": subprotocol, "headers": []})

    async def reject(self) -> None:
        """Answer the handshake with 403."""
        await self.receive()
        await self._pass({"type": "websocket.close"})

    async def receive(self) -> str | None:
        """Wait for a frame; give its text, None for a binary one.

        Raises:
            ClientGone: There will be no more.
        """
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            raise ClientGone
        text: str | None = message.get("text")
        return text

    async def send(self, text: str) -> None:
        """Send a text frame.

        Raises:
            ClientGone: Nobody is there to read it.
            ClientStalled: Nobody reads.
        """
        if not (self.push and self.push(text_frame(text.encode()))):
            await self._pass({"type": "websocket.send", "text": text})

    async def close(self, closing: Closing) -> None:
        """Send a close frame; raises as `send` does."""
        reason = fit_reason(closing.reason)
        await self._pass({"type": "websocket.close", "code": int(closing.code), "reason": reason})

    def abort(self) -> None:
        """Drop the connection with all that waits to be sent, where the server lets us."""
        self._ask(ABORT_EXTENSION)

    def note_answer(self) -> None:
        """Tell the server that the client has answered, so that it need not ask by itself."""
        self._ask(ANSWER_EXTENSION)

    def _ask(self, extension: str) -> None:
        function = self._scope.get("extensions", {}).get(extension)
        if function:
            function()

    async def _pass(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._send_timeout_s):
                await self._send(message)
        except TimeoutError as error:
            raise ClientStalled from error
        # uvicorn raises RuntimeError where it closed by itself (a frame too long, no pong) and
        # the word of that still waits in `receive`.
        except (OSError, RuntimeError) as error:
            raise ClientGone from error
