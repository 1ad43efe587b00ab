"""Many people do the same thing at once: each is answered as if alone, and the result is exact.

All go through the application as clients do, at the same instant. Afterwards every count that it
tells is the number of edges, of acknowledged requests, and of events that were committed.
"""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, Final

import pytest

from graph.runner import Graph
from tests.app.client import Client
from tests.graph.world import BOBS_COMMENT, POST, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

CROWD: Final = 64
FANS: Final = 32
ROUNDS: Final = 5

LIKE: Final = """
mutation ($id: ID!) { like(subjectId: $id) { subject { stats { likes } } userErrors { code } } }
"""
UNLIKE: Final = "mutation ($id: ID!) { unlike(subjectId: $id) { userErrors { code } } }"
REPLY: Final = """
mutation ($input: CreateCommentInput!) {
  createComment(input: $input) { comment { id } userErrors { code } }
}
"""
FOLLOW: Final = """
mutation ($id: ID!) {
  follow(userId: $id) { user { stats { followers } } userErrors { code } }
}
"""
BLOCK: Final = "mutation ($id: ID!) { block(userId: $id) { user { id } userErrors { code } } }"
DELETE_POST: Final = "mutation ($id: ID!) { deletePost(id: $id) { userErrors { code } } }"
POST_STATS: Final = "query ($id: ID!) { post(id: $id) { stats { likes comments } } }"
USER_STATS: Final = """
query ($id: ID!) { user(by: {id: $id}) { stats { followers following } viewer { blocking } } }
"""


@pytest.fixture
def crowd(client: Client, sync_graph: Graph) -> list[Client]:
    names = [f"fan{n}" for n in range(CROWD)]
    run(
        sync_graph,
        """\
UNWIND $names AS name
CREATE (:User {id: 'u_' + name, username: name, display_name: name, role: 'USER', created_at: 1})
CREATE (:Session {id: 's_' + name, user_id: 'u_' + name, created_at: 1,
                  expires_at: 9999999999999, refresh_id: name})""",
        names=names,
    )
    return [client.as_(name) for name in names]


async def _at_once(requests: Iterable[Awaitable[dict[str, Any]]]) -> list[dict[str, Any]]:
    return list(await asyncio.gather(*requests))


def _codes(payloads: Sequence[dict[str, Any]]) -> set[str]:
    return {error["code"] for payload in payloads for error in payload["userErrors"]}


async def _each(clients: Sequence[Client], document: str, **variables: Any) -> list[dict[str, Any]]:
    """Let everybody send the same mutation at once; give the payloads."""
    answers = await _at_once(client.data(document, **variables) for client in clients)
    return [next(iter(answer.values())) for answer in answers]


def _count(graph: Graph, pattern: str, **parameters: object) -> int:
    (row,) = run(graph, f"RETURN COUNT {{ MATCH {pattern} }} AS n", **parameters)
    assert isinstance(row["n"], int)
    return row["n"]


def _events(graph: Graph, kind: str) -> int:
    return _count(graph, "(e:Event {kind: $kind})", kind=kind)


async def test_sixty_four_people_like_one_post_at_once(
    crowd: list[Client], sync_graph: Graph
) -> None:
    twice = crowd + crowd
    liked = await _each(twice, LIKE, id=POST)

    assert _codes(liked) == set()
    assert max(each["subject"]["stats"]["likes"] for each in liked) == CROWD
    assert _count(sync_graph, "(:User)-[:LIKED]->(:Post {id: $id})", id=POST) == CROWD
    assert _events(sync_graph, "PostLiked") == CROWD
    stats = (await crowd[0].data(POST_STATS, id=POST))["post"]["stats"]
    assert stats["likes"] == CROWD

    unliked = await _each(crowd[:FANS] * 2, UNLIKE, id=POST)
    assert _codes(unliked) == set()
    assert _count(sync_graph, "(:User)-[:LIKED]->(:Post {id: $id})", id=POST) == CROWD - FANS
    assert _events(sync_graph, "PostUnliked") == FANS


