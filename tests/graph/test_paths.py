"""People are connected by the shortest chain of those whom one may see."""

from itertools import pairwise

import pytest

from graph.blocks import block
from graph.follows import follow
from graph.paths import find_path
from graph.runner import Graph
from graph.viewer import Viewer
from tests.graph.people import World, add, follow_row, new_world, pick, user_row

CHAIN = [f"u_c{n}" for n in range(1, 8)]


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    """From alice seven steps lead to c7, each other one against the direction of the follow."""
    world = new_world(sync_graph)
    add(world.graph, "user", [user_row(each[2:]) for each in CHAIN])
    people = [world.alice.user_id, *CHAIN]
    pairs = [(a, b)[:: (-1) ** n] for n, (a, b) in enumerate(pairwise(people))]
    add(world.graph, "follow", [follow_row(*pair, 1) for pair in pairs])
    return world


def _path(world: World, viewer: Viewer, user_id: str) -> str | None:
    rows = world.run(find_path(viewer, user_id, pick("stats")))
    return rows and " ".join(row["username"] for row in rows)


def test_a_follow_connects_in_either_direction_for_six_steps(world: World) -> None:
    assert _path(world, world.alice, "u_c1") == "alice c1"
    assert _path(world, world.alice, "u_c6") == "alice c1 c2 c3 c4 c5 c6"
    assert _path(world, world.alice, "u_c7") is None


def test_the_shortest_chain_is_given(world: World) -> None:
    add(world.graph, "follow", [follow_row("u_c5", "u_c1", 1)])
    assert _path(world, world.alice, "u_c5") == "alice c1 c5"
    assert _path(world, world.alice, "u_c7") == "alice c1 c5 c6 c7"


def test_one_is_connected_to_oneself_by_nobody_else(world: World) -> None:
    assert _path(world, world.alice, world.alice.user_id) == "alice"
    assert _path(world, world.dan, world.dan.user_id) == "dan"


@pytest.mark.parametrize("bad", ["u_none", "", "p_1", "\x00"])
def test_who_is_not_there_or_follows_nobody_is_not_connected(world: World, bad: str) -> None:
    assert _path(world, world.alice, bad) is None
    assert _path(world, world.alice, world.dan.user_id) is None


def _block(world: World) -> None:
    world.run(block(world.alice, world.bob.user_id))


def _be_blocked(world: World) -> None:
    world.run(block(world.bob, world.alice.user_id))


def _suspend(world: World) -> None:
    world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=world.bob.user_id)


@pytest.mark.parametrize("hide", [_block, _be_blocked, _suspend])
def test_a_chain_goes_around_who_is_hidden(world: World, hide: object) -> None:
    bob, dan = world.bob.user_id, world.dan.user_id
    add(world.graph, "follow", [follow_row(bob, world.alice.user_id, 1), follow_row(bob, dan, 1)])
    assert _path(world, world.alice, dan) == "alice bob dan"

    assert callable(hide)
    hide(world)

    assert _path(world, world.alice, bob) is None
    assert _path(world, world.alice, dan) is None
    world.run(follow(world.dan, "u_c1"))
    assert _path(world, world.alice, dan) == "alice c1 dan"


def test_a_block_between_others_hides_nothing(world: World) -> None:
    bob, dan = world.bob.user_id, world.dan.user_id
    add(world.graph, "follow", [follow_row(bob, world.alice.user_id, 1), follow_row(bob, dan, 1)])
    world.run(block(world.bob, dan))
    assert _path(world, world.alice, dan) == "alice bob dan"
