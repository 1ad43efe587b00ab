"""GraphQL over HTTP: `POST` with JSON or with files, `GET` for queries.

Source: GraphQL-over-HTTP draft: media types, status codes, and which requests a browser must ask
leave for before it sends them.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.caller import find_caller
from app.execution import Executor
from app.http.body import BadRequest
from app.http.multipart import is_multipart, read_multipart
from app.http.payload import JSON, answer, checked, read_payload, refusal
from app.realtime.operations import OperationError
from app.tokens import Tokens
from graph.viewer import Viewer

_GRAPHQL_JSON: Final = "application/graphql-response+json"


class GraphQLEndpoint:
    """Serves operations over HTTP.

    Args:
        executor: Runs them.
        tokens: Reads who asks.
        max_body_bytes: Larger requests are refused.
        max_upload_bytes: How much the files of a request may hold beside that.
        explorer_url: Where a browser that asks for a page is sent; None for nowhere.
    """

    def __init__(
        self,
        executor: Executor,
        tokens: Tokens,
        *,
        max_body_bytes: int,
        max_upload_bytes: int,
        explorer_url: str | None = None,
    ) -> None:
        self._executor = executor
        self._tokens = tokens
        self._max_body_bytes = max_body_bytes
        self._max_upload_bytes = max_upload_bytes
        self._explorer_url = explorer_url

    async def handle(self, request: Request) -> Response:
        """Answer one request."""
        if self._wants_page(request) and self._explorer_url:
            return RedirectResponse(self._explorer_url)
        media_type = _GRAPHQL_JSON if _GRAPHQL_JSON in request.headers.get("accept", "") else JSON
        try:
            async with AsyncExitStack() as stack:
                payload = await self._payload(request, stack)
                result = await self._run(request, payload)
        except BadRequest as error:
            return refusal(error, media_type)
        except OperationError as error:
            status = 400 if media_type == _GRAPHQL_JSON else 200
            return answer({"errors": error.errors}, media_type, status)
        return answer(result, media_type)

    def _wants_page(self, request: Request) -> bool:
        accept = request.headers.get("accept", "")
        return request.method == "GET" and "text/html" in accept and not request.query_params

    async def _payload(self, request: Request, stack: AsyncExitStack) -> Mapping[str, Any]:
        if request.method == "POST" and is_multipart(request):
            self._check_login(request)
            return checked(
                await read_multipart(
                    request,
                    stack,
                    max_text_bytes=self._max_body_bytes,
                    max_file_bytes=self._max_upload_bytes,
                )
            )
        return await read_payload(request, self._max_body_bytes)

    def _check_login(self, request: Request) -> None:
        """Refuse to read files of somebody who may not upload any."""
        caller = find_caller(request.headers.get("authorization"), self._tokens)
        if not isinstance(caller, Viewer):
            message = caller.message if caller else "Log in before you upload files."
            raise BadRequest(message, 401, {"www-authenticate": "Bearer"}, "UNAUTHENTICATED")

    async def _run(self, request: Request, payload: Mapping[str, Any]) -> dict[str, Any]:
        operation = self._executor.prepare(payload)
        if operation.is_subscription:
            raise BadRequest("Subscribe over WebSocket here, or at `/graphql/stream`.", 400)
        if request.method == "GET" and not operation.is_query:
            raise BadRequest("Send mutations with POST.", 405, {"allow": "POST"})
        caller = find_caller(request.headers.get("authorization"), self._tokens)
        return await self._executor.execute(operation, caller)
