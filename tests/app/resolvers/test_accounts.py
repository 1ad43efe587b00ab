from typing import Any

import pytest

from app.tokens import Tokens
from graph.commands import main
from graph.runner import Graph
from graph.settings import GraphSettings
from graph.viewer import Role
from tests.app.client import Client
from tests.graph.world import run

SIGN_UP = """
mutation ($input: SignUpInput!) {
  signUp(input: $input) {
    accessToken refreshToken expiresAt
    user { id username displayName bio role createdAt stats { followers posts } }
    userErrors { code path message }
  }
}
"""
LOG_IN = """
mutation ($username: String!, $password: String!) {
  logIn(input: {username: $username, password: $password}) {
    accessToken refreshToken expiresAt user { username role } userErrors { code path message }
  }
}
"""
REFRESH = """
mutation ($token: String!) {
  refreshToken(refreshToken: $token) {
    accessToken refreshToken expiresAt user { username } userErrors { code path message }
  }
}
"""
SET_ROLE = """
mutation ($id: ID!, $role: Role!) {
  setRole(userId: $id, role: $role) { user { id role } userErrors { code path message } }
}
"""
ME = "{ me { id username role } }"
EVE: dict[str, Any] = {"username": "Eve_1", "email": "Eve@Nexus.Example", "password": "long enough"}


async def test_who_signs_up_is_logged_in_and_can_log_in_and_go_on(nobody: Client) -> None:
    signed_up = await nobody.do(SIGN_UP, input={**EVE, "displayName": "  Eve ☃  "})
    user = signed_up["user"]
    assert user["id"].startswith("u_")
    assert (user["username"], user["displayName"], user["bio"]) == ("eve_1", "Eve ☃", None)
    assert (user["role"], user["stats"]) == ("USER", {"followers": 0, "posts": 0})
    assert signed_up["expiresAt"] > user["createdAt"]

    logged_in = await nobody.do(LOG_IN, username=" EVE_1 ", password="long enough")
    renewed = await nobody.do(REFRESH, token=logged_in["refreshToken"])
    for token in (signed_up, logged_in, renewed):
        me = await nobody.bearing(token["accessToken"]).data(ME)
        assert me["me"] == {"id": user["id"], "username": "eve_1", "role": "USER"}


async def test_a_name_is_the_username_when_it_is_null(nobody: Client) -> None:
    signed_up = await nobody.do(SIGN_UP, input={**EVE, "displayName": None})
    assert signed_up["user"]["displayName"] == "eve_1"


@pytest.mark.parametrize(
    ("field", "values"),
    {
        "username": ["", "ab", "a b c", "é" * 5, "x" * 31, "x\x00xx", "a" * 50_000],
        "email": ["", "x", "a@b", "a b@c.de", "a@b.c", "a@" + "b" * 300 + ".de"],
        "password": ["", "1234567", "x" * 201],
        "displayName": ["", "   ", "x" * 65, "a\x00b"],
    }.items(),
)
async def test_what_breaks_a_rule_is_told_at_its_field(
    nobody: Client, field: str, values: list[str]
) -> None:
    for value in values:
        failed = await nobody.fail(SIGN_UP, input={**EVE, field: value})
        assert failed == ("VALIDATION", ["input", field])


@pytest.mark.parametrize(
    ("field", "again"),
    [
        ("username", {"username": "EVE_1", "email": "other@nexus.example"}),
        ("email", {"username": "other", "email": "EVE@nexus.example"}),
    ],
)
async def test_a_name_and_an_address_are_one_persons(
    nobody: Client, field: str, again: dict[str, str]
) -> None:
    await nobody.do(SIGN_UP, input=EVE)
    assert await nobody.fail(SIGN_UP, input={**EVE, **again}) == ("CONFLICT", ["input", field])


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(nobody: Client) -> None:
    await nobody.do(SIGN_UP, input=EVE)
    answers = [
        await nobody.ask(LOG_IN, username=username, password=password)
        for username, password in [
            ("eve_1", "wrong password"),
            ("nobody", "long enough"),
            ("", ""),
            ("x\x00", "\x00"),
            ("u" * 40_000, "p" * 40_000),
        ]
    ]
    assert all(answer == answers[0] for answer in answers)
    (error,) = answers[0]["data"]["logIn"]["userErrors"]
    assert (error["code"], error["path"]) == ("INVALID_CREDENTIALS", None)


