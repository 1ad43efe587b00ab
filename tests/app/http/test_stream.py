"""Requests to `/graphql/stream`: which are answered by events, and which by JSON and a status."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest

from app.http.stream import StreamEndpoint
from tests.app.realtime.chat import ChatOperations, Doorkeeper

pytestmark = pytest.mark.unit

EVENTS = {"accept": "text/event-stream"}
HELLO = {"query": "{ hello }"}
ADD = {"query": "mutation ($n: Int!) { add(n: $n) }", "variables": {"n": 2}}
COMPLETE = {"event": "complete", "data": ""}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    endpoint = StreamEndpoint(
        ChatOperations(),
        Doorkeeper().by_header,
        allowed_origins=["https://friend.example"],
        max_body_bytes=1_000,
    )
    transport = httpx.ASGITransport(endpoint)
    async with httpx.AsyncClient(transport=transport, base_url="http://nexus") as http:
        yield http


def events(text: str) -> list[dict[str, str]]:
    """Read a stream as a browser does, comments left out."""
    assert text.endswith("\n\n")
    blocks = [block.splitlines() for block in text[:-2].split("\n\n")]
    fields = [[line.partition(":") for line in block] for block in blocks]
    assert fields[0] == [("", ":", "")]
    return [{n: v.removeprefix(" ") for n, _, v in block if n} for block in fields if block[0][0]]


def nexts(text: str) -> list[Any]:
    *told, last = events(text)
    assert last == COMPLETE
    assert {each["event"] for each in told} == {"next"}
    return [orjson.loads(each["data"]) for each in told]


@pytest.mark.parametrize(
    ("payload", "results"),
    [
        (HELLO, [{"data": {"hello": "world"}}]),
        (ADD, [{"data": {"add": 2}}]),
        ({"query": "subscription { count(to: 2) }"}, [{"data": {"count": n}} for n in range(2)]),
        (
            {"query": "query A { hello } query B { whoami }", "operationName": "B"},
            [{"data": {"whoami": None}}],
        ),
    ],
)
async def test_queries_mutations_and_subscriptions_run(
    http: httpx.AsyncClient, payload: Any, results: list[Any]
) -> None:
    response = await http.post("/graphql/stream", json=payload, headers=EVENTS)
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["x-accel-buffering"] == "no"
    assert nexts(response.text) == results


async def test_queries_and_subscriptions_may_be_in_the_address(http: httpx.AsyncClient) -> None:
    for query, count in ((HELLO["query"], 1), ("subscription { count(to: 2) }", 2)):
        response = await http.get("/graphql/stream", params={"query": query}, headers=EVENTS)
        assert len(nexts(response.text)) == count
    parameters = {"query": "query ($n: Int) { __typename @skip(if: false) }", "variables": "[]"}
    refused = await http.get("/graphql/stream", params=parameters, headers=EVENTS)
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"query": "{"}, "Syntax Error"),
        ({"query": "{ unknown }"}, "Cannot query field"),
        ({**HELLO, "operationName": "Unknown"}, "Unknown operation"),
        ({"query": "subscription { forbidden }"}, "Not yours"),
        ({"query": "subscription { broken }"}, "Something went wrong"),
    ],
)
async def test_what_is_wrong_with_an_operation_is_told_as_an_event(
    http: httpx.AsyncClient, payload: Any, message: str
) -> None:
    for response in (
        await http.post("/graphql/stream", json=payload, headers=EVENTS),
        await http.get("/graphql/stream", params=payload, headers=EVENTS),
    ):
        assert response.status_code == 200
        (result,) = nexts(response.text)
        assert message in result["errors"][0]["message"]
        assert "a bug of ours" not in response.text


@pytest.mark.parametrize(
    ("method", "request_", "status", "headers"),
    [
        ("PUT", {"json": HELLO}, 405, {"allow": "GET, POST"}),
        ("DELETE", {}, 405, {"allow": "GET, POST"}),
        ("GET", {"params": {"query": "mutation { add(n: 1) }"}}, 405, {"allow": "POST"}),
        ("GET", {}, 400, {}),
        ("GET", {"params": {**HELLO, "variables": "{"}}, 400, {}),
        ("POST", {"content": b"{", "type": "application/json"}, 400, {}),
        ("POST", {"json": []}, 400, {}),
        ("POST", {"json": {}}, 400, {}),
        ("POST", {"json": {**HELLO, "variables": []}}, 400, {}),
        ("POST", {"json": {**HELLO, "extensions": 1}}, 400, {}),
        ("POST", {"json": {"query": "x" * 2_000}}, 413, {}),
        ("POST", {"content": b"{}", "type": "text/plain"}, 415, {}),
        ("POST", {"data": HELLO}, 415, {}),
        ("POST", {"json": HELLO, "accept": "application/json"}, 406, {}),
        ("POST", {"json": HELLO, "accept": "text/event-stream;q=0"}, 406, {}),
        ("POST", {"json": HELLO, "origin": "https://stranger.example"}, 403, {}),
        ("GET", {"params": HELLO, "origin": "null"}, 403, {}),
    ],
)
async def test_what_is_none_of_the_protocols_requests_is_refused_in_json(
    http: httpx.AsyncClient, method: str, request_: Any, status: int, headers: dict[str, str]
) -> None:
    sent = dict(request_)
    names = {"type": "content-type", "accept": "accept", "origin": "origin"}
    extra = {name: sent.pop(key) for key, name in names.items() if key in sent}
    response = await http.request(method, "/graphql/stream", headers=EVENTS | extra, **sent)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert headers.items() <= response.headers.items()
    assert response.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "extra",
    [
        {"accept": "text/event-stream"},
        {"accept": "application/json;q=0.5, Text/Event-Stream; q=0.1"},
        {"accept": "*/*"},
        {"accept": ""},
        {"origin": "https://friend.example"},
        {"origin": "http://nexus"},
    ],
)
async def test_who_may_listen_and_can_is_answered(
    http: httpx.AsyncClient, extra: dict[str, str]
) -> None:
    response = await http.post("/graphql/stream", json=HELLO, headers=EVENTS | extra)
    assert nexts(response.text) == [{"data": {"hello": "world"}}]


async def test_the_token_is_that_of_the_header(http: httpx.AsyncClient) -> None:
    headers = {**EVENTS, "authorization": "Bearer ann"}
    response = await http.post("/graphql/stream", json={"query": "{ whoami }"}, headers=headers)
    assert nexts(response.text) == [{"data": {"whoami": "ann"}}]
