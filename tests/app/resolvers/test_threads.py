"""`Post.thread`: whole, cut by depth, cut by number, and put together again."""

from typing import Any

import pytest

from graph.runner import Graph
from tests.app.client import Client
from tests.app.resolvers.test_comments import DELETE, reply
from tests.graph.world import run

THREAD = """
query ($sort: CommentSort! = OLD, $depth: Int! = 50, $limit: Int! = 200, $root: ID, $after: String) {
  post(id: "p_1") {
    thread(sort: $sort, maxDepth: $depth, limit: $limit, root: $root, after: $after) {
      totalCount
      nodes {
        id parentId depth descendantCount
        comment { id text tombstone author { username } depth }
        more { cursor count reason }
      }
      more { cursor count reason }
    }
  }
}
"""  # noqa: E501


async def read(client: Client, **variables: Any) -> dict[str, Any]:
    thread: dict[str, Any] = (await client.data(THREAD, **variables))["post"]["thread"]
    return thread


def ids(thread: dict[str, Any]) -> list[str]:
    return [node["id"] for node in thread["nodes"]]


@pytest.fixture
async def tree(alice: Client, bob: Client) -> dict[str, str]:
    """c_1 ─ a ─ b ─ c, and c_1 ─ d, and e: names by ids of a small conversation."""
    a = await reply(alice, "c_1")
    b = await reply(bob, a)
    c = await reply(alice, b)
    d = await reply(alice, "c_1")
    e = await reply(bob)
    return {"a": a, "b": b, "c": c, "d": d, "e": e}


async def test_a_thread_is_whole_and_in_reading_order(bob: Client, tree: dict[str, str]) -> None:
    thread = await read(bob)
    a, b, c, d, e = tree.values()
    assert ids(thread) == ["c_1", a, b, c, d, e]
    assert [node["depth"] for node in thread["nodes"]] == [1, 2, 3, 4, 2, 1]
    assert [node["descendantCount"] for node in thread["nodes"]] == [4, 2, 1, 0, 0, 0]
    assert [node["parentId"] for node in thread["nodes"]] == ["p_1", "c_1", a, b, "c_1", "p_1"]
    assert [node["comment"]["id"] for node in thread["nodes"]] == ids(thread)
    assert (thread["totalCount"], thread["more"]) == (6, None)
    assert {node["more"] for node in thread["nodes"]} == {None}
    assert ids(await read(bob, sort="NEW")) == [e, "c_1", d, a, b, c]


async def test_a_cut_by_depth_says_how_to_go_on(bob: Client, tree: dict[str, str]) -> None:
    thread = await read(bob, depth=2)
    assert ids(thread) == ["c_1", tree["a"], tree["d"], tree["e"]]
    (cut,) = [node for node in thread["nodes"] if node["more"]]
    assert (cut["id"], cut["more"]["count"], cut["more"]["reason"]) == (
        tree["a"],
        2,
        "DEPTH_LIMIT",
    )
    below = await read(bob, depth=2, after=cut["more"]["cursor"])
    assert ids(below) == [tree["b"], tree["c"]]


@pytest.mark.parametrize("limit", [1, 2, 4, 6, 7])
@pytest.mark.parametrize("sort", ["OLD", "NEW", "BEST", "TOP"])
async def test_pages_joined_are_the_whole_thread(
    bob: Client, tree: dict[str, str], limit: int, sort: str
) -> None:
    whole = ids(await read(bob, sort=sort))
    assert len(whole) == len(tree) + 1
    joined: list[str] = []
    after, goes_on = None, True
    while goes_on:
        page = await read(bob, sort=sort, limit=limit, after=after)
        joined += ids(page)
        more = page["more"]
        if more:
            assert (more["count"], more["reason"]) == (len(whole) - len(joined), "TOTAL_LIMIT")
        after, goes_on = more and more["cursor"], more is not None
    assert joined == whole


async def test_a_thread_may_begin_at_a_comment(bob: Client, tree: dict[str, str]) -> None:
    thread = await read(bob, root=tree["a"])
    assert ids(thread) == [tree["b"], tree["c"]]
    assert thread["totalCount"] == 2
    assert [node["depth"] for node in thread["nodes"]] == [3, 4]
    assert ids(await read(bob, root="c_none")) == []


async def test_a_deleted_comment_keeps_its_place(bob: Client, tree: dict[str, str]) -> None:
    await bob.do(DELETE, id=tree["b"])
    thread = await read(bob)
    assert len(thread["nodes"]) == 6
    node = thread["nodes"][2]["comment"]
    assert (node["tombstone"], node["text"], node["author"]) == ("DELETED", None, None)
    assert thread["nodes"][3]["comment"]["text"] == "indeed"


