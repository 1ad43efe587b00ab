"""Who is shown to whom: every way to a person, crossed with how they stand to the one who asks.

Erin follows and is followed by alice, bob and carol, likes a post and a comment, shares the post,
comments on it, and everybody is told of that. She blocks bob, carol blocks her, and alice mutes
her; dan has nothing to do with her, but frank, whom he follows, follows her. She follows gina. Then
she is suspended. Moderators see more, as accounts: `test_visible_to_moderators.py`.
"""

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from graphql import GraphQLObjectType, GraphQLSchema

from app.schema import build_schema
from app.tokens import Tokens
from graph.runner import Graph
from tests.app.client import Client
from tests.app.test_visibility import fields_of, object_types
from tests.graph.people import (
    add,
    comment_row,
    follow_row,
    like_row,
    post_row,
    share_row,
    user_row,
)
from tests.graph.world import add_news, catch_up, empty, run, seed

PEOPLE = ALICE, BOB, CAROL, DAN = ("alice", "bob", "carol", "dan")
ERIN, PICTURE = '"erin"', "picture of erin"


@dataclass(frozen=True)
class Way:
    """A way to people.

    Args:
        document: The operation; it asks for `username` wherever it leads to a person.
        hides: To whom it does not show erin, though she is not suspended.
        hides_when_suspended: To whom it does not show erin once she is suspended.
        before: What everybody does first.
    """

    document: str
    hides: tuple[str, ...] = (BOB, CAROL)
    hides_when_suspended: tuple[str, ...] = PEOPLE
    before: str = "{ __typename }"


FOLLOW_ERIN = 'mutation { follow(userId: "u_erin") { userErrors { code } } }'

WAYS = {
    "user by id": Way('{ user(by: {id: "u_erin"}) { username } }', hides=(BOB,)),
    "user by name": Way('{ user(by: {username: "erin"}) { username } }', hides=(BOB,)),
    "node": Way('{ node(id: "u_erin") { ... on User { username } } }', hides=(BOB,)),
    "nodes": Way('{ nodes(ids: ["u_erin"]) { ... on User { username } } }', hides=(BOB,)),
    "search": Way(
        '{ search(text: "erin", kind: USERS) { edges { node { ... on User { username } } } } }'
    ),
    "User.followers": Way(
        '{ user(by: {id: "u_alice"}) { followers { edges { node { username } } } } }'
    ),
    "User.following": Way(
        '{ user(by: {id: "u_alice"}) { following { edges { node { username } } } } }'
    ),
    "User.mutuals": Way(
        '{ user(by: {id: "u_alice"}) { mutuals { users { username } } } }',
        hides=(BOB, CAROL, DAN),
    ),
    "Post.knownLikers": Way(
        '{ post(id: "p_1") { knownLikers { users { username } } } }', hides=(BOB, CAROL, DAN)
    ),
    "Comment.knownLikers": Way(
        '{ comment(id: "c_2") { knownLikers { users { username } } } }', hides=(BOB, CAROL, DAN)
    ),
    "SuggestedUser.user": Way(
        "{ suggestedUsers(first: 100) { user { username } } }", hides=(ALICE, BOB, CAROL)
    ),
    "SuggestedUser.mutuals": Way(
        "{ suggestedUsers(first: 100) { user { id } mutuals { users { username } } } }",
        hides=(BOB, CAROL, DAN),
    ),
    "connectionPath to her": Way(
        '{ connectionPath(to: "u_erin") { username } }', hides=(BOB, CAROL)
    ),
    "connectionPath past her": Way(
        '{ connectionPath(to: "u_gina") { username } }', hides=(BOB, CAROL)
    ),
    "Comment.author": Way('{ comment(id: "c_1") { author { username } } }'),
    "Post.author": Way('{ post(id: "p_erin") { author { username } } }'),
    "CascadeShare.user": Way(
        '{ analytics { cascade(postId: "p_1") { shares { user { username } } } } }'
    ),
    "FollowsAuthor.author": Way(
        "{ feed { edges { reasons { ... on FollowsAuthor { author { username } } } } } }",
        hides=(ALICE, BOB, CAROL),
        before=FOLLOW_ERIN,
    ),
    "SharedByFollowed.users": Way(
        "{ feed { edges { reasons { ... on SharedByFollowed { users { username } } } } } }",
        hides=(ALICE, BOB, CAROL),
        before=FOLLOW_ERIN,
    ),
    "Interaction.actor": Way(
        '{ post(id: "p_1") { interactions { edges { node { actor { username } } } } } }'
    ),
    "Notification.actors": Way(
        "{ notifications { edges { node { actors { users { username } } } } } }",
        hides=(ALICE, BOB, CAROL),
    ),
    "Post.mentions": Way('{ post(id: "p_1") { mentions { username } } }'),
    "Comment.mentions": Way('{ comment(id: "c_2") { mentions { username } } }'),
    "follow": Way(
        'mutation { follow(userId: "u_erin") { user { username } userErrors { code } } }'
    ),
    "unfollow": Way(
        'mutation { unfollow(userId: "u_erin") { user { username } userErrors { code } } }',
        hides=(BOB,),
    ),
    "block": Way(
        'mutation { block(userId: "u_erin") { user { username } userErrors { code } } }',
        hides=(BOB,),
    ),
    "unblock": Way(
        'mutation { unblock(userId: "u_erin") { user { username } userErrors { code } } }',
        hides=(BOB,),
    ),
    "mute": Way(
        'mutation { mute(userId: "u_erin") { user { username } userErrors { code } } }',
        hides=(BOB,),
    ),
    "unmute": Way(
        'mutation { unmute(userId: "u_erin") { user { username } userErrors { code } } }',
        hides=(BOB,),
    ),
    "blockedUsers": Way(
        "{ blockedUsers { edges { node { username } } } }", hides=(ALICE, BOB, DAN)
    ),
    "mutedUsers": Way("{ mutedUsers { edges { node { username } } } }", hides=(BOB, CAROL, DAN)),
}
SHOWS_ONLY_THE_VIEWER = {
    "Query.me",
    "AuthPayload.user",
    "Mutation.updateProfile",
    "UserAnalytics.user",
}
IS_FOR_ADMINS = {"Mutation.setRole"}

