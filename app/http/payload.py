"""What a request asks for, and how a refusal is answered.

Source: GraphQL-over-HTTP draft, sections on requests and responses.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response

from app.errors import coded
from app.http.body import BadRequest, read_body

JSON: Final = "application/json"


async def read_payload(request: Request, max_body_bytes: int) -> Mapping[str, Any]:
    """Read `query`, `variables`, `operationName` and `extensions` from an address or a JSON body.

    Raises:
        BadRequest: They are not there, or not what they should be.
    """
    if request.method == "GET":
        return _from_query(request.query_params)
    return checked(_parsed(await read_body(request, max_body_bytes), "The body"))


def checked(payload: Any) -> Mapping[str, Any]:
    """Give a payload whose parts have the right types.

    Raises:
        BadRequest: One has not.
    """
    if not isinstance(payload, dict):
        raise BadRequest("Send one JSON object with `query`, `variables` and `operationName`.")
    if not isinstance(payload.get("query"), str):
        raise BadRequest("`query` is missing or is no string.")
    for name, kind in (("variables", dict), ("extensions", dict), ("operationName", str)):
        if not isinstance(payload.get(name), kind | None):
            raise BadRequest(f"`{name}` is no {'object' if kind is dict else 'string'}.")
    return payload


def answer(
    content: dict[str, Any],
    media_type: str = JSON,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Give a GraphQL response."""
    content_type = f"{media_type}; charset=utf-8"
    return Response(
        orjson.dumps(content),
        status,
        {**(headers or {}), "content-type": content_type, "vary": "accept"},
    )


def refusal(error: BadRequest, media_type: str = JSON) -> Response:
    """Give the answer to a request that was refused."""
    content = {"errors": [coded(GraphQLError(error.message), error.code)]}
    return answer(content, media_type, error.status, error.headers)


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
    return checked(payload)
