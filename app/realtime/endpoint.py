"""GraphQL over WebSocket as an ASGI application, for both protocols.

    operations: Operations = ...      # see app.realtime.operations
    authenticate: Authenticate = ...
    WebSocketRoute("/graphql", GraphQLSocket(operations, authenticate, allowed_origins=[...]))

Serve it with `app.realtime.protocol`, uvicorn's own class with a way to drop clients that do not
read.
"""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from app.realtime.closing import CloseCode, Closing, SocketEnd
from app.realtime.connection import Connection
from app.realtime.dialects import choose
from app.realtime.limits import SocketLimits
from app.realtime.operations import Authenticate, Operations
from app.realtime.origin import is_allowed, is_trusted
from app.realtime.socket import Socket


class GraphQLSocket:
    """The endpoint.

    Args:
        operations: What runs operations.
        authenticate: What tells who a client is; called once for each socket.
        allowed_origins: Web pages that may connect, beside those of the same host; `*` for all.
        limits: What each socket may take.
    """

    def __init__(
        self,
        operations: Operations,
        authenticate: Authenticate,
        *,
        allowed_origins: Collection[str] = (),
        limits: SocketLimits | None = None,
    ) -> None:
        self._operations = operations
        self._authenticate = authenticate
        self._allowed_origins = allowed_origins
        self._limits = limits or SocketLimits()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one client, from its handshake to its end."""
        headers = Headers(scope=scope)
        socket = Socket(scope, receive, send, send_timeout_s=self._limits.send_timeout_s)
        try:
            if is_trusted(headers, self._allowed_origins):
                await self._serve(socket, headers, scope["subprotocols"])
            elif is_allowed(headers, self._allowed_origins):
                await self._serve(socket, _without_cookies(headers), scope["subprotocols"])
            else:
                await socket.reject()
        except SocketEnd:
            pass

    async def _serve(self, socket: Socket, headers: Headers, offered: list[str]) -> None:
        dialect = choose(offered)
        # Strict clients take a handshake that names none of their subprotocols for broken and
        # report 1006; one that names theirs lets them see the close frame.
        await socket.accept(dialect.subprotocol if dialect else next(filter(None, offered), None))
        if dialect is None:
            reason = "Subprotocol not acceptable"
            await socket.close(Closing(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, reason))
            return
        connection = Connection(
            socket,
            dialect,
            headers=headers,
            operations=self._operations,
            authenticate=self._authenticate,
            limits=self._limits,
        )
        await connection.run()


def _without_cookies(headers: Headers) -> Headers:
    return Headers({name: value for name, value in headers.items() if name != "cookie"})