_HIDE = """\
MATCH (alice:User {id: 'u_alice'}), (bob:User {id: 'u_bob'})
MATCH (carol:User {id: 'u_carol'}), (erin:User {id: 'u_erin'})
CREATE (erin)-[:BLOCKS {blocker_id: erin.id, blocked_id: bob.id, at: 5, k: '5'}]->(bob)
CREATE (carol)-[:BLOCKS {blocker_id: carol.id, blocked_id: erin.id, at: 5, k: '5'}]->(erin)
CREATE (alice)-[:MUTES {muter_id: alice.id, muted_id: erin.id, at: 5, k: '5'}]->(erin)"""
_NEWS = [
    {"id": f"n_{name}", "k": "4", "to": f"u_{name}", "by": "u_erin", "kind": "LIKE"}
    | {"subject_id": "p_1"}
    for name in PEOPLE
]

_MENTION = """\
MATCH (erin:User {id: 'u_erin'}), (post:Post {id: 'p_1'}), (comment:Comment {id: 'c_2'})
CREATE (post)-[:MENTIONS {position: 0}]->(erin)<-[:MENTIONS {position: 0}]-(comment)"""

_PICTURE = """\
MATCH (erin:User {id: 'u_erin'})
CREATE (erin)-[:HAS_AVATAR]->(image:Media {
  id: 'm_erin', key: 'key_erin', author_id: erin.id, alt_text: 'picture of erin', created_at: 2,
  stored_at: 2})
SET erin.avatar_id = image.id"""


CHANGING = [name for name, way in WAYS.items() if "mutation" in way.before + way.document]
"""Ways that change the world."""
_SUSPEND = "MATCH (erin:User {id: 'u_erin'}) SET erin.suspended_at = 6"


@pytest.fixture
def world(client: Client, sync_graph: Graph) -> Client:
    """The world, for a test that changes it."""
    return make_world(client, sync_graph)


@pytest.fixture(scope="class", params=[False, True], ids=["not suspended", "suspended"])
def is_suspended(
    http: httpx.AsyncClient, tokens: Tokens, sync_graph: Graph, request: pytest.FixtureRequest
) -> bool:
    """Whether erin is suspended in a world that nobody changes further."""
    empty(sync_graph)
    seed(sync_graph)
    make_world(Client(http, tokens), sync_graph)
    if request.param:
        run(sync_graph, _SUSPEND)
    return bool(request.param)


