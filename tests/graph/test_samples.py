"""Known people: exact, by name, whichever of the two sides is the smaller one."""

from typing import Any

import pytest

from graph.blocks import block
from graph.comments import find_comment
from graph.errors import InvalidInput
from graph.follows import follow
from graph.likes import like
from graph.mutes import mute
from graph.posts import find_post
from graph.runner import Graph
from graph.users import find_user
from graph.viewer import Viewer
from tests.graph.people import World, add, follow_row, like_row, new_world, pick, sample, user_row

FRIENDS = [f"u_f{n}" for n in range(5)]
STRANGERS = [f"u_s{n}" for n in range(5)]


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    """Alice follows five and carol; carol, dan, strangers and some of the five follow bob."""
    world = new_world(sync_graph)
    add(world.graph, "user", [user_row(each[2:]) for each in FRIENDS + STRANGERS])
    alice, bob = world.alice.user_id, world.bob.user_id
    for friend in (*FRIENDS, world.carol.user_id):
        add(world.graph, "follow", [follow_row(alice, friend, 1)])
    add(world.graph, "follow", [follow_row(f, bob, 1) for f in FRIENDS[::-2]])
    for viewer in (world.carol, world.dan):
        world.run(follow(viewer, bob))
    return world


def _mutuals(world: World, viewer: Viewer, user_id: str, first: int = 3) -> tuple[int, list[str]]:
    row = world.run(find_user(viewer, user_id, pick(sample("mutuals", first=first))))
    assert row is not None
    return _told(row["@mutuals"])


def _told(found: Any) -> tuple[int, list[str]]:
    return found["total_count"], [user["username"] for user in found["users"]]


@pytest.mark.parametrize("strangers", [[], STRANGERS])
def test_mutuals_are_those_i_follow_who_follow_them(world: World, strangers: list[str]) -> None:
    bob = world.bob.user_id
    add(world.graph, "follow", [follow_row(each, bob, 1) for each in strangers])

    assert _mutuals(world, world.alice, bob) == (4, ["carol", "f0", "f2"])
    assert _mutuals(world, world.alice, bob, 100) == (4, ["carol", "f0", "f2", "f4"])
    assert _mutuals(world, world.dan, bob) == (0, [])
    assert _mutuals(world, world.carol, world.alice.user_id) == (0, [])


@pytest.mark.parametrize("strangers", [[], STRANGERS])
def test_known_likers_are_those_i_follow_who_like_it(world: World, strangers: list[str]) -> None:
    post = world.post(world.bob)
    comment = world.comment(world.dan, post)
    for subject in (post, comment):
        add(world.graph, "like", [like_row(u, subject, 1) for u in FRIENDS[1:3] + strangers])
        world.run(like(world.alice, subject))
    known = pick(sample("known_likers"))

    found = world.run(find_post(world.alice, post, known))
    assert found is not None
    assert _told(found["@known_likers"]) == (2, ["f1", "f2"])
    found = world.run(find_comment(world.alice, comment, known))
    assert found is not None
    assert _told(found["@known_likers"]) == (2, ["f1", "f2"])
    found = world.run(find_post(world.bob, post, known))
    assert found is not None
    assert _told(found["@known_likers"]) == (0, [])


@pytest.mark.parametrize("strangers", [[], STRANGERS])
def test_who_is_hidden_is_neither_shown_nor_counted(world: World, strangers: list[str]) -> None:
    bob = world.bob.user_id
    add(world.graph, "follow", [follow_row(each, bob, 1) for each in strangers])
    world.run(block(world.carol, world.alice.user_id))
    world.run(block(world.alice, FRIENDS[0]))
    world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=FRIENDS[2])
    world.run(mute(world.alice, FRIENDS[4]))

    assert _mutuals(world, world.alice, bob) == (1, ["f4"])


def test_samples_stand_below_each_other_and_side_by_side(world: World) -> None:
    bob = world.bob.user_id
    two = sample("mutuals", "id", sample("mutuals", first=1), key="two", first=2)
    add(world.graph, "follow", [follow_row(FRIENDS[3], world.carol.user_id, 1)])

    row = world.run(find_user(world.alice, bob, pick(two, sample("mutuals", first=1))))

    assert row is not None
    assert _told(row["@mutuals"]) == (4, ["carol"])
    assert _told(row["@two"]) == (4, ["carol", "f0"])
    assert [_told(user["@mutuals"]) for user in row["@two"]["users"]] == [(1, ["f3"]), (0, [])]


@pytest.mark.parametrize("first", [0, -1, 101])
def test_a_sample_has_one_to_a_hundred_people(world: World, first: int) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 100"):
        _mutuals(world, world.alice, world.bob.user_id, first)
