"""The life of one connection, the same for both protocols.

One task reads frames, one keeps the session (waits for the init, logs in, closes when the login
ends), one gives signs of life, and each operation has its own. Whichever of the first three finds
that the socket has to end raises a `SocketEnd`; everything else is then ended and awaited. An
operation whose client is gone says nothing: the reader hears of it too.
"""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import AsyncExitStack, aclosing
from typing import Final

from starlette.datastructures import Headers

from app.errors import masked
from app.realtime import faults
from app.realtime.buffer import Push
from app.realtime.closing import ClientStalled, CloseCode, Closing, SocketEnd
from app.realtime.dialects import Dialect, pong
from app.realtime.limits import SocketLimits
from app.realtime.login import find_token
from app.realtime.messages import Init, Message, Ping, Pong, Start, Stop, Terminate, parse
from app.realtime.operations import (
    Authenticate,
    AuthenticationRefused,
    OperationError,
    Operations,
    Payload,
    SocketViewer,
)
from app.realtime.outlet import Outlet
from app.realtime.pusher import Pusher
from app.realtime.results import results_of
from app.realtime.running import RunningOperations
from app.realtime.seats import TooManySockets
from app.realtime.socket import Socket

_logger = logging.getLogger(__name__)
_FAREWELL_S: Final = 2.0


