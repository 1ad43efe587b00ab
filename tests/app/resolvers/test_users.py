import pytest

from graph.runner import Graph
from tests.app.client import Client
from tests.graph.world import run

USER = """
fragment U on User {
  __typename id username displayName bio createdAt role
  stats { followers following posts comments }
  viewer { following followedBy }
}
"""
READ = "query ($by: UserBy!) { user(by: $by) { ...U } }" + USER
FOLLOW = (
    "mutation ($id: ID!) { follow(userId: $id) "
    "{ user { ...U } userErrors { code path message } } }" + USER
)
UNFOLLOW = FOLLOW.replace("follow(", "unfollow(")


async def test_a_person_is_found_by_id_and_by_name(alice: Client) -> None:
    by_id = (await alice.data(READ, by={"id": "u_bob"}))["user"]
    assert by_id["stats"] == {"followers": 0, "following": 0, "posts": 0, "comments": 1}
    assert by_id["createdAt"] == "1970-01-01T00:00:00.001Z"
    for username in ("bob", " BOB "):
        assert (await alice.data(READ, by={"username": username}))["user"] == by_id


@pytest.mark.parametrize("name", ["u_none", "", "☃", "p_1", "x" * 50_000])
async def test_who_is_not_there_is_null(alice: Client, name: str) -> None:
    for by in ({"id": name}, {"username": name}):
        assert await alice.data(READ, by=by) == {"user": None}
    assert await alice.fail(FOLLOW, id=name) == ("NOT_FOUND", ["userId"])
    assert await alice.fail(UNFOLLOW, id=name) == ("NOT_FOUND", ["userId"])


@pytest.mark.parametrize("by", [{}, {"id": "x", "username": "x"}, {"id": None}])
async def test_a_person_has_exactly_one_name_in_a_question(
    alice: Client, by: dict[str, str | None]
) -> None:
    assert await alice.code(READ, by=by) == "BAD_USER_INPUT"


_KINDS = "MATCH (e:Event) RETURN e.kind AS kind ORDER BY kind"


async def test_a_follow_is_one_however_often(alice: Client, bob: Client, sync_graph: Graph) -> None:
    for _ in range(2):
        bobs = (await alice.do(FOLLOW, id="u_bob"))["user"]
        assert (bobs["stats"]["followers"], bobs["viewer"]) == (
            1,
            {"following": True, "followedBy": False},
        )
    alices = (await bob.data(READ, by={"id": "u_alice"}))["user"]
    assert alices["viewer"] == {"following": False, "followedBy": True}
    assert alices["stats"]["following"] == 1
    for _ in range(2):
        bobs = (await alice.do(UNFOLLOW, id="u_bob"))["user"]
        assert (bobs["stats"]["followers"], bobs["viewer"]["following"]) == (0, False)
    kinds = [row["kind"] for row in run(sync_graph, _KINDS)]
    assert kinds == ["UserFollowed", "UserUnfollowed"]


async def test_nobody_follows_themselves(alice: Client) -> None:
    assert await alice.fail(FOLLOW, id="u_alice") == ("VALIDATION", ["userId"])


async def test_a_suspended_person_is_not_there(
    alice: Client, bob: Client, sync_graph: Graph
) -> None:
    run(sync_graph, "MATCH (u:User {id: 'u_bob'}) SET u.suspended_at = 1")
    assert await alice.data(READ, by={"id": "u_bob"}) == {"user": None}
    assert await alice.fail(FOLLOW, id="u_bob") == ("NOT_FOUND", ["userId"])
    assert await bob.code("{ me { id } }") == "UNAUTHENTICATED"


