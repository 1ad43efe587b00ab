from typing import Any

import pytest

from graph.runner import Graph
from tests.app.client import Client
from tests.graph.world import run

COMMENT = """
fragment C on Comment {
  __typename id text depth tombstone createdAt editedAt
  author { username } post { id } parent { id }
  stats { likes replies }
  viewer { hasLiked hasShared canEdit canDelete canReply }
}
"""
CREATE = (
    "mutation ($input: CreateCommentInput!) { createComment(input: $input) "
    "{ comment { ...C } userErrors { code path message } } }" + COMMENT
)
UPDATE = (
    "mutation ($id: ID!, $text: String!) { updateComment(input: {id: $id, text: $text}) "
    "{ comment { ...C } userErrors { code path message } } }" + COMMENT
)
DELETE = (
    "mutation ($id: ID!) { deleteComment(id: $id) "
    "{ comment { ...C } userErrors { code path message } } }" + COMMENT
)
READ = "query ($id: ID!) { comment(id: $id) { ...C } }" + COMMENT
REPLIES = """
query ($sort: CommentSort!, $first: Int! = 20, $after: String) {
  post(id: "p_1") {
    comments(sort: $sort, first: $first, after: $after) {
      edges { node { id } } pageInfo { hasNextPage endCursor }
    }
  }
}
"""


async def reply(client: Client, parent_id: str | None = None, **more: Any) -> str:
    given = {"postId": "p_1", "parentId": parent_id, "text": "indeed", **more}
    comment_id: str = (await client.do(CREATE, input=given))["comment"]["id"]
    return comment_id


async def like(client: Client, subject_id: str) -> None:
    await client.do(
        "mutation ($id: ID!) { like(subjectId: $id) { userErrors { code } } }", id=subject_id
    )


async def test_a_comment_is_read_back_and_read_again(alice: Client, bob: Client) -> None:
    created = (await bob.do(CREATE, input={"postId": "p_1", "text": " why? "}))["comment"]
    assert created["__typename"] == "Comment"
    assert (created["text"], created["depth"], created["parent"]) == ("why?", 1, None)
    assert created["author"] == {"username": "bob"}
    assert created["post"] == {"id": "p_1"}
    assert created["viewer"]["canEdit"]
    below = (
        await alice.do(
            CREATE, input={"postId": "p_1", "parentId": created["id"], "text": "because"}
        )
    )["comment"]
    assert (below["depth"], below["parent"]) == (2, {"id": created["id"]})
    seen = (await bob.data(READ, id=created["id"]))["comment"]
    assert seen == {**created, "stats": {"likes": 0, "replies": 1}}


async def test_a_reply_to_the_post_may_name_it_as_its_parent(bob: Client) -> None:
    given = {"postId": "p_1", "parentId": "p_1", "text": "x"}
    created = (await bob.do(CREATE, input=given))["comment"]
    assert (created["depth"], created["parent"]) == (1, None)


async def test_one_key_is_one_comment(bob: Client) -> None:
    first = await reply(bob, idempotencyKey="k")
    assert await reply(bob, idempotencyKey="k") == first
    assert await reply(bob, "p_1", idempotencyKey="k") == first
    other = {"postId": "p_1", "parentId": "c_1", "text": "indeed", "idempotencyKey": "k"}
    assert await bob.fail(CREATE, input=other) == ("CONFLICT", ["input", "idempotencyKey"])
    post = 'mutation { createPost(input: {text: "indeed", idempotencyKey: "k"}) { post { id } } }'
    assert (await bob.do(post))["post"]["id"].startswith("p_")


@pytest.mark.parametrize(
    ("given", "failed"),
    [
        ({"postId": "p_none"}, ("NOT_FOUND", ["input", "postId"])),
        ({"postId": "c_1"}, ("NOT_FOUND", ["input", "postId"])),
        ({"postId": "p" * 50_000}, ("NOT_FOUND", ["input", "postId"])),
        ({"parentId": "c_none"}, ("NOT_FOUND", ["input", "parentId"])),
        ({"parentId": ""}, ("NOT_FOUND", ["input", "parentId"])),
        ({"text": " "}, ("VALIDATION", ["input", "text"])),
        ({"text": "x" * 5_001}, ("VALIDATION", ["input", "text"])),
        ({"idempotencyKey": ""}, ("VALIDATION", ["input", "idempotencyKey"])),
    ],
)
async def test_what_is_wrong_is_told_at_its_field(
    bob: Client, given: dict[str, str], failed: tuple[str, list[str]]
) -> None:
    whole = {"postId": "p_1", "text": "x", **given}
    assert await bob.fail(CREATE, input=whole) == failed


async def test_a_comment_of_another_post_is_no_parent(alice: Client, bob: Client) -> None:
    document = 'mutation { createPost(input: {text: "x"}) { post { id } } }'
    other = (await alice.do(document))["post"]["id"]
    given = {"postId": other, "parentId": "c_1", "text": "x"}
    assert await bob.fail(CREATE, input=given) == ("NOT_FOUND", ["input", "parentId"])