async def test_sixty_four_people_reply_to_one_comment_at_once(
    crowd: list[Client], sync_graph: Graph
) -> None:
    given = {"postId": POST, "parentId": BOBS_COMMENT, "text": "yes", "idempotencyKey": "k"}
    replied = await _each(crowd + crowd, REPLY, input=given)

    assert _codes(replied) == set()
    assert len({each["comment"]["id"] for each in replied}) == CROWD
    document = "query ($id: ID!) { comment(id: $id) { stats { replies } } }"
    comment = (await crowd[0].data(document, id=BOBS_COMMENT))["comment"]
    assert comment["stats"]["replies"] == CROWD
    assert (await crowd[0].data(POST_STATS, id=POST))["post"]["stats"]["comments"] == CROWD + 1
    assert _events(sync_graph, "CommentCreated") == CROWD


async def test_thirty_two_people_follow_one_person_at_once(
    crowd: list[Client], sync_graph: Graph
) -> None:
    followed = await _each(crowd[:FANS] * 2, FOLLOW, id="u_alice")

    assert _codes(followed) == set()
    assert max(each["user"]["stats"]["followers"] for each in followed) == FANS
    stats = (await crowd[0].data(USER_STATS, id="u_alice"))["user"]["stats"]
    assert stats["followers"] == FANS
    assert _count(sync_graph, "(:User)-[:FOLLOWS]->(:User {id: 'u_alice'})") == FANS
    assert _events(sync_graph, "UserFollowed") == FANS


async def test_likes_against_a_deletion_stand_as_they_were_acknowledged(
    client: Client, crowd: list[Client], sync_graph: Graph
) -> None:
    alice = client.as_("alice")
    half = len(crowd) // 2
    answers = await _at_once(
        [each.data(LIKE, id=POST) for each in crowd[:half]]
        + [alice.data(DELETE_POST, id=POST)]
        + [each.data(LIKE, id=POST) for each in crowd[half:]]
    )

    deleted = answers.pop(half)
    assert deleted["deletePost"]["userErrors"] == []
    likes = [each["like"] for each in answers]
    assert _codes(likes) <= {"NOT_FOUND"}
    acknowledged = sum(not each["userErrors"] for each in likes)
    assert _count(sync_graph, "(:User)-[:LIKED]->({id: $id})", id=POST) == acknowledged
    assert _events(sync_graph, "PostLiked") == acknowledged
    assert (await crowd[0].data(POST_STATS, id=POST))["post"] is None


async def test_follows_against_blocks_stand_as_they_were_acknowledged(
    client: Client, crowd: list[Client], sync_graph: Graph
) -> None:
    alice = client.as_("alice")
    fans = crowd[:FANS]
    for _ in range(ROUNDS):
        answers = await _at_once(
            request
            for n, fan in enumerate(fans)
            for request in (fan.data(FOLLOW, id="u_alice"), alice.data(BLOCK, id=f"u_fan{n}"))
        )
        follows = [each["follow"] for each in answers if "follow" in each]
        blocks = [each["block"] for each in answers if "block" in each]
        assert _codes(follows) <= {"NOT_FOUND"}
        assert _codes(blocks) == set()
        acknowledged = sum(not each["userErrors"] for each in follows)
        assert _count(sync_graph, "({id: 'u_alice'})-[:BLOCKS]->(:User)") == FANS
        assert _count(sync_graph, "({id: 'u_alice'})<-[:FOLLOWS]-(:User)") == acknowledged
        stats = (await alice.data(USER_STATS, id="u_alice"))["user"]["stats"]
        assert stats == {"followers": acknowledged, "following": 0}
        assert _codes(await _each(fans, FOLLOW, id="u_alice")) <= {"NOT_FOUND"}
        assert _count(sync_graph, "({id: 'u_alice'})<-[:FOLLOWS]-(:User)") == acknowledged
        run(sync_graph, "MATCH (:User)-[edge:BLOCKS|FOLLOWS]->(:User) DELETE edge")