class Connection:
    """One client on an accepted socket.

    Args:
        socket: Where it speaks.
        dialect: How it speaks.
        headers: Of the handshake.
        operations: What runs its operations.
        authenticate: What tells who it is.
        limits: What it may take.
    """

    def __init__(
        self,
        socket: Socket,
        dialect: Dialect,
        *,
        headers: Headers,
        operations: Operations,
        authenticate: Authenticate,
        limits: SocketLimits,
    ) -> None:
        self._socket = socket
        self._dialect = dialect
        self._headers = headers
        self._operations = operations
        self._authenticate = authenticate
        self._limits = limits
        self._tasks = asyncio.TaskGroup()
        self._running = RunningOperations()
        self._outlets: dict[str, Outlet] = {}
        self._init: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._login: asyncio.Future[SocketViewer] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Serve the client until one side ends it; leave nothing behind."""
        try:
            async with self._running, self._tasks:
                self._tasks.create_task(self._keep_session())
                await self._read()
        except* Closing as ends:
            await self._close(next(end for end in ends.exceptions if isinstance(end, Closing)))
        except* ClientStalled:
            self._socket.abort()
        except* SocketEnd:
            pass
        except* Exception:
            _logger.exception("A socket failed.")
            await self._close(Closing(CloseCode.INTERNAL_ERROR, "Internal error"))

    async def _close(self, closing: Closing) -> None:
        try:
            async with asyncio.timeout(_FAREWELL_S):
                if closing.code is not CloseCode.NORMAL:
                    await self._send_all(self._dialect.refusal(closing.reason))
                await self._socket.close(closing)
        except (ClientStalled, TimeoutError):
            self._socket.abort()
        except SocketEnd:
            pass

    async def _send_all(self, frames: Iterable[str]) -> None:
        for frame in frames:
            await self._socket.send(frame)

    async def _keep_session(self) -> None:
        payload = await self._initialised()
        async with AsyncExitStack() as stack:
            login = await self._log_in(payload, stack)
            self._login.set_result(login)
            await self._send_all(self._dialect.welcome())
            self._tasks.create_task(self._keep_alive())
            reason = await login.ended()
        raise Closing(CloseCode.FORBIDDEN, reason)

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._limits.keep_alive_s)
            await self._socket.send(self._dialect.keep_alive(self._cursors()))

    def _cursors(self) -> dict[str, str]:
        """Give the `eventId` up to which each subscription has been told all, by operation id."""
        outlets = self._outlets.items()
        return {id_: outlet.cursor() for id_, outlet in outlets if outlet.cursor}

    async def _initialised(self) -> Payload:
        try:
            async with asyncio.timeout(self._limits.init_timeout_s):
                return await self._init
        except TimeoutError:
            reason = "Connection initialisation timeout"
            raise Closing(CloseCode.CONNECTION_INIT_TIMEOUT, reason) from None

    async def _log_in(self, payload: Payload, stack: AsyncExitStack) -> SocketViewer:
        try:
            token = find_token(payload, self._headers)
            return await stack.enter_async_context(self._authenticate(token))
        except AuthenticationRefused as refusal:
            raise Closing(CloseCode.FORBIDDEN, str(refusal)) from refusal
        except TooManySockets as refusal:
            # Clients try this one again after a while, and never give the user's other sockets up.
            raise Closing(CloseCode.TRY_AGAIN_LATER, str(refusal)) from refusal
        except Exception as error:
            _logger.exception("A client could not be authenticated.")
            raise Closing(CloseCode.TRY_AGAIN_LATER, "Try again later") from error

    async def _read(self) -> None:
        while True:
            message = parse(await self._socket.receive(), self._dialect.vocabulary)
            await self._heed(message)

    async def _heed(self, message: Message) -> None:
        match message:
            case Init(payload):
                self._initialise(payload)
            case Start():
                await self._start(message)
            case Stop(id_):
                if self._running.stop(id_):
                    await self._send_all(self._dialect.stopped(id_))
            case Ping(payload):
                await self._socket.send(pong(payload))
            case Pong():
                self._socket.note_answer()
            case Terminate():
                raise Closing(CloseCode.NORMAL, "")

    def _initialise(self, payload: Payload) -> None:
        if self._init.done():
            reason = "Too many initialisation requests"
            raise Closing(CloseCode.TOO_MANY_INIT_REQUESTS, reason)
        self._init.set_result(payload)

    async def _start(self, start: Start) -> None:
        may_queue = self._dialect.queues_until_ack and self._init.done()
        if not self._login.done() and not may_queue:
            raise Closing(CloseCode.UNAUTHORIZED, "Unauthorized")
        if start.id in self._running:
            if not self._dialect.replaces_running:
                reason = f"Subscriber for {start.id} already exists"
                raise Closing(CloseCode.SUBSCRIBER_ALREADY_EXISTS, reason)
            self._running.stop(start.id)
        if len(self._running) < self._limits.operation_count:
            self._running.start(start.id, self._operate(start))
        else:
            error = faults.too_many_operations(self._limits.operation_count)
            await self._socket.send(self._dialect.error(start.id, [error]))

    async def _operate(self, start: Start) -> None:
        try:
            last_frame = await self._answer(start)
            # From here on the id is free: the client may use it again on seeing the last frame.
            self._running.release(start.id)
            await self._socket.send(last_frame)
        except ClientStalled:
            self._socket.abort()
        except SocketEnd:
            pass

    async def _answer(self, start: Start) -> str:
        """Send the results of an operation; give the frame that ends it."""
        try:
            login = await asyncio.shield(self._login)
            await self._send_results(start, login)
        except OperationError as error:
            return self._dialect.error(start.id, error.errors)
        except SocketEnd:
            raise
        except Exception as error:  # noqa: BLE001 - logged, and the client is told where
            return self._dialect.error(start.id, [masked(error)])
        return self._dialect.complete(start.id)

    async def _send_results(self, start: Start, login: SocketViewer) -> None:
        outlet = self._outlets[start.id] = Outlet(self._pusher(start.id))
        results = results_of(self._operations, start.payload, login.viewer, outlet)
        try:
            async with aclosing(results):
                async for result in results:
                    await self._socket.send(self._dialect.next(start.id, result))
        finally:
            if self._outlets.get(start.id) is outlet:
                del self._outlets[start.id]

    def _pusher(self, id_: str) -> Push | None:
        """Make what sends results of the operation that calls this past its task."""
        push_frame, operation = self._socket.push, asyncio.current_task()
        if push_frame is None or operation is None:
            return None
        return Pusher(push_frame, operation, self._dialect.next_head(id_))
