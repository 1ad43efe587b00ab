from typing import Any

import pytest

from graph.runner import Graph
from graph.viewer import Role
from tests.app.client import Client
from tests.app.resolvers.test_posts import write
from tests.graph.hours import recount, settle
from tests.graph.world import run

TOP = """
query ($window: TimeWindow! = DAY, $from: DateTime, $to: DateTime, $by: TopBy! = ENGAGEMENT,
       $first: Int! = 10) {
  analytics {
    topPosts(window: $window, from: $from, to: $to, by: $by, first: $first) {
      from to asOf
      posts { engagement likes comments shares post { id author { username } } }
    }
  }
}
"""
POST = """
query ($id: ID!) {
  analytics { post(id: $id) { engagement likes comments shares asOf post { id text } } }
}
"""


async def act(client: Client, *mutations: str) -> None:
    for mutation in mutations:
        await client.do(f"mutation {{ {mutation} {{ userErrors {{ code }} }} }}")


@pytest.fixture
async def second(alice: Client, bob: Client, carol: Client, sync_graph: Graph) -> str:
    """A second post, of bob, with two likes; the first has a share and a comment of now."""
    second = await write(bob)
    for who in (alice, carol):
        await act(who, f'like(subjectId: "{second}")')
    await act(bob, 'share(postId: "p_1")', 'createComment(input: {postId: "p_1", text: "x"})')
    recount(sync_graph)
    settle(sync_graph)
    return second


def figures(found: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    rows = found["analytics"]["topPosts"]["posts"]
    return [(row["engagement"], row["likes"], row["comments"], row["shares"]) for row in rows]


async def test_top_posts_are_of_the_window_and_by_what_counts(bob: Client, second: str) -> None:
    day = await bob.data(TOP)
    top = day["analytics"]["topPosts"]
    assert [row["post"]["id"] for row in top["posts"]] == ["p_1", second]
    assert figures(day) == [(5, 0, 1, 1), (2, 2, 0, 0)]
    assert top["from"].endswith(":00:00.000Z")
    assert top["from"] < top["asOf"] <= top["to"]
    assert figures(await bob.data(TOP, window="ALL"))[0] == (7, 0, 2, 1)  # bob's old comment too
    assert figures(await bob.data(TOP, by="LIKES")) == [(2, 2, 0, 0)]
    assert figures(await bob.data(TOP, by="COMMENTS")) == [(5, 0, 1, 1)]
    assert figures(await bob.data(TOP, by="SHARES", first=1)) == [(5, 0, 1, 1)]


async def test_a_span_is_of_whole_hours(bob: Client, second: str) -> None:
    assert second
    span = {"from": "1970-01-01T00:30:00Z", "to": "1970-01-01T02:00:00.001+01:00"}
    found = await bob.data(TOP, **span)
    top = found["analytics"]["topPosts"]
    assert (top["from"], top["to"]) == ("1970-01-01T00:00:00.000Z", "1970-01-01T02:00:00.000Z")
    assert figures(found) == [(2, 0, 1, 0)]


async def test_a_deleted_post_is_no_top_post(alice: Client, bob: Client, second: str) -> None:
    await act(alice, 'deletePost(id: "p_1")')
    found = await bob.data(TOP)
    assert [row["post"]["id"] for row in found["analytics"]["topPosts"]["posts"]] == [second]


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": 0},
        {"first": 101},
        {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
        {"from": "2026-01-02"},
        {"to": "9999-12-31T23:59:59Z"},
        {"to": 5},
        {"window": "CENTURY"},
    ],
)
async def test_what_makes_no_span_is_bad_input(bob: Client, wrong: dict[str, Any]) -> None:
    assert await bob.code(TOP, **wrong) == "BAD_USER_INPUT"


async def test_totals_are_for_the_author_and_for_admins(
    alice: Client, bob: Client, second: str, sync_graph: Graph
) -> None:
    mine = (await alice.data(POST, id="p_1"))["analytics"]["post"]
    assert (mine["engagement"], mine["likes"], mine["comments"], mine["shares"]) == (7, 0, 2, 1)
    assert mine["post"] == {"id": "p_1", "text": "hello"}
    assert await bob.data(POST, id="p_1") == {"analytics": {"post": None}}
    assert await alice.data(POST, id=second) == {"analytics": {"post": None}}
    assert await alice.data(POST, id="p_none") == {"analytics": {"post": None}}
    run(sync_graph, "MATCH (u:User {id: 'u_bob'}) SET u.role = 'ADMIN'")
    admin = bob.as_("bob", Role.ADMIN)
    assert (await admin.data(POST, id="p_1"))["analytics"]["post"]["engagement"] == 7


