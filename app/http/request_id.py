"""Each request has an id, which its answer names and what it does carries on.

    GET /graphql
    x-request-id: 7f3c0a52

A client or a proxy may give one; else one is made. What a socket asks for has the id of its
handshake.
"""

import re
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graph.events import REQUEST_ID

HEADER: Final = "x-request-id"
_SERVED: Final = ("http", "websocket")
_HEADS: Final = ("http.response.start", "websocket.accept")
_WELL_FORMED: Final = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")


class RequestIds:
    """Middleware that knows which request is being served.

    Args:
        app: What serves it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request under its id."""
        if scope["type"] not in _SERVED:
            await self._app(scope, receive, send)
            return
        request_id = _given(scope) or uuid4().hex
        token = REQUEST_ID.set(request_id)
        try:
            await self._app(scope, receive, _named(send, request_id))
        finally:
            REQUEST_ID.reset(token)


def _named(send: Send, request_id: str) -> Send:
    """Give what sends an answer with the id."""

    async def send_named(message: Message) -> None:
        if message["type"] in _HEADS:
            message.setdefault("headers", [])
            MutableHeaders(scope=message)[HEADER] = request_id
        await send(message)

    return send_named


def _given(scope: Scope) -> str | None:
    """Give the id that came with a request; one of another form is none."""
    given = Headers(scope=scope).get(HEADER, "")
    return given if _WELL_FORMED.fullmatch(given) else None