async def test_who_has_no_password_and_who_is_suspended_cannot_log_in(
    client: Client, sync_graph: Graph
) -> None:
    assert await client.fail(LOG_IN, username="alice", password="") == ("INVALID_CREDENTIALS", None)
    await client.do(SIGN_UP, input=EVE)
    run(sync_graph, "MATCH (u:User {username: 'eve_1'}) SET u.suspended_at = 1")
    failed = await client.fail(LOG_IN, username="eve_1", password="long enough")
    assert failed == ("INVALID_CREDENTIALS", None)


async def test_a_refresh_token_that_was_used_ends_the_session(
    nobody: Client, sync_graph: Graph
) -> None:
    first = (await nobody.do(SIGN_UP, input=EVE))["refreshToken"]
    second = (await nobody.do(REFRESH, token=first))["refreshToken"]
    lost_answer = (await nobody.do(REFRESH, token=first))["refreshToken"]
    third = await nobody.do(REFRESH, token=lost_answer)
    assert first not in (second, third["refreshToken"])

    run(sync_graph, "MATCH (s:Session) SET s.refreshed_at = 1")
    for token in (first, third["refreshToken"]):
        assert await nobody.fail(REFRESH, token=token) == ("INVALID_CREDENTIALS", None)
    assert await nobody.bearing(third["accessToken"]).code(ME) == "UNAUTHENTICATED"


async def test_what_is_no_refresh_token_renews_nothing(nobody: Client, tokens: Tokens) -> None:
    signed_up = await nobody.do(SIGN_UP, input=EVE)
    expired = Tokens("a-secret-of-the-tests-that-is-long-enough", 1, -1)
    for token in (
        signed_up["accessToken"],
        expired.refresh(tokens.read_access(signed_up["accessToken"]).viewer, "t"),
        "",
        "☃",
        "x" * 50_000,
    ):
        failed = await nobody.fail(REFRESH, token=token)
        assert failed == ("INVALID_CREDENTIALS", ["refreshToken"])


def _appoint(
    graph_settings: GraphSettings, monkeypatch: pytest.MonkeyPatch, username: str, role: str
) -> int:
    monkeypatch.setenv("NEXUS_NEO4J_URI", graph_settings.neo4j_uri)
    monkeypatch.setenv("NEXUS_NEO4J_PASSWORD", graph_settings.neo4j_password.get_secret_value())
    return main(["set-role", username, role])


async def test_the_first_admin_comes_by_command_and_makes_others(
    client: Client, graph_settings: GraphSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _appoint(graph_settings, monkeypatch, "alice", "ADMIN") == 0
    assert await client.as_("alice").code(ME) == "UNAUTHENTICATED"
    alice = client.as_("alice", Role.ADMIN)

    made = await alice.do(SET_ROLE, id="u_bob", role="ADMIN")
    assert made["user"] == {"id": "u_bob", "role": "ADMIN"}
    again = await alice.do(SET_ROLE, id="u_bob", role="ADMIN")
    assert again == made

    bob = client.as_("bob", Role.ADMIN)
    demoted = await bob.do(SET_ROLE, id="u_alice", role="USER")
    assert demoted["user"] == {"id": "u_alice", "role": "USER"}
    assert await alice.code(ME) == "UNAUTHENTICATED"
    assert await alice.code(SET_ROLE, id="u_alice", role="ADMIN") == "UNAUTHENTICATED"
    assert (await client.as_("alice").data(ME))["me"]["role"] == "USER"


async def test_who_gives_up_a_role_sees_that_it_is_gone(
    client: Client, graph_settings: GraphSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _appoint(graph_settings, monkeypatch, "alice", "ADMIN")
    last = await client.as_("alice", Role.ADMIN).fail(SET_ROLE, id="u_alice", role="USER")
    assert last == ("CONFLICT", ["userId"])

    _appoint(graph_settings, monkeypatch, "bob", "ADMIN")
    given_up = await client.as_("alice", Role.ADMIN).do(SET_ROLE, id="u_alice", role="USER")
    assert given_up["user"] == {"id": "u_alice", "role": "USER"}


async def test_a_role_is_for_somebody(
    client: Client, graph_settings: GraphSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _appoint(graph_settings, monkeypatch, "alice", "ADMIN")
    failed = await client.as_("alice", Role.ADMIN).fail(SET_ROLE, id="u_none", role="ADMIN")
    assert failed == ("NOT_FOUND", ["userId"])


async def test_a_selection_that_cannot_be_read_signs_nobody_up(
    nobody: Client, sync_graph: Graph
) -> None:
    document = """
    mutation ($input: SignUpInput!) {
      signUp(input: $input) { user { posts(first: 0) { __typename } } }
    }
    """
    assert await nobody.code(document, input=EVE) == "BAD_USER_INPUT"
    assert run(sync_graph, "MATCH (u:User) RETURN u") == []