async def test_a_thread_without_its_comments_is_only_its_shape(bob: Client) -> None:
    document = '{ post(id: "p_1") { thread { nodes { id __typename } totalCount __typename } } }'
    thread = (await bob.data(document))["post"]["thread"]
    assert thread == {
        "nodes": [{"id": "c_1", "__typename": "ThreadNode"}],
        "totalCount": 1,
        "__typename": "Thread",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"depth": 0},
        {"depth": 501},
        {"limit": 0},
        {"limit": 1_001},
        {"after": "x"},
        {"after": "WyJ0aHJlYWQiXQ"},
        {"after": "WyJ0aHJlYWQiLFtdLHt9XQ"},
    ],
)
async def test_what_is_out_of_range_is_bad_input(bob: Client, wrong: dict[str, Any]) -> None:
    assert await bob.code(THREAD, **wrong) == "BAD_USER_INPUT"


async def test_a_cursor_knows_its_root(bob: Client, tree: dict[str, str]) -> None:
    page = await read(bob, root="c_1", limit=1)
    cursor = page["more"]["cursor"]
    assert ids(await read(bob, after=cursor))[0] == tree["b"]
    assert await bob.code(THREAD, root=tree["a"], after=cursor) == "BAD_USER_INPUT"


async def test_a_thread_may_select_nothing_but_types(bob: Client) -> None:
    document = '{ post(id: "p_1") { thread { nodes { comment { __typename } } } } }'
    nodes = (await bob.data(document))["post"]["thread"]["nodes"]
    assert nodes == [{"comment": {"__typename": "Comment"}}]


async def test_a_thread_within_a_thread_is_refused(bob: Client) -> None:
    inner = "comment { author { posts { edges { node { thread { totalCount } } } } } }"
    document = f'{{ post(id: "p_1") {{ thread {{ nodes {{ {inner} }} }} }} }}'
    assert await bob.code(document) == "BAD_USER_INPUT"


def _add_many(graph: Graph) -> None:
    run(
        graph,
        """\
MATCH (author:User {id: 'u_bob'}), (post:Post {id: 'p_1'})
UNWIND range(101, 601) AS i
CREATE (author)-[:COMMENTED]->(c:Comment {
  id: 'c_many' + i, k: '000000000000' + i + 'c_many' + i, author_id: author.id,
  post_id: post.id, parent_id: post.id, depth: 1, text: 'x', created_at: i})-[:REPLY_TO]->(post)
CREATE (c)-[:ON_POST {post_id: post.id, at: i, k: c.k}]->(post)""",
    )


async def test_all_threads_of_a_root_field_together_are_bounded_and_go_on(
    bob: Client, sync_graph: Graph
) -> None:
    _add_many(sync_graph)
    parts = "totalCount nodes { id comment { id } } more { reason count cursor }"
    aliases = " ".join(f"{name}: thread(limit: 600) {{ {parts} }}" for name in "abc")
    post = (await bob.data(f'{{ post(id: "p_1") {{ {aliases} }} }}'))["post"]
    whole = ids(post["a"])
    count = post["a"]["totalCount"]
    assert (len(whole), post["a"]["more"]) == (count, None)
    assert [len(post[name]["nodes"]) for name in "bc"] == [1_000 - count, 0]
    assert [post[name]["more"]["reason"] for name in "bc"] == ["TOTAL_LIMIT"] * 2
    assert [post[name]["more"]["count"] for name in "bc"] == [2 * count - 1_000, count]
    for name in "bc":
        rest = await read(bob, sort="BEST", limit=1_000, after=post[name]["more"]["cursor"])
        assert ids(post[name]) + ids(rest) == whole


async def test_threads_below_a_feed_are_read_however_much_is_said(
    bob: Client, sync_graph: Graph
) -> None:
    await bob.do('mutation { follow(userId: "u_alice") { userErrors { code } } }')
    _add_many(sync_graph)
    document = (
        "{ feed { edges { node { id thread(limit: 1000) { nodes { comment { text } } } } } } }"
    )
    edges = (await bob.data(document))["feed"]["edges"]
    assert max(len(edge["node"]["thread"]["nodes"]) for edge in edges) > 500


async def test_a_command_that_was_done_says_so_however_much_is_read_back(
    bob: Client, sync_graph: Graph
) -> None:
    _add_many(sync_graph)
    half = "thread(limit: 600) { nodes { comment { id } } more { count } }"
    payload = await bob.do(
        f"""mutation {{ createComment(input: {{postId: "p_1", text: "so"}}) {{
          comment {{ text post {{ a: {half} b: {half} }} }} userErrors {{ code }}
        }} }}"""
    )
    assert payload["comment"]["text"] == "so"
    assert payload["comment"]["post"]["b"]["more"]["count"] > 0
