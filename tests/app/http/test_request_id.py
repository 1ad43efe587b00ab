"""A request has one id: what came with it, what its answer names, and what its events carry on."""

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.http.request_id import HEADER, RequestIds
from graph.events import REQUEST_ID
from graph.runner import Graph
from tests.app.client import Client
from tests.graph.world import run

LIKE = {"query": 'mutation { like(subjectId: "p_1") { userErrors { code } } }'}


async def _like(http: httpx.AsyncClient, client: Client, **given: str) -> str:
    headers = {"authorization": f"Bearer {client.token}", **given}
    answer = await http.post("/graphql", json=LIKE, headers=headers)
    assert answer.json()["data"]["like"]["userErrors"] == []
    return answer.headers[HEADER]


async def test_what_a_request_does_carries_its_id_on(
    http: httpx.AsyncClient, bob: Client, carol: Client, sync_graph: Graph
) -> None:
    given = await _like(http, bob, **{HEADER: "edge-7f3c:0a52"})
    made = await _like(http, carol)

    assert given == "edge-7f3c:0a52"
    assert len(made) >= 32
    events = run(sync_graph, "MATCH (e:Event) RETURN e.actor_id AS by, e.request_id AS id")
    assert {str(each["by"]): each["id"] for each in events} == {"u_bob": given, "u_carol": made}


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "é", '{"a": 1}'])
async def test_what_is_no_id_is_not_taken(http: httpx.AsyncClient, given: str) -> None:
    answer = await http.get("/livez", headers={HEADER: given.encode()})
    assert answer.headers[HEADER] not in {"", given}
    assert answer.headers[HEADER].isalnum()


async def test_a_socket_is_one_request_until_it_ends() -> None:
    seen: list[str | None] = []
    sent: list[Message] = []

    async def endpoint(_: Scope, __: Receive, send: Send) -> None:
        seen.append(REQUEST_ID.get())
        await send({"type": "websocket.accept"})

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {}

    scope = {"type": "websocket", "headers": [(HEADER.encode(), b"socket-1")]}
    await RequestIds(endpoint)(scope, receive, send)

    assert seen == ["socket-1"]
    assert sent[0]["headers"] == [(HEADER.encode(), b"socket-1")]
    assert REQUEST_ID.get() is None
