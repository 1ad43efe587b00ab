"""GraphQL over HTTP: `POST` with JSON or with files, `GET` for queries.

Source: GraphQL-over-HTTP draft: media types, status codes, and which requests a browser must ask
leave for before it sends them.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.caller import find_caller
from app.errors import coded
from app.execution import Executor
from app.http.body import BadRequest, read_body
from app.http.multipart import is_multipart, read_multipart
from app.realtime.operations import OperationError
from app.tokens import Tokens
from graph.viewer import Viewer

_JSON: Final = "application/json"
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
        media_type = _GRAPHQL_JSON if _GRAPHQL_JSON in request.headers.get("accept", "") else _JSON
        try:
            async with AsyncExitStack() as stack:
                payload = await self._payload(request, stack)
                result = await self._run(request, payload)
        except BadRequest as error:
            return _answer(_refusal(error), media_type, error.status, error.headers)
        except OperationError as error:
            status = 400 if media_type == _GRAPHQL_JSON else 200
            return _answer({"errors": error.errors}, media_type, status)
        return _answer(result, media_type, 200)

    def _wants_page(self, request: Request) -> bool:
        accept = request.headers.get("accept", "")
        return request.method == "GET" and "text/html" in accept and not request.query_params

    async def _payload(self, request: Request, stack: AsyncExitStack) -> Mapping[str, Any]:
        if request.method == "GET":
            return _from_query(request.query_params)
        if is_multipart(request):
            self._check_login(request)
            return _checked(
                await read_multipart(
                    request,
                    stack,
                    max_text_bytes=self._max_body_bytes,
                    max_file_bytes=self._max_upload_bytes,
                )
            )
        body = await read_body(request, self._max_body_bytes)
        return _checked(_parsed(body, "The body"))

    def _check_login(self, request: Request) -> None:
        """Refuse to read files of somebody who may not upload any."""
        caller = find_caller(request.headers.get("authorization"), self._tokens)
        if not isinstance(caller, Viewer):
            message = caller.message if caller else "Log in before you upload files."
            raise BadRequest(message, 401, {"www-authenticate": "Bearer"}, "UNAUTHENTICATED")

    async def _run(self, request: Request, payload: Mapping[str, Any]) -> dict[str, Any]:
        operation = self._executor.prepare(payload)
        if operation.is_subscription:
            raise BadRequest("Subscribe over WebSocket at this address.", 400)
        if request.method == "GET" and not operation.is_query:
            raise BadRequest("Send mutations with POST.", 405, {"allow": "POST"})
        caller = find_caller(request.headers.get("authorization"), self._tokens)
        return await self._executor.execute(operation, caller)


def _parsed(text: bytes | str, what: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"{what} is no JSON: {error}.") from error


def _from_query(parameters: Mapping[str, str]) -> Mapping[str, Any]:
    payload: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if name in payload:
            payload[name] = _parsed(payload[name], f"`{name}`")
    return _checked(payload)


def _checked(payload: Any) -> Mapping[str, Any]:
    if not isinstance(payload, dict):
        raise BadRequest("Send one JSON object with `query`, `variables` and `operationName`.")
    if not isinstance(payload.get("query"), str):
        raise BadRequest("`query` is missing or is no string.")
    for name, kind in (("variables", dict), ("extensions", dict), ("operationName", str)):
        if not isinstance(payload.get(name), kind | None):
            raise BadRequest(f"`{name}` is no {'object' if kind is dict else 'string'}.")
    return payload


def _refusal(error: BadRequest) -> dict[str, Any]:
    return {"errors": [coded(GraphQLError(error.message), error.code)]}


def _answer(
    content: dict[str, Any],
    media_type: str,
    status: int,
    headers: Mapping[str, str] | None = None,
) -> Response:
    content_type = f"{media_type}; charset=utf-8"
    return Response(
        orjson.dumps(content),
        status,
        {**(headers or {}), "content-type": content_type, "vary": "accept"},
    )
