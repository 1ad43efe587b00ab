"""Webhooks are registered, listed and deleted by their owner alone, and secrets shown once."""

import base64
from typing import Any

import pytest

from tests.app.client import Client

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