async def test_only_its_author_changes_a_comment(alice: Client, bob: Client) -> None:
    changed = (await bob.do(UPDATE, id="c_1", text="changed"))["comment"]
    assert changed["text"] == "changed"
    assert changed["editedAt"]
    assert (await bob.do(UPDATE, id="c_1", text="changed"))["comment"] == changed
    assert await alice.fail(UPDATE, id="c_1", text="x") == ("FORBIDDEN", ["input", "id"])
    assert await alice.fail(DELETE, id="c_1") == ("FORBIDDEN", ["id"])
    assert await bob.fail(UPDATE, id="c_1", text="") == ("VALIDATION", ["input", "text"])
    assert await bob.fail(UPDATE, id="c_none", text="x") == ("NOT_FOUND", ["input", "id"])
    assert await bob.fail(DELETE, id="p_1") == ("NOT_FOUND", ["id"])


async def test_a_deleted_comment_is_a_tombstone_and_what_is_below_stays(
    alice: Client, bob: Client
) -> None:
    below = await reply(alice, "c_1")
    for _ in range(2):
        deleted = (await bob.do(DELETE, id="c_1"))["comment"]
        assert (deleted["tombstone"], deleted["text"], deleted["author"]) == ("DELETED", None, None)
        assert deleted["viewer"] == dict.fromkeys(deleted["viewer"], False)
    assert (await alice.data(READ, id="c_1"))["comment"]["tombstone"] == "DELETED"
    assert (await alice.data(READ, id=below))["comment"]["parent"] == {"id": "c_1"}
    failed = await alice.fail(CREATE, input={"postId": "p_1", "parentId": "c_1", "text": "x"})
    assert failed == ("NOT_FOUND", ["input", "parentId"])
    stats = await alice.data('{ post(id: "p_1") { stats { comments } } }')
    assert stats["post"]["stats"]["comments"] == 1


async def test_a_comment_goes_with_its_post(alice: Client, bob: Client) -> None:
    await alice.do('mutation { deletePost(id: "p_1") { userErrors { code } } }')
    assert await bob.data(READ, id="c_1") == {"comment": None}
    assert await bob.fail(UPDATE, id="c_1", text="x") == ("NOT_FOUND", ["input", "id"])
    assert await bob.fail(CREATE, input={"postId": "p_1", "text": "x"}) == (
        "NOT_FOUND",
        ["input", "postId"],
    )


async def test_replies_come_in_the_order_asked_for(
    alice: Client, bob: Client, carol: Client, sync_graph: Graph
) -> None:
    old, middle, new = [await reply(bob) for _ in range(3)]
    for who in (bob, carol):
        await like(who, middle)
    await like(alice, new)  # whose post it is
    run(sync_graph, "MATCH (c:Comment {id: 'c_1'}) SET c.k = '0' + c.k")
    orders = {
        "NEW": [new, middle, old, "c_1"],
        "OLD": ["c_1", old, middle, new],
        "TOP": [middle, new, "c_1", old],
        "BEST": [new, middle, "c_1", old],
    }
    for sort, order in orders.items():
        for first in (1, 3, 100):
            ids: list[str] = []
            after, goes_on = None, True
            while goes_on:
                found = (await carol.data(REPLIES, sort=sort, first=first, after=after))["post"]
                ids += [edge["node"]["id"] for edge in found["comments"]["edges"]]
                info = found["comments"]["pageInfo"]
                after, goes_on = info["endCursor"], info["hasNextPage"]
            assert ids == order, sort


async def test_replies_of_several_orders_and_depths_in_one_request(
    alice: Client, bob: Client
) -> None:
    below = await reply(alice, "c_1")
    last = await reply(bob)
    document = """
    {
      post(id: "p_1") {
        new: comments(sort: NEW, first: 1) { edges { node { id } } }
        old: comments(sort: OLD) { edges { node { id replies(first: 1) { edges { node {
          id parent { id replies { edges { node { id } } } }
        } } } } } }
      }
      comment(id: "c_1") { replies(sort: OLD) { edges { node { id depth } } } }
    }
    """
    found = await bob.data(document)
    assert found["post"]["new"]["edges"] == [{"node": {"id": last}}]
    (first, second) = [edge["node"] for edge in found["post"]["old"]["edges"]]
    assert (second["id"], second["replies"]["edges"]) == (last, [])
    (edge,) = first["replies"]["edges"]
    parent = {"id": "c_1", "replies": {"edges": [{"node": {"id": below}}]}}
    assert edge["node"] == {"id": below, "parent": parent}
    (edge,) = found["comment"]["replies"]["edges"]
    assert edge["node"] == {"id": below, "depth": 2}


async def test_a_selection_that_cannot_be_read_writes_nothing(bob: Client) -> None:
    bad = '{ comment { replies(after: "x") { edges { cursor } } } userErrors { code } }'
    for command in (
        'createComment(input: {postId: "p_1", text: "written?"})',
        'updateComment(input: {id: "c_1", text: "written?"})',
        'deleteComment(id: "c_1")',
    ):
        assert await bob.code(f"mutation {{ {command} {bad} }}") == "BAD_USER_INPUT"
    found = await bob.data(REPLIES, sort="NEW")
    assert found["post"]["comments"]["edges"] == [{"node": {"id": "c_1"}}]
    assert (await bob.data(READ, id="c_1"))["comment"]["text"] == "indeed"
