"""The results of one operation as server-sent events.

Source: enisdenjo/graphql-sse, PROTOCOL.md, distinct connections mode; WHATWG HTML, section 9.2.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Final

import orjson
from starlette.types import Receive, Scope, Send

from app.errors import masked
from app.realtime import faults
from app.realtime.closing import ClientGone, ClientStalled, CloseCode, Closing, SocketEnd
from app.realtime.limits import SocketLimits
from app.realtime.operations import OperationError, Result, SocketViewer

STREAM_EXTENSION: Final = "nexus.http.stream"
"""Key in the scope's extensions of a function that says that the answer has no end of its own,
and gives one that drops the connection; see `protocol`."""

_FAREWELL_S: Final = 2.0
_COMMENT: Final = b":\n\n"
# Without a line of data a browser's EventSource would keep the event to itself.
_COMPLETE: Final = b"event: complete\ndata:\n\n"
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """One answer that lasts as long as its operation, its client and its login do.

    Args:
        limits: What it may take.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: SocketLimits) -> None:
        begin = scope.get("extensions", {}).get(STREAM_EXTENSION)
        self._abort: Callable[[], None] | None = begin() if begin else None
        self._receive = receive
        self._send = send
        self._limits = limits

    async def run(self, results: AsyncGenerator[Result, None], login: SocketViewer) -> None:
        """Tell all results until one of the three ends; leave nothing behind."""
        try:
            await self._begin()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._notice_leaving())
                tasks.create_task(self._notice_end(login))
                tasks.create_task(self._keep_alive())
                tasks.create_task(self._tell_all(results))
        except* Closing as ends:
            await self._end(next(end for end in ends.exceptions if isinstance(end, Closing)))
        except* ClientStalled:
            await self._drop()
        except* SocketEnd:
            pass

    async def _begin(self) -> None:
        await self._pass({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._write(_COMMENT)  # some browsers wait for more than headers

    async def _notice_leaving(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        raise ClientGone

    async def _notice_end(self, login: SocketViewer) -> None:
        raise Closing(CloseCode.FORBIDDEN, await login.ended())

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._limits.keep_alive_s)
            await self._write(_COMMENT)

    async def _tell_all(self, results: AsyncGenerator[Result, None]) -> None:
        try:
            async with aclosing(results):
                async for result in results:
                    await self._tell(result)
        except OperationError as error:
            await self._tell({"errors": error.errors})
        except SocketEnd:
            raise
        except Exception as error:  # noqa: BLE001 - logged, and the client is told where
            await self._tell({"errors": [masked(error)]})
        raise Closing(CloseCode.NORMAL, "")

    async def _tell(self, result: Result) -> None:
        await self._write(b"event: next\ndata: %b\n\n" % orjson.dumps(result))

    async def _end(self, closing: Closing) -> None:
        try:
            async with asyncio.timeout(_FAREWELL_S):
                if closing.code is not CloseCode.NORMAL:
                    await self._tell({"errors": [faults.login_ended(closing.reason)]})
                await self._write(_COMPLETE)
                await self._write(b"", is_last=True)
        except (ClientStalled, TimeoutError):
            await self._drop()
        except SocketEnd:
            pass

    async def _drop(self) -> None:
        if self._abort:
            self._abort()
            await self._receive()

    async def _write(self, body: bytes, *, is_last: bool = False) -> None:
        await self._pass({"type": "http.response.body", "body": body, "more_body": not is_last})

    async def _pass(self, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(self._limits.send_timeout_s):
                await self._send(message)
        except TimeoutError as error:
            raise ClientStalled from error
        except OSError as error:
            raise ClientGone from error