SERIES = """
query ($post: ID!, $user: ID!, $interval: Interval, $from: DateTime) {
  analytics {
    platform(interval: $interval) {
      posts comments likes shares interval from to asOf
      series { from to posts comments likes shares }
    }
    post(id: $post, interval: $interval, from: $from) {
      likes comments shares engagement interval from to asOf
      series { from to likes comments shares engagement }
    }
    user(id: $user, interval: $interval, from: $from) {
      user { username }
      posts comments likesGiven likesReceived shares interval from to asOf
      series { from to posts comments likesGiven likesReceived shares }
    }
  }
}
"""


async def test_series_of_the_platform_a_post_and_a_person(bob: Client, second: str) -> None:
    found = (await bob.data(SERIES, post=second, user="u_bob"))["analytics"]
    (first_of_post, *rest) = found["post"]["series"]
    assert rest == [] or first_of_post["to"] == rest[0]["from"]
    assert found["post"]["interval"] == "HOUR"
    assert sum(bucket["likes"] for bucket in found["post"]["series"]) == found["post"]["likes"] == 2
    assert len(found["platform"]["series"]) == 25
    totals = [found["platform"][name] for name in ("posts", "comments", "likes", "shares")]
    assert totals == [1, 1, 2, 1]
    names = ("posts", "comments", "likesGiven", "likesReceived", "shares")
    assert [found["user"][name] for name in names] == [1, 2, 0, 2, 1]
    assert (found["user"]["user"], found["user"]["interval"]) == ({"username": "bob"}, "MONTH")
    for figures in found.values():
        assert figures["from"] <= figures["series"][-1]["from"] < figures["asOf"]
        assert figures["series"][-1]["to"] == figures["to"]


async def test_a_series_of_too_many_buckets_is_bad_input(bob: Client, second: str) -> None:
    document = """
    query ($id: ID!) { analytics {
      post(id: $id, interval: HOUR, from: "2020-01-01T00:00:00Z") { likes %s }
    } }
    """
    assert await bob.code(document % "series { likes }", id=second) == "BAD_USER_INPUT"
    assert (await bob.data(document % "interval", id=second))["analytics"]["post"]["likes"] == 2


async def test_what_others_did_is_not_told(alice: Client, second: str) -> None:
    found = (await alice.data(SERIES, post=second, user="u_bob"))["analytics"]
    assert found["post"] is found["user"] is None
    assert found["platform"]["likes"] == 2


SHAPE = """
query ($id: ID!) {
  analytics {
    conversation(postId: $id) {
      comments depth breadth branchingFactor participants medianReplyTime asOf post { id }
      mostReplied { replies comment { id author { username } } }
    }
    cascade(postId: $id) {
      shareCount authorFollowers reached depth asOf post { id }
      shares { place from depth user { username } sharedAt followers newlyReached below }
    }
  }
}
"""


async def test_the_shape_of_a_conversation_and_of_a_cascade(alice: Client, bob: Client) -> None:
    await act(alice, 'createComment(input: {postId: "p_1", parentId: "c_1", text: "x"})')
    await act(bob, 'share(postId: "p_1")')
    await act(alice, 'share(postId: "p_1", viaUserId: "u_bob")', 'follow(userId: "u_bob")')

    found = (await bob.data(SHAPE, id="p_1"))["analytics"]

    talk, cascade = found["conversation"], found["cascade"]
    assert (talk["comments"], talk["depth"], talk["breadth"], talk["participants"]) == (2, 2, 1, 2)
    assert talk["branchingFactor"] == 1.0
    assert talk["medianReplyTime"] > 0
    assert talk["mostReplied"] == {
        "replies": 1,
        "comment": {"id": "c_1", "author": {"username": "bob"}},
    }
    assert (cascade["shareCount"], cascade["reached"], cascade["depth"]) == (2, 0, 2)
    names = ("place", "from", "depth", "followers", "newlyReached", "below")
    assert [tuple(each[name] for name in names) for each in cascade["shares"]] == [
        (1, None, 1, 1, 0, 1),
        (2, 1, 2, 0, 0, 0),
    ]
    nothing = (await bob.data(SHAPE, id="p_none"))["analytics"]
    assert nothing == {"conversation": None, "cascade": None}


async def test_figures_of_several_spans_in_one_request(bob: Client, second: str) -> None:
    document = """
    { analytics { __typename
      a: topPosts(window: ALL, by: LIKES) { posts { likes } }
      b: topPosts(window: HOUR, by: SHARES) { posts { shares post { ...P } } }
    } }
    fragment P on Node { id __typename }
    """
    found = (await bob.data(document))["analytics"]
    assert second
    assert found["__typename"] == "Analytics"
    assert found["a"]["posts"] == [{"likes": 2}]
    assert found["b"]["posts"] == [{"shares": 1, "post": {"id": "p_1", "__typename": "Post"}}]