async def test_lists_of_a_person_come_in_pages(alice: Client, bob: Client, carol: Client) -> None:
    for who in (bob, carol):
        await who.do(FOLLOW, id="u_alice")
    document = """
    query ($after: String) {
      user(by: {id: "u_alice"}) {
        followers(first: 1, after: $after) {
          edges { node { username following { edges { node { id } } } } }
          pageInfo { hasNextPage endCursor hasPreviousPage }
        }
        all: followers { edges { node { id } } }
        posts { edges { node { id author { id } } } }
      }
    }
    """
    first = (await alice.data(document))["user"]
    followed = {"edges": [{"node": {"id": "u_alice"}}]}
    assert first["followers"]["edges"] == [{"node": {"username": "carol", "following": followed}}]
    assert first["all"]["edges"] == [{"node": {"id": "u_carol"}}, {"node": {"id": "u_bob"}}]
    assert first["posts"]["edges"] == [{"node": {"id": "p_1", "author": {"id": "u_alice"}}}]
    after = first["followers"]["pageInfo"]["endCursor"]
    second = (await alice.data(document, after=after))["user"]["followers"]
    assert [edge["node"]["username"] for edge in second["edges"]] == ["bob"]
    assert not second["pageInfo"]["hasNextPage"]
    assert second["pageInfo"]["hasPreviousPage"]


async def test_a_selection_that_cannot_be_read_follows_nobody(alice: Client) -> None:
    document = 'mutation { follow(userId: "u_bob") { user { posts(first: 0) { __typename } } } }'
    assert await alice.code(document) == "BAD_USER_INPUT"
    assert not (await alice.data(READ, by={"id": "u_bob"}))["user"]["viewer"]["following"]


@pytest.mark.parametrize(
    ("verb", "flag", "listed"),
    [("block", "blocking", "blockedUsers"), ("mute", "muting", "mutedUsers")],
)
async def test_whom_one_blocks_or_mutes_is_still_found_and_listed(
    alice: Client, bob: Client, verb: str, flag: str, listed: str
) -> None:
    answer = f"user {{ id viewer {{ {flag} }} }} userErrors {{ code path message }}"
    do = f"mutation ($id: ID!) {{ {verb}(userId: $id) {{ {answer} }} }}"
    undo = do.replace(f"{verb}(", f"un{verb}(")
    own = f"{{ {listed}(first: 1) {{ edges {{ node {{ id }} }} pageInfo {{ hasNextPage }} }} }}"

    for _ in range(2):
        assert (await alice.do(do, id="u_bob"))["user"] == {"id": "u_bob", "viewer": {flag: True}}
    assert (await alice.data(own))[listed] == {
        "edges": [{"node": {"id": "u_bob"}}],
        "pageInfo": {"hasNextPage": False},
    }
    assert (await bob.data(own))[listed]["edges"] == []
    for _ in range(2):
        assert (await alice.do(undo, id="u_bob"))["user"] == {
            "id": "u_bob",
            "viewer": {flag: False},
        }
    assert await alice.fail(do, id="u_alice") == ("VALIDATION", ["userId"])
    assert await alice.fail(do, id="u_none") == ("NOT_FOUND", ["userId"])


async def test_whom_one_blocks_cannot_be_followed(alice: Client, bob: Client) -> None:
    await alice.do('mutation { block(userId: "u_bob") { userErrors { code } } }')
    assert await alice.fail(FOLLOW, id="u_bob") == ("CONFLICT", ["userId"])
    assert await bob.fail(FOLLOW, id="u_alice") == ("NOT_FOUND", ["userId"])


async def test_a_profile_keeps_what_is_left_out_and_loses_what_is_null(alice: Client) -> None:
    update = (
        "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) "
        "{ user { displayName bio } userErrors { code path message } } }"
    )
    for given, told in (
        ({"displayName": "Alice", "bio": "Birds."}, {"displayName": "Alice", "bio": "Birds."}),
        ({}, {"displayName": "Alice", "bio": "Birds."}),
        ({"bio": None}, {"displayName": "Alice", "bio": None}),
        ({"displayName": None}, {"displayName": "alice", "bio": None}),
    ):
        assert (await alice.do(update, input=given))["user"] == told
    wrong = {"bio": "x" * 501}
    assert await alice.fail(update, input=wrong) == ("VALIDATION", ["input", "bio"])
