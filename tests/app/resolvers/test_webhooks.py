"""Webhooks are registered, listed and deleted by their owner alone, and secrets shown once."""

import base64
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from adapters.sealing import Seal
from adapters.settings import MediaSettings
from app.main import build_app
from app.settings import AppSettings
from graph.runner import Graph
from graph.settings import GraphSettings
from tests.app.client import Client
from tests.app.conftest import SECRET
from tests.graph.world import run

REGISTER = """
mutation ($input: RegisterWebhookInput!) {
  registerWebhook(input: $input) {
    webhook { id url events createdAt deliveredAt } secret userErrors { code path message }
  }
}
"""
LIST = "{ webhooks { id url events createdAt deliveredAt } }"
DELETE = """
mutation ($id: ID!) { deleteWebhook(id: $id) { deletedWebhookId userErrors { code path } } }
"""
URL = "https://example.org/nexus"


async def register(client: Client, **values: Any) -> dict[str, Any]:
    found: dict[str, Any] = await client.do(
        REGISTER, input={"url": URL, "events": ["LIKE"]} | values
    )
    return found


async def test_a_webhook_is_registered_listed_and_deleted(client: Client) -> None:
    alice, bob = client.as_("alice"), client.as_("bob")
    first = await register(alice)
    second = await register(alice, events=["FOLLOW", "LIKE", "FOLLOW"])
    assert second["webhook"]["events"] == ["FOLLOW", "LIKE"]
    assert len(base64.b64decode(first["secret"].removeprefix("whsec_"))) == 32
    assert first["secret"] != second["secret"]
    both = [second["webhook"], first["webhook"]]
    assert (await alice.data(LIST))["webhooks"] == both
    assert (await bob.data(LIST))["webhooks"] == []
    for who, left in ((bob, both), (alice, both[1:]), (alice, both[1:])):
        await who.do(DELETE, id=second["webhook"]["id"])
        assert (await alice.data(LIST))["webhooks"] == left


async def test_a_secret_of_ones_own_is_taken(client: Client) -> None:
    secret = "whsec_" + base64.b64encode(b"x" * 24).decode()
    assert (await register(client.as_("alice"), secret=secret))["secret"] == secret


async def test_a_secret_lies_sealed_in_the_graph(client: Client, sync_graph: Graph) -> None:
    secret = (await register(client.as_("alice")))["secret"]
    (row,) = run(sync_graph, "MATCH (w:Webhook) RETURN w.secret AS sealed, w {.*} AS all")
    assert Seal([SECRET]).open(str(row["sealed"])) == secret
    assert secret.removeprefix("whsec_")[:8] not in str(row)


async def test_without_a_key_to_seal_by_there_are_no_webhooks(
    settings: AppSettings,
    graph_settings: GraphSettings,
    media_settings: MediaSettings,
    client: Client,
) -> None:
    without = settings.model_copy(update={"webhook_key": SecretStr("")})
    app = build_app(without, graph_settings, media_settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://nexus") as http,
    ):
        alice = replace(client.as_("alice"), http=http)
        refused = await alice.fail(REGISTER, input={"url": URL, "events": ["LIKE"]})
        assert refused[0] == "CONFLICT"
        assert (await alice.data(LIST))["webhooks"] == []


async def test_nobody_has_more_than_ten(client: Client) -> None:
    alice = client.as_("alice")
    for _ in range(10):
        await register(alice)
    refused = await alice.fail(REGISTER, input={"url": URL, "events": ["LIKE"]})
    assert refused[0] == "CONFLICT"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "http://example.org/"),
        ("url", "ftp://example.org/"),
        ("url", "https://"),
        ("url", "https://user:word@example.org/"),
        ("url", "https://example.org/#x"),
        ("url", "https://example.org:99999/"),
        ("url", "https://example.org/a b"),
        ("url", "https://example.org/" + "x" * 2_000),
        ("url", "https://[::1"),
        ("events", []),
        ("secret", "x"),
        ("secret", "whsec_MTIz"),
        ("secret", "whsec_☃"),
    ],
)
async def test_what_breaks_a_rule_is_refused_by_its_name(
    client: Client, field: str, value: Any
) -> None:
    given = {"url": URL, "events": ["LIKE"]} | {field: value}
    refused = await client.as_("alice").fail(REGISTER, input=given)
    assert refused == ("VALIDATION", ["input", field])
