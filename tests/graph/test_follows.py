"""Follows: between two people, once, and never waiting for each other."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.errors import InvalidInput, NotFound
from graph.follows import follow, unfollow
from graph.runner import Graph
from graph.users import find_user
from tests.graph.people import World, ids_of, new_world, page_of, pick

SELECTION = pick("stats", "viewer", page_of("followers", "User"), page_of("following", "User"))


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


NEITHER = dict.fromkeys(("following", "followed_by", "blocking", "muting"), False)


def test_a_follow_shows_on_both_sides(world: World) -> None:
    alice, bob = world.alice.user_id, world.bob.user_id

    assert world.run(follow(world.alice, bob)) == bob

    followee = world.run(find_user(world.alice, bob, SELECTION))
    follower = world.run(find_user(world.bob, alice, SELECTION))
    assert followee is not None
    assert follower is not None
    assert followee["viewer"] == NEITHER | {"following": True}
    assert follower["viewer"] == NEITHER | {"followed_by": True}
    assert (ids_of(followee["@followers"]), ids_of(followee["@following"])) == ([alice], [])
    assert (ids_of(follower["@followers"]), ids_of(follower["@following"])) == ([], [bob])
    assert followee["stats"] == {"followers": 1, "following": 0, "posts": 0, "comments": 0}
    assert follower["stats"] == {"followers": 0, "following": 1, "posts": 0, "comments": 0}


def test_nobody_follows_themselves(world: World) -> None:
    with pytest.raises(InvalidInput, match="yourself"):
        follow(world.alice, world.alice.user_id)


@pytest.mark.parametrize("bad", ["u_none", "", "\x00", "p_1"])
def test_who_is_not_there_is_not_found(world: World, bad: str) -> None:
    for command in (follow(world.alice, bad), unfollow(world.alice, bad)):
        with pytest.raises(NotFound):
            world.run(command)
    assert world.news() == []


def test_a_suspended_user_cannot_be_followed_and_can_be_left(world: World) -> None:
    bob = world.bob.user_id
    world.run(follow(world.alice, bob))
    world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=bob)
    world.news()

    with pytest.raises(NotFound):
        world.run(follow(world.carol, bob))
    assert world.run(unfollow(world.alice, bob)) == bob
    with pytest.raises(NotFound):
        world.run(unfollow(world.alice, bob))
    assert world.value("COUNT { ()-[:FOLLOWS]->() }") == 0
    assert world.news() == [("UserUnfollowed", world.alice.user_id, bob, None)]


def test_pairs_who_follow_and_leave_each_other_at_once_never_fail(world: World) -> None:
    pairs = [(a, b) for a in world.people for b in world.people if a != b]
    commands = [
        make(viewer, other.user_id)
        for _ in range(4)
        for viewer, other in pairs
        for make in (follow, unfollow, follow)
    ]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(world.run, commands))
        list(pool.map(lambda pair: world.run(follow(pair[0], pair[1].user_id)), pairs))

    assert world.value("COUNT { ()-[:FOLLOWS]->() }") == len(pairs)
