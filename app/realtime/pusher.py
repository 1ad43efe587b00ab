"""The short way of what many are told: from a channel's reader to the wire of one operation."""

import asyncio
from typing import Any

from app.realtime.edition import Told
from app.realtime.frames import text_frame
from app.realtime.socket import PushFrame


class Pusher:
    """Sends what an operation is told past its task, with its id spliced in.

    It is told of nothing once its stream is closed: whoever hands out events knows of it no more.

    A delivery comes by here once for each subscriber, and most of what it costs is to fetch each
    object that it touches from memory: so this is one object with slots, and no closure.

    Args:
        push_frame: Sends a whole frame at once, if it can.
        operation: The task of the operation.
        head: What comes before a response, as `Dialect.next_head` gives it.
    """

    __slots__ = ("_head", "_operation", "_push_frame")

    def __init__(self, push_frame: PushFrame, operation: asyncio.Task[Any], head: bytes) -> None:
        self._push_frame = push_frame
        self._operation = operation
        self._head = head

    def __call__(self, told: Told) -> bool:
        """Send it; False where the client has to read first, and nothing was sent."""
        if self._operation.cancelling():
            return True  # it is stopped, and its id may be another's by now
        return self._push_frame(text_frame(told.payload, self._head, b"}"))
