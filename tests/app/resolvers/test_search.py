"""A search answers with what its kind says, and refuses what it cannot look for."""

from typing import Any

import pytest

from graph.runner import Graph
from tests.app.client import Client
from tests.graph.world import catch_up

SEARCH = """
query ($text: String!, $kind: SearchKind!, $after: String) {
  search(text: $text, kind: $kind, first: 1, after: $after) {
    edges { cursor node {
      __typename
      ... on Post { text author { username } tags { name } thread { totalCount } }
      ... on User { username posts { edges { node { text } } } }
      ... on Tag { name posts { edges { node { text } } } }
    } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
TEXT = "¿Qué tal? #Graphs"


@pytest.fixture
async def world(alice: Client, sync_graph: Graph) -> Client:
    """Alice has written a post under a tag."""
    await alice.do(
        f'mutation {{ createPost(input: {{text: "{TEXT}"}}) {{ userErrors {{ code }} }} }}'
    )
    catch_up(sync_graph)
    return alice


async def _node(client: Client, kind: str, text: str) -> Any:
    found = await client.data(SEARCH, text=text, kind=kind)
    (edge,) = found["search"]["edges"]
    assert edge["cursor"] == found["search"]["pageInfo"]["endCursor"]
    return edge["node"]


async def test_what_is_found_is_read_as_its_type(world: Client) -> None:
    posts = {"edges": [{"node": {"text": TEXT}}]}
    assert await _node(world, "TAGS", "#gra") == {
        "__typename": "Tag",
        "name": "graphs",
        "posts": posts,
    }
    assert await _node(world, "POSTS", "QUE TAL") == {
        "__typename": "Post",
        "text": TEXT,
        "author": {"username": "alice"},
        "tags": [{"name": "graphs"}],
        "thread": {"totalCount": 0},
    }
    person = await _node(world, "USERS", "@ali")
    assert (person["__typename"], person["username"]) == ("User", "alice")
    assert posts["edges"][0] in person["posts"]["edges"]


@pytest.mark.parametrize("text", ["", " ", "x" * 201, "\x00"])
async def test_what_is_no_text_is_refused(alice: Client, text: str) -> None:
    assert await alice.code(SEARCH, text=text, kind="POSTS") == "BAD_USER_INPUT"


async def test_a_cursor_of_another_search_is_refused(world: Client) -> None:
    found = await world.data(SEARCH, text="tal", kind="POSTS")
    after = found["search"]["pageInfo"]["endCursor"]

    assert (await world.data(SEARCH, text="TAL", kind="POSTS", after=after))["search"][
        "edges"
    ] == []
    for text, kind in (("que", "POSTS"), ("tal", "USERS"), ("tal", "TAGS")):
        code = await world.code(SEARCH, text=text, kind=kind, after=after)
        assert code == "BAD_USER_INPUT", (text, kind)
