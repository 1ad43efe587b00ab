"""What stands around GraphQL: who may call from a browser, and what the schema shows."""

import httpx
import pytest

from adapters.settings import MediaSettings
from app.main import build_app
from app.settings import AppSettings
from graph.settings import GraphSettings

FRIEND, STRANGER = "https://friend.example", "https://stranger.example"
INTROSPECTION = {"query": "{ __schema { queryType { name } } }"}


async def _preflight(http: httpx.AsyncClient, origin: str, method: str = "POST") -> httpx.Response:
    headers = {
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization, content-type",
    }
    return await http.options("/graphql", headers=headers)


async def test_a_page_of_a_known_origin_may_call(http: httpx.AsyncClient) -> None:
    preflight = await _preflight(http, FRIEND)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == FRIEND
    assert "access-control-allow-credentials" not in preflight.headers
    asked = await http.post("/graphql", json=INTROSPECTION, headers={"origin": FRIEND})
    assert asked.headers["access-control-allow-origin"] == FRIEND
    streamed = await http.post("/graphql/stream", json=INTROSPECTION, headers={"origin": FRIEND})
    assert streamed.headers["access-control-allow-origin"] == FRIEND
    assert streamed.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize("origin", [STRANGER, "null", FRIEND + ".evil.example", FRIEND + ":444"])
async def test_a_page_of_another_origin_may_not(http: httpx.AsyncClient, origin: str) -> None:
    preflight = await _preflight(http, origin)
    assert preflight.status_code == 400
    assert "access-control-allow-origin" not in preflight.headers
    asked = await http.post("/graphql", json=INTROSPECTION, headers={"origin": origin})
    assert "access-control-allow-origin" not in asked.headers
    streamed = await http.post("/graphql/stream", json=INTROSPECTION, headers={"origin": origin})
    assert streamed.status_code == 403
    assert "access-control-allow-origin" not in streamed.headers


async def test_a_known_origin_may_not_do_what_we_do_not_offer(http: httpx.AsyncClient) -> None:
    assert (await _preflight(http, FRIEND, "DELETE")).status_code == 400


async def test_no_origin_is_known_unless_it_is_said(
    settings: AppSettings, graph_settings: GraphSettings, media_settings: MediaSettings
) -> None:
    app = build_app(
        settings.model_copy(update={"allowed_origins": []}), graph_settings, media_settings
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://nexus") as http,
    ):
        preflight = await _preflight(http, FRIEND)
        assert preflight.status_code == 405
        assert "access-control-allow-origin" not in preflight.headers


async def test_the_schema_may_be_hidden(
    settings: AppSettings,
    graph_settings: GraphSettings,
    media_settings: MediaSettings,
    http: httpx.AsyncClient,
) -> None:
    shown = (await http.post("/graphql", json=INTROSPECTION)).json()
    assert shown["data"]["__schema"]["queryType"] == {"name": "Query"}
    app = build_app(
        settings.model_copy(update={"introspection": False}), graph_settings, media_settings
    )
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://nexus") as hidden,
    ):
        answer = (await hidden.post("/graphql", json=INTROSPECTION)).json()
        assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        typename = (await hidden.post("/graphql", json={"query": "{ __typename }"})).json()
        assert typename == {"data": {"__typename": "Query"}}