def make_world(client: Client, graph: Graph) -> Client:
    """Make erin's deeds, and how she stands to the others."""
    run(graph, "MATCH (n:Post|Comment) DETACH DELETE n")
    add(graph, "user", [user_row(name) for name in ("erin", "frank", "gina")])
    others = [f"u_{name}" for name in PEOPLE[:-1]]
    add(graph, "follow", [follow_row("u_erin", other, 2) for other in others])
    add(graph, "follow", [follow_row(other, "u_erin", 2) for other in others])
    add(graph, "follow", [follow_row("u_dan", "u_frank", 2), follow_row("u_frank", "u_erin", 2)])
    add(graph, "follow", [follow_row("u_erin", "u_gina", 2)])
    add(graph, "post", [post_row("p_1", "u_dan", 3), post_row("p_erin", "u_erin", 3)])
    add(graph, "post", [post_row("p_gina", "u_gina", 3)])
    said = [comment_row("c_1", "u_erin", "p_1", 4), comment_row("c_2", "u_dan", "p_1", 4)]
    add(graph, "comment", said)
    add(graph, "like", [like_row("u_erin", subject, 4) for subject in ("p_1", "c_2")])
    add(graph, "share", [share_row("u_erin", post, 4) for post in ("p_1", "p_gina")])
    add(graph, "comment", [comment_row("c_2", "u_dan", "p_1", 4)])
    run(graph, _MENTION)
    run(graph, _PICTURE)
    add_news(graph, _NEWS)
    run(graph, _HIDE)
    catch_up(graph)
    return client


async def sees_erin(client: Client, way: Way) -> bool:
    """Tell whether a way shows erin to somebody, and her picture with her."""
    await client.data(way.before)
    document = way.document.replace("username }", "username avatar { altText } }")
    answer = json.dumps(await client.data(document))
    assert (ERIN in answer) == (PICTURE in answer)
    return ERIN in answer


def who_should_see(way: Way, *, is_suspended: bool) -> list[str]:
    """Give the people to whom a way shows erin."""
    hides = way.hides_when_suspended if is_suspended else way.hides
    return [person for person in PEOPLE if person not in hides]


class TestLooking:
    """Ways that change nothing, all in one world."""

    @pytest.mark.parametrize("name", [name for name in WAYS if name not in CHANGING])
    async def test_nobody_sees_whom_they_may_not(
        self, http: httpx.AsyncClient, tokens: Tokens, is_suspended: bool, name: str
    ) -> None:
        way, client = WAYS[name], Client(http, tokens)
        seen = [person for person in PEOPLE if await sees_erin(client.as_(person), way)]
        assert seen == who_should_see(way, is_suspended=is_suspended)


@pytest.mark.parametrize("is_suspended", [False, True])
@pytest.mark.parametrize("name", CHANGING)
async def test_no_command_shows_whom_one_may_not_see(
    world: Client, sync_graph: Graph, name: str, is_suspended: bool
) -> None:
    if is_suspended:
        run(sync_graph, _SUSPEND)
    way = WAYS[name]
    seen = [person for person in PEOPLE if await sees_erin(world.as_(person), way)]
    assert seen == who_should_see(way, is_suspended=is_suspended)


def ways_to_people(schema: GraphQLSchema) -> set[str]:
    """Give `Type.field` of all that answer with people, alone or in a list or a connection."""
    wrappers = {"User", "UserSample", "UserConnection", "UserEdge", "UserPayload"}
    return {
        f"{name}.{field}"
        for name, each in schema.type_map.items()
        if isinstance(each, GraphQLObjectType) and name not in wrappers - {"User"}
        for field, at in each.fields.items()
        if object_types(schema, at) & wrappers
    }


@pytest.mark.unit
def test_every_way_to_people_is_in_the_table() -> None:
    schema = build_schema()
    taken: set[Any] = {f for way in WAYS.values() for f in fields_of(schema, way.document)}
    assert ways_to_people(schema) - taken == SHOWS_ONLY_THE_VIEWER | IS_FOR_ADMINS
