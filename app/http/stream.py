"""GraphQL over server-sent events, for clients behind proxies that cut WebSockets.

An operation that is refused is told as an event, since an `EventSource` shows its page nothing of
an answer that is no stream; a request that is none of the protocol's gets JSON and a status.

Source: enisdenjo/graphql-sse, PROTOCOL.md, distinct connections mode.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from app.http.body import BadRequest
from app.http.payload import read_payload, refusal
from app.realtime.event_stream import EventStream
from app.realtime.limits import SocketLimits
from app.realtime.operations import OperationError, Operations, SocketViewer
from app.realtime.origin import is_allowed
from app.realtime.results import results_of
from app.realtime.seats import TooManySockets

_ACCEPTED: Final = {"text/event-stream", "text/*", "*/*"}
_RETRY_AFTER_S: Final = 5
LogIn = Callable[[str | None], AbstractAsyncContextManager[SocketViewer]]
"""Tells who sends an `Authorization` header, for as long as the context lasts."""


class StreamEndpoint:
    """Serves one operation a request, whatever its kind.

    Args:
        operations: What runs operations.
        log_in: What tells who asks.
        allowed_origins: Web pages that may listen, beside those of the same host; `*` for all.
        limits: What each stream may take.
        max_body_bytes: Larger requests are refused.
    """

    def __init__(
        self,
        operations: Operations,
        log_in: LogIn,
        *,
        allowed_origins: Collection[str] = (),
        limits: SocketLimits | None = None,
        max_body_bytes: int = 1_048_576,
    ) -> None:
        self._operations = operations
        self._log_in = log_in
        self._allowed_origins = allowed_origins
        self._limits = limits or SocketLimits()
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request to its end."""
        request = Request(scope, receive)
        try:
            self._check(request)
            payload = await read_payload(request, self._max_body_bytes)
            if request.method == "GET":
                self._check_reads(payload)
            async with self._log_in(request.headers.get("authorization")) as login:
                results = results_of(self._operations, payload, login.viewer)
                await EventStream(scope, receive, send, self._limits).run(results, login)
        except BadRequest as error:
            await refusal(error)(scope, receive, send)
        except TooManySockets as error:
            headers = {"retry-after": str(_RETRY_AFTER_S)}
            refused = BadRequest(f"{error}.", 429, headers, "RATE_LIMITED")
            await refusal(refused)(scope, receive, send)

    def _check(self, request: Request) -> None:
        if request.method not in ("GET", "POST"):
            raise BadRequest("Send GET or POST.", 405, {"allow": "GET, POST"})
        if not is_allowed(request.headers, self._allowed_origins):
            raise BadRequest("Pages of this origin may not listen.", 403, code="FORBIDDEN")
        if not _accepts_events(",".join(request.headers.getlist("accept"))):
            message = "Accept `text/event-stream` here; `/graphql` answers with JSON."
            raise BadRequest(message, 406)

    def _check_reads(self, payload: Mapping[str, Any]) -> None:
        """Refuse a mutation, which anybody's link could send; other refusals are told as events."""
        try:
            prepared = self._operations.prepare(payload)
        except OperationError:
            return
        if not (prepared.is_subscription or prepared.is_query):
            raise BadRequest("Send mutations with POST.", 405, {"allow": "POST"})


def _accepts_events(accept: str) -> bool:
    ranges = [
        each.replace(" ", "").lower().split(";") for each in accept.split(",") if each.strip()
    ]
    accepted = [each for each in ranges if each[0] in _ACCEPTED]
    return not ranges or any(not _is_refused(parameters) for _, *parameters in accepted)


def _is_refused(parameters: list[str]) -> bool:
    return any(each.startswith("q=0") and not each.strip("q=0.") for each in parameters)
