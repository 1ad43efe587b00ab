from typing import Any

import pytest

from graph.runner import Graph
from tests.app.client import Client
from tests.graph.world import run

SUBJECT = """
fragment S on Subject {
  __typename id stats { likes } viewer { hasLiked }
  ... on Post { postText: text } ... on Comment { text depth }
}
"""
LIKE = (
    "mutation ($id: ID!) { like(subjectId: $id) "
    "{ subject { ...S } userErrors { code path message } } }" + SUBJECT
)
UNLIKE = LIKE.replace("like(", "unlike(")
INTERACTIONS = """
query ($kinds: [InteractionKind!], $first: Int! = 20, $after: String) {
  post(id: "p_1") {
    interactions(kinds: $kinds, first: $first, after: $after) {
      edges { node {
        id kind createdAt actor { username } subject { __typename id author { id } }
      } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""
DEEDS = """
mutation {
  like(subjectId: "p_1") { userErrors { code } }
  share(postId: "p_1") { userErrors { code } }
}
"""


@pytest.mark.parametrize("subject_id", ["p_1", "c_1"])
async def test_a_like_is_one_however_often(
    alice: Client, sync_graph: Graph, subject_id: str
) -> None:
    for _ in range(2):
        liked = (await alice.do(LIKE, id=subject_id))["subject"]
        assert (liked["id"], liked["stats"]["likes"]) == (subject_id, 1)
        assert liked["viewer"]["hasLiked"]
        assert liked["__typename"] == ("Post" if subject_id == "p_1" else "Comment")
    for _ in range(2):
        unliked = (await alice.do(UNLIKE, id=subject_id))["subject"]
        assert (unliked["stats"]["likes"], unliked["viewer"]["hasLiked"]) == (0, False)
    told = run(sync_graph, "MATCH (e:Event) RETURN e.kind AS kind ORDER BY e.id")
    subject = "Post" if subject_id == "p_1" else "Comment"
    kinds = [f"{subject}Liked", f"{subject}Unliked"]
    assert [event["kind"] for event in told] == kinds


@pytest.mark.parametrize(
    "subject_id", ["p_none", "c_none", "u_bob", "", "1", "c_☃", "p" * 50_000, "c_" + "c" * 50_000]
)
async def test_what_cannot_be_seen_cannot_be_liked(alice: Client, subject_id: str) -> None:
    assert await alice.fail(LIKE, id=subject_id) == ("NOT_FOUND", ["subjectId"])
    assert (await alice.do(UNLIKE, id=subject_id))["subject"] is None


async def test_what_is_deleted_cannot_be_liked(alice: Client, bob: Client) -> None:
    await bob.do('mutation { deleteComment(id: "c_1") { userErrors { code } } }')
    assert await alice.fail(LIKE, id="c_1") == ("NOT_FOUND", ["subjectId"])
    await alice.do('mutation { deletePost(id: "p_1") { userErrors { code } } }')
    for subject_id in ("p_1", "c_1"):
        assert await bob.fail(LIKE, id=subject_id) == ("NOT_FOUND", ["subjectId"])


async def read(client: Client, **variables: Any) -> list[Any]:
    """Read all pages and give kind, actor and subject of each interaction."""
    found = []
    after = None
    while True:
        page = (await client.data(INTERACTIONS, after=after, **variables))["post"]["interactions"]
        for node in (edge["node"] for edge in page["edges"]):
            subject = node["subject"]
            assert subject["__typename"] == ("Comment" if node["kind"] == "COMMENT" else "Post")
            found.append((node["kind"], node["actor"]["username"], subject["id"]))
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def test_interactions_are_of_all_kinds_newest_first(bob: Client, carol: Client) -> None:
    await bob.data(DEEDS)
    await carol.data(DEEDS)
    given = {"postId": "p_1", "parentId": "c_1", "text": "x"}
    document = "mutation ($i: CreateCommentInput!) { createComment(input: $i) { comment { id } } }"
    below = (await carol.do(document, i=given))["comment"]["id"]
    everything = await read(carol)
    assert everything[0] == ("COMMENT", "carol", below)
    assert everything[-1] == ("COMMENT", "bob", "c_1")
    assert sorted(everything[1:-1]) == [
        ("LIKE", "bob", "p_1"),
        ("LIKE", "carol", "p_1"),
        ("SHARE", "bob", "p_1"),
        ("SHARE", "carol", "p_1"),
    ]
    for first in (1, 4):
        assert await read(carol, first=first) == everything
    assert await read(carol, kinds=None) == everything
    for kinds in (["LIKE"], ["SHARE", "COMMENT"], ["COMMENT"]):
        wanted = [each for each in everything if each[0] in kinds]
        assert await read(carol, kinds=kinds, first=1) == wanted


async def test_interactions_without_arguments_are_the_first_of_all(bob: Client) -> None:
    document = '{ post(id: "p_1") { interactions { edges { node { kind } } } } }'
    found = await bob.data(document)
    assert found["post"]["interactions"]["edges"] == [{"node": {"kind": "COMMENT"}}]


async def test_an_interaction_keeps_its_id(alice: Client, bob: Client) -> None:
    await bob.data(DEEDS)
    ids = [
        [edge["node"]["id"] for edge in page["post"]["interactions"]["edges"]]
        for page in (await alice.data(INTERACTIONS), await bob.data(INTERACTIONS))
    ]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


async def test_a_selection_that_cannot_be_read_likes_nothing(alice: Client) -> None:
    for subject_id, bad in (
        ("p_1", "... on Post { comments(first: 0) { edges { cursor } } }"),
        ("c_1", "... on Comment { replies(first: 0) { edges { cursor } } }"),
    ):
        document = f'mutation {{ like(subjectId: "{subject_id}") {{ subject {{ {bad} }} }} }}'
        assert await alice.code(document) == "BAD_USER_INPUT"
    assert await read(alice, kinds=["LIKE"]) == []
