"""Anything that has an id is read by it, in the order asked for, one statement for each kind."""

from typing import Any

import pytest

from graph.runner import AsyncGraph, Graph
from tests.app.client import Client
from tests.graph.world import add_edge, add_news

NODES = """
query ($ids: [ID!]!) { nodes(ids: $ids) {
  __typename id
  ... on User { username mutuals { totalCount } }
  ... on Subject { author { username } }
  ... on Post { text thread { nodes { comment { id } } } }
  ... on Comment { depth }
  ... on Notification { kind actors { users { username } } }
} }
"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"


@pytest.fixture
def told(sync_graph: Graph, alice: Client) -> Client:
    """Alice and carol each have been told something."""
    news = {"k": "1", "by": "u_bob", "kind": "LIKE", "subject_id": "p_1"}
    to = ("alice", "carol")
    add_news(sync_graph, [{**news, "id": f"n_{name}", "to": f"u_{name}"} for name in to])
    return alice


async def _types(client: Client, *ids: str) -> list[Any]:
    found = (await client.data(NODES, ids=ids))["nodes"]
    return [node and (node["__typename"], node["id"]) for node in found]


async def test_nodes_stand_in_the_order_of_their_ids(told: Client) -> None:
    assert await _types(told, "p_1", "u_bob", "n_alice", "c_1", "u_alice", "p_1") == [
        ("Post", "p_1"),
        ("User", "u_bob"),
        ("Notification", "n_alice"),
        ("Comment", "c_1"),
        ("User", "u_alice"),
        ("Post", "p_1"),
    ]
    assert await _types(told) == []


async def test_each_is_read_with_what_is_selected_of_its_type(
    told: Client, sync_graph: Graph
) -> None:
    add_edge(sync_graph, "u_alice", "FOLLOWS", "u_carol")
    add_edge(sync_graph, "u_carol", "FOLLOWS", "u_bob")
    post, bob, comment, news = (await told.data(NODES, ids=["p_1", "u_bob", "c_1", "n_alice"]))[
        "nodes"
    ]
    assert (post["text"], post["author"]["username"]) == ("hello", "alice")
    assert post["thread"]["nodes"] == [{"comment": {"id": "c_1"}}]
    assert (bob["username"], bob["mutuals"]) == ("bob", {"totalCount": 1})
    assert (comment["depth"], comment["author"]["username"]) == (1, "bob")
    assert (news["kind"], news["actors"]) == ("LIKE", {"users": [{"username": "bob"}]})


@pytest.mark.parametrize(
    "bad", ["n_carol", "p_none", "m_none", "u_", "s_alice", "e_1", "x", "", "\x00", "p_" * 9_000]
)
async def test_what_is_not_there_or_not_ones_own_is_null(told: Client, bad: str) -> None:
    assert await told.data(NODE, id=bad) == {"node": None}
    assert await _types(told, bad, "p_1") == [None, ("Post", "p_1")]


async def test_all_kinds_are_one_statement_however_many(
    told: Client, app_graph: AsyncGraph
) -> None:
    ids = ["u_alice", "u_bob", "u_carol", "c_1", "n_alice", "n_none"]
    before = app_graph.statement_count
    await _types(told, *ids)
    assert app_graph.statement_count - before == 1


async def test_a_hundred_may_be_asked_for(told: Client) -> None:
    assert await _types(told, *["u_bob"] * 100) == [("User", "u_bob")] * 100
    assert await told.code(NODES, ids=["u_bob"] * 101) == "BAD_USER_INPUT"
