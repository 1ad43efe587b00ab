"""The tree of shares, and whom each of them reached."""

from typing import Any

import pytest

from graph import cascades
from graph.blocks import block
from graph.cascades import find_cascade
from graph.runner import Graph
from graph.shares import share, unshare
from graph.viewer import Viewer
from tests.graph.people import World, add, below, follow_row, new_world, pick, user_row

WANTED = pick(below("post", "Post", "id"), below("shares", "CascadeShare", below("user", "User")))


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    """Fans 0 to 3 follow bob, 2 to 5 carol, 0, 5 and 6 alice, who writes the post; 7 dan."""
    world = new_world(sync_graph)
    add(sync_graph, "user", [user_row(f"fan{n}") for n in range(8)])
    fans = {
        world.bob.user_id: (0, 1, 2, 3),
        world.carol.user_id: (2, 3, 4, 5),
        world.alice.user_id: (0, 5, 6),
        world.dan.user_id: (7,),
    }
    rows = [follow_row(f"u_fan{n}", who, 1) for who, several in fans.items() for n in several]
    add(sync_graph, "follow", rows)
    return world


def _share(world: World, post: str, viewer: Viewer, via: Viewer | None, at: int) -> None:
    world.run(share(viewer, post, via.user_id if via else None))
    world.cypher(
        "MATCH (u:User {id: $id})-[r:SHARED]->() SET r.at = $at, r.k = $k",
        id=viewer.user_id,
        at=at,
        k=f"{at:015d}s:{viewer.user_id}",
    )


def _read(world: World, viewer: Viewer, post: str) -> Any:
    return world.run(find_cascade(viewer, post, WANTED))


def _tree(found: Any) -> list[tuple[Any, ...]]:
    names = ("place", "from", "depth", "followers", "newly_reached", "below")
    return [tuple(each[name] for name in names) for each in found["shares"]]


def test_each_share_hangs_below_the_one_it_came_from(world: World) -> None:
    post = world.post(world.alice)
    _share(world, post, world.bob, None, 10)
    _share(world, post, world.carol, world.bob, 20)
    _share(world, post, world.dan, world.carol, 30)

    found = _read(world, world.dan, post)

    assert _tree(found) == [
        (1, None, 1, 4, 3, 2),  # fan 0 follows alice
        (2, 1, 2, 4, 1, 1),  # 2 and 3 follow bob, 5 alice
        (3, 2, 3, 1, 1, 0),
    ]
    assert [each["user"]["id"] for each in found["shares"]] == [
        viewer.user_id for viewer in (world.bob, world.carol, world.dan)
    ]
    assert (found["share_count"], found["depth"]) == (3, 3)
    assert (found["author_followers"], found["reached"]) == (3, 3 + 3 + 1 + 1)


def test_the_share_it_came_from_has_to_stand_and_to_be_older(world: World) -> None:
    post = world.post(world.alice)
    _share(world, post, world.bob, None, 10)
    _share(world, post, world.carol, world.bob, 20)
    world.run(unshare(world.bob, post))
    assert _tree(_read(world, world.dan, post))[0][:3] == (1, None, 1)

    _share(world, post, world.bob, world.carol, 30)

    found = _read(world, world.dan, post)
    assert [each[:3] for each in _tree(found)] == [(1, None, 1), (2, 1, 2)]


def test_who_is_hidden_keeps_their_place_without_a_name(world: World) -> None:
    post = world.post(world.alice)
    _share(world, post, world.bob, None, 10)
    _share(world, post, world.carol, world.bob, 20)
    world.run(block(world.bob, world.dan.user_id))

    found = _read(world, world.dan, post)

    assert [each["user"] is None for each in found["shares"]] == [True, False]
    assert _tree(found) == [(1, None, 1, None, None, 1), (2, 1, 2, 4, 1, 0)]
    assert world.bob.user_id not in str(found)
    assert found["reached"] == 3 + 3 + 1


def test_where_followers_are_too_many_it_is_not_told_who_is_new(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = world.post(world.alice)
    _share(world, post, world.bob, None, 10)
    monkeypatch.setattr(cascades, "MOST_FOLLOWERS", 3)
    found = _read(world, world.dan, post)
    assert (found["reached"], _tree(found)) == (None, [(1, None, 1, 4, None, 0)])


def test_no_post_that_one_may_not_see(world: World) -> None:
    post = world.post(world.alice)
    assert _tree(_read(world, world.dan, post)) == []
    assert _read(world, world.dan, post)["reached"] == 3
    world.run(block(world.alice, world.dan.user_id))
    assert _read(world, world.dan, post) is None
    assert _read(world, world.dan, "p_none") is None
