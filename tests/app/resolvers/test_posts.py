from typing import Any

import pytest

from graph.runner import Graph
from tests.app.client import Client
from tests.graph.world import run

POST = """
fragment P on Post {
  __typename id text visibility createdAt editedAt
  author { id username }
  stats { likes comments shares bookmarks }
  viewer { hasLiked hasShared hasBookmarked canEdit canDelete canReply }
}
"""
CREATE = (
    "mutation ($input: CreatePostInput!) { createPost(input: $input) "
    "{ post { ...P } userErrors { code path message } } }" + POST
)
UPDATE = (
    "mutation ($id: ID!, $text: String!) { updatePost(input: {id: $id, text: $text}) "
    "{ post { ...P } userErrors { code path message } } }" + POST
)
DELETE = (
    "mutation ($id: ID!) { deletePost(id: $id) { deletedPostId userErrors { code path message } } }"
)
SHARE = (
    "mutation ($id: ID!) { share(postId: $id) "
    "{ post { ...P } userErrors { code path message } } }" + POST
)
UNSHARE = SHARE.replace("share(", "unshare(")
READ = "query ($id: ID!) { post(id: $id) { ...P } }" + POST
POSTS = """
query ($first: Int! = 20, $after: String, $author: ID) {
  posts(sort: NEW, first: $first, after: $after, author: $author) {
    edges { cursor node { id text author { id } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
FEED = """
query ($first: Int! = 20, $after: String) {
  feed(first: $first, after: $after) {
    edges { cursor node { id author { id } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def write(client: Client, text: str = "hello", **more: Any) -> str:
    payload = await client.do(CREATE, input={"text": text, **more})
    post_id: str = payload["post"]["id"]
    return post_id


async def pages(client: Client, document: str, field: str, **variables: Any) -> list[str]:
    """Read all pages of a list and give the ids of its nodes."""
    ids: list[str] = []
    after = None
    while True:
        page = (await client.data(document, after=after, **variables))[field]
        info, edges = page["pageInfo"], page["edges"]
        assert info["hasPreviousPage"] == (after is not None)
        if edges:
            assert (info["startCursor"], info["endCursor"]) == (
                edges[0]["cursor"],
                edges[-1]["cursor"],
            )
        ids += [edge["node"]["id"] for edge in edges]
        if not info["hasNextPage"]:
            return ids
        after = info["endCursor"]


async def test_what_is_written_is_read_back_and_read_again(alice: Client, bob: Client) -> None:
    text = "  Ünïcode 🦊\u200d☃ \n two lines  "
    created = (await alice.do(CREATE, input={"text": text}))["post"]
    assert created["__typename"] == "Post"
    assert created["text"] == text.strip()
    assert (created["visibility"], created["editedAt"]) == ("PUBLIC", None)
    assert created["author"] == {"id": "u_alice", "username": "alice"}
    assert created["stats"] == {"likes": 0, "comments": 0, "shares": 0, "bookmarks": 0}
    assert created["viewer"] == {
        "hasLiked": False,
        "hasShared": False,
        "hasBookmarked": False,
        "canEdit": True,
        "canDelete": True,
        "canReply": True,
    }
    assert (await alice.data(READ, id=created["id"]))["post"] == created
    bobs = (await bob.data(READ, id=created["id"]))["post"]
    assert {**bobs, "viewer": None} == {**created, "viewer": None}
    assert (bobs["viewer"]["canEdit"], bobs["viewer"]["canDelete"]) == (False, False)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 5_001, "a\x00b"])
async def test_a_text_keeps_to_its_rules(alice: Client, text: str) -> None:
    assert await alice.fail(CREATE, input={"text": text}) == ("VALIDATION", ["input", "text"])
    assert await alice.fail(UPDATE, id="p_1", text=text) == ("VALIDATION", ["input", "text"])


async def test_one_key_is_one_post(alice: Client, bob: Client) -> None:
    first = await write(alice, "once", idempotencyKey="k" * 64)
    assert await write(alice, "once", idempotencyKey="k" * 64) == first
    assert await write(alice, " once ", idempotencyKey="k" * 64) == first
    failed = await alice.fail(CREATE, input={"text": "other", "idempotencyKey": "k" * 64})
    assert failed == ("CONFLICT", ["input", "idempotencyKey"])
    assert await write(bob, "once", idempotencyKey="k" * 64) != first
    assert await write(alice, "once", idempotencyKey=None) != first


async def test_a_repeated_request_reads_the_first_post_afresh(alice: Client) -> None:
    first = await write(alice, "once", idempotencyKey="k")
    await alice.do(UPDATE, id=first, text="changed")
    again = (await alice.do(CREATE, input={"text": "once", "idempotencyKey": "k"}))["post"]
    assert (again["id"], again["text"]) == (first, "changed")
    await alice.do(DELETE, id=first)
    gone = await alice.do(CREATE, input={"text": "once", "idempotencyKey": "k"})
    assert gone["post"] is None


@pytest.mark.parametrize("key", ["", "k" * 65])
async def test_a_key_has_a_length(alice: Client, key: str) -> None:
    failed = await alice.fail(CREATE, input={"text": "x", "idempotencyKey": key})
    assert failed == ("VALIDATION", ["input", "idempotencyKey"])


async def test_only_a_changed_text_is_an_edit(alice: Client) -> None:
    same = (await alice.do(UPDATE, id="p_1", text=" hello "))["post"]
    assert (same["text"], same["editedAt"]) == ("hello", None)
    changed = (await alice.do(UPDATE, id="p_1", text="bye"))["post"]
    assert changed["text"] == "bye"
    assert changed["editedAt"] > changed["createdAt"]
    again = (await alice.do(UPDATE, id="p_1", text="bye"))["post"]
    assert again == changed


async def test_only_its_author_changes_a_post(alice: Client, bob: Client) -> None:
    before = await alice.data(READ, id="p_1")
    assert await bob.fail(UPDATE, id="p_1", text="mine") == ("FORBIDDEN", ["input", "id"])
    assert await bob.fail(DELETE, id="p_1") == ("FORBIDDEN", ["id"])
    assert await alice.data(READ, id="p_1") == before


@pytest.mark.parametrize("post_id", ["p_none", "c_1", "u_alice", "", "☃", "p_\x00", "p" * 50_000])
async def test_what_is_no_post_is_not_found(alice: Client, post_id: str) -> None:
    assert await alice.data(READ, id=post_id) == {"post": None}
    assert await alice.fail(UPDATE, id=post_id, text="x") == ("NOT_FOUND", ["input", "id"])
    assert await alice.fail(DELETE, id=post_id) == ("NOT_FOUND", ["id"])
    assert await alice.fail(SHARE, id=post_id) == ("NOT_FOUND", ["postId"])


async def test_a_deleted_post_is_gone_for_everybody_and_twice_is_once(
    alice: Client, bob: Client
) -> None:
    for _ in range(2):
        assert (await alice.do(DELETE, id="p_1"))["deletedPostId"] == "p_1"
    assert await alice.data(READ, id="p_1") == {"post": None}
    assert await bob.fail(DELETE, id="p_1") == ("NOT_FOUND", ["id"])
    assert await alice.fail(UPDATE, id="p_1", text="x") == ("NOT_FOUND", ["input", "id"])
    assert await bob.fail(SHARE, id="p_1") == ("NOT_FOUND", ["postId"])
    assert await pages(bob, POSTS, "posts") == []


async def test_a_share_is_one_however_often(bob: Client, sync_graph: Graph) -> None:
    for _ in range(2):
        shared = (await bob.do(SHARE, id="p_1"))["post"]
        assert (shared["stats"]["shares"], shared["viewer"]["hasShared"]) == (1, True)
    for _ in range(2):
        unshared = (await bob.do(UNSHARE, id="p_1"))["post"]
        assert (unshared["stats"]["shares"], unshared["viewer"]["hasShared"]) == (0, False)
    events = run(sync_graph, "MATCH (e:Event {kind: 'PostShared'}) RETURN count(e) AS n")
    assert events == [{"n": 1}]


async def test_a_post_for_followers_is_not_passed_on(bob: Client, sync_graph: Graph) -> None:
    run(sync_graph, "MATCH (p:Post {id: 'p_1'}) SET p.visibility = 'FOLLOWERS'")
    assert await bob.fail(SHARE, id="p_1") == ("NOT_FOUND", ["postId"])


async def test_pages_joined_are_the_whole_list(alice: Client, bob: Client, carol: Client) -> None:
    written = ["p_1"] + [await write(who) for who in (alice, bob, carol, bob, alice)]
    for first in (1, 2, 6, 100):
        assert await pages(carol, POSTS, "posts", first=first) == written[::-1]
    assert await pages(carol, POSTS, "posts", first=1, author="u_bob") == [written[4], written[2]]
    assert await pages(carol, POSTS, "posts", author=None) == written[::-1]
    assert await pages(carol, POSTS, "posts", author="u_none") == []


async def test_what_is_written_or_deleted_between_pages_moves_nothing(alice: Client) -> None:
    written = ["p_1"] + [await write(alice) for _ in range(4)]
    first = (await alice.data(POSTS, first=2))["posts"]
    await write(alice)
    await alice.do(DELETE, id=written[3])
    await alice.do(DELETE, id=written[1])
    after = first["pageInfo"]["endCursor"]
    second = (await alice.data(POSTS, first=2, after=after))["posts"]
    assert [edge["node"]["id"] for edge in second["edges"]] == [written[2], written[0]]


async def test_the_feed_is_of_whom_one_follows(alice: Client, bob: Client, carol: Client) -> None:
    assert await pages(carol, FEED, "feed") == []
    for user_id in ("u_alice", "u_bob"):
        await carol.do(
            "mutation ($id: ID!) { follow(userId: $id) { userErrors { code } } }", id=user_id
        )
    written = ["p_1"] + [await write(who) for who in (bob, alice, carol, bob)]
    of_others = [post for n, post in enumerate(written) if n != 3]
    for first in (1, 2, 100):
        assert await pages(carol, FEED, "feed", first=first) == of_others[::-1]
    await carol.do('mutation { unfollow(userId: "u_bob") { userErrors { code } } }')
    assert await pages(carol, FEED, "feed") == [written[2], "p_1"]


@pytest.mark.parametrize("document", [POSTS, FEED])
@pytest.mark.parametrize("first", [0, -1, 101, 2**31 - 1])
async def test_a_page_is_1_to_100_long(alice: Client, document: str, first: int) -> None:
    assert await alice.code(document, first=first) == "BAD_USER_INPUT"


@pytest.mark.parametrize("document", [POSTS, FEED])
async def test_a_cursor_of_elsewhere_is_refused(alice: Client, document: str) -> None:
    comments = '{ post(id: "p_1") { comments { pageInfo { endCursor } } } }'
    other = (await alice.data(comments))["post"]["comments"]["pageInfo"]["endCursor"]
    for after in (other, "", "☃", "x", "e30", "W10", "x" * 50_000):
        assert await alice.code(document, after=after) == "BAD_USER_INPUT"


async def test_a_selection_that_cannot_be_read_writes_nothing(
    alice: Client, sync_graph: Graph
) -> None:
    selection = "{ post { comments(first: 1000) { edges { cursor } } } userErrors { code } }"
    for document in (
        f'mutation {{ createPost(input: {{text: "written?"}}) {selection} }}',
        f'mutation {{ updatePost(input: {{id: "p_1", text: "written?"}}) {selection} }}',
        f'mutation {{ share(postId: "p_1") {selection} }}',
    ):
        assert await alice.code(document) == "BAD_USER_INPUT"
    found = run(
        sync_graph, "MATCH (p:Post) RETURN p.text AS text, COUNT { (p)<-[:SHARED]-() } AS n"
    )
    assert found == [{"text": "hello", "n": 0}]


async def test_a_post_for_followers_is_told_so_and_is_found_by_them_alone(
    alice: Client, bob: Client
) -> None:
    made = await alice.do(CREATE, input={"text": "ours", "visibility": "FOLLOWERS"})
    post = made["post"]
    assert post["visibility"] == "FOLLOWERS"
    assert await bob.data(READ, id=post["id"]) == {"post": None}

    await bob.do('mutation { follow(userId: "u_alice") { userErrors { code } } }')
    seen = (await bob.data(READ, id=post["id"]))["post"]
    assert (seen["text"], seen["visibility"]) == ("ours", "FOLLOWERS")
