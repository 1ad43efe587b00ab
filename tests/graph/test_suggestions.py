"""Suggested people: friends of friends, with who explains them, and no more work than is bound."""

import pytest

from graph import suggestions
from graph.blocks import block
from graph.errors import InvalidInput
from graph.follows import follow
from graph.mutes import mute
from graph.runner import Graph
from graph.selection import Selection
from graph.suggestions import read_suggestions
from graph.viewer import Viewer
from tests.graph.people import World, add, below, follow_row, new_world, pick, sample, user_row

SUGGESTED = pick(below("user", "User", "id", "stats"), sample("mutuals"))


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    """Alice follows bob, carol and dan, in this order; they follow x, y, z and each other."""
    world = new_world(sync_graph)
    add(world.graph, "user", [user_row(name) for name in "xyz"])
    alice, *friends = (viewer.user_id for viewer in world.people)
    add(world.graph, "follow", [follow_row(alice, each, n) for n, each in enumerate(friends)])
    bob, carol, dan = friends
    pairs = [(bob, "u_z"), (carol, "u_z"), (dan, "u_y"), (dan, "u_x"), (carol, "u_x")]
    pairs += [(bob, carol), (carol, bob), (dan, bob), (dan, alice), (bob, alice), (bob, "u_y")]
    add(world.graph, "follow", [follow_row(*pair, n) for n, pair in enumerate(pairs)])
    return world


def _suggested(world: World, viewer: Viewer, first: int = 100) -> list[tuple[str, int, str]]:
    rows = world.run(read_suggestions(viewer, first, SUGGESTED))
    return [
        (
            row["user"]["username"],
            row["@mutuals"]["total_count"],
            " ".join(user["username"] for user in row["@mutuals"]["users"]),
        )
        for row in rows
    ]


def test_friends_of_friends_come_with_who_explains_them(world: World) -> None:
    world.run(follow(world.carol, "u_y"))
    world.run(follow(world.dan, "u_z"))

    expected = [("y", 3, "bob carol dan"), ("z", 3, "bob carol dan"), ("x", 2, "carol dan")]
    assert _suggested(world, world.alice) == expected
    assert _suggested(world, world.alice, 1) == expected[:1]
    assert _suggested(world, world.carol) == [("alice", 1, "bob")]


def test_whom_one_follows_mutes_or_may_not_see_is_not_suggested(world: World) -> None:
    add(world.graph, "user", [user_row("w")])
    add(world.graph, "follow", [follow_row(world.dan.user_id, "u_w", 20)])
    world.run(mute(world.alice, "u_x"))
    world.run(follow(world.alice, "u_y"))
    world.run(block(world.alice, "u_w"))
    assert _suggested(world, world.alice) == [("z", 2, "bob carol")]

    world.cypher("MATCH (u:User {id: 'u_z'}) SET u.suspended_at = 1")
    assert _suggested(world, world.alice) == []


def test_who_blocks_one_is_not_suggested(world: World) -> None:
    world.run(block(world.alice, world.carol.user_id))
    found = [name for name, *_ in _suggested(world, world.dan)]
    assert found == ["carol", "z"]  # alice and bob he follows or does not reach
    world.run(block(world.carol, world.dan.user_id))
    assert [name for name, *_ in _suggested(world, world.dan)] == ["z"]


def test_who_is_hidden_explains_nothing(world: World) -> None:
    world.run(block(world.carol, world.alice.user_id))
    world.run(mute(world.alice, world.dan.user_id))
    assert _suggested(world, world.alice) == [("y", 2, "bob dan"), ("x", 1, "dan"), ("z", 1, "bob")]

    world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=world.dan.user_id)
    assert _suggested(world, world.alice) == [("y", 1, "bob"), ("z", 1, "bob")]


def test_who_follows_nobody_has_no_suggestions(world: World) -> None:
    (row,) = world.cypher(
        "MATCH (:User {id: $id})-[f:FOLLOWS]->() DELETE f RETURN count(f) AS n",
        id=world.carol.user_id,
    )
    assert row["n"] == 3
    assert world.run(read_suggestions(world.carol, 10, Selection())) == []


@pytest.mark.parametrize(
    ("bound", "most", "expected"),
    [
        ("_MOST_FRIENDS", 1, [("x", 1, "dan"), ("y", 1, "dan")]),
        ("_MOST_OF_EACH", 2, [("x", 1, "carol"), ("y", 1, "bob")]),
        ("_MOST_FOLLOWS", 4, [("x", 1, "dan"), ("y", 1, "dan")]),
    ],
)
def test_what_is_looked_at_is_bounded_newest_follows_first(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    bound: str,
    most: int,
    expected: list[tuple[str, int, str]],
) -> None:
    monkeypatch.setattr(suggestions, bound, most)
    assert _suggested(world, world.alice) == expected


@pytest.mark.parametrize("first", [0, 101])
def test_there_are_one_to_a_hundred_suggestions(world: World, first: int) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 100"):
        _suggested(world, world.alice, first)
