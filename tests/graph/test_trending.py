"""Tags trend by how many people wrote about them; what is hidden from some counts for nobody."""

from collections.abc import Callable

import pytest

from graph.blocks import block, unblock
from graph.engagement import TimeWindow
from graph.errors import InvalidInput
from graph.posts import NewPost, create_post, delete_post
from graph.runner import Graph
from graph.trending import rank_tags, read_trending_tags
from graph.viewer import Viewer
from tests.graph.hours import HOUR
from tests.graph.people import World, add, new_world, pick, post_row

NOW = 500 * HOUR
Trend = list[tuple[str, int, int]]


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    """Three wrote about b, two about a and c; alice thrice about d; e is old."""
    world = new_world(sync_graph)
    alice, bob, carol, _ = (viewer.user_id for viewer in world.people)
    rows = [
        (alice, 499, "a"), (bob, 499, "a"), (bob, 498, "a"),
        (alice, 480, "b"), (bob, 480, "b"), (carol, 480, "b"),
        (alice, 490, "c"), (carol, 490, "c"), (carol, 490, "c"),
        (alice, 499, "d"), (alice, 499, "d"), (alice, 499, "d"),
        (carol, 20, "e"),
    ]  # fmt: skip
    add(
        sync_graph,
        "post",
        [post_row(f"p_{n}", who, at * HOUR, tag) for n, (who, at, tag) in enumerate(rows)],
    )
    return world


def _trend(world: World, window: TimeWindow, first: int = 10, now: int = NOW) -> Trend:
    statement = read_trending_tags(world.dan, window, first, now, pick("name"))
    found = world.run(statement)
    return [(each["tag"]["name"], each["people"], each["posts"]) for each in found["tags"]]


def _count(_: World) -> None:
    pass


def _prepare(world: World) -> None:
    for window in TimeWindow:
        world.run(rank_tags(window, NOW))
    world.cypher("MATCH ()-[tagged:TAGGED]->() SET tagged.k = '0'")  # so it is not counted anew


@pytest.mark.parametrize("prepare", [_count, _prepare])
def test_most_people_come_first_then_most_posts_then_the_name(
    world: World, prepare: Callable[[World], None]
) -> None:
    prepare(world)
    day = [("b", 3, 3), ("a", 2, 3), ("c", 2, 3), ("d", 1, 3)]
    assert _trend(world, TimeWindow.DAY) == day
    assert _trend(world, TimeWindow.DAY, 2) == day[:2]
    assert _trend(world, TimeWindow.HOUR) == [("a", 2, 2), ("d", 1, 3)]
    assert _trend(world, TimeWindow.ALL) == [*day, ("e", 1, 1)]


@pytest.mark.parametrize("prepare", [_count, _prepare])
def test_a_tag_of_which_one_may_see_nothing_is_left_out_and_makes_room(
    world: World, prepare: Callable[[World], None]
) -> None:
    prepare(world)
    world.run(block(world.dan, world.alice.user_id))
    world.run(block(world.carol, world.dan.user_id))
    assert _trend(world, TimeWindow.ALL) == [("b", 3, 3), ("a", 2, 3)]
    world.run(unblock(world.dan, world.alice.user_id))
    assert _trend(world, TimeWindow.DAY, 3) == [("b", 3, 3), ("a", 2, 3), ("c", 2, 3)]
    world.cypher("MATCH (p:Post)-[:TAGGED]->(:Tag {name: 'b'}) SET p.visibility = 'FOLLOWERS'")
    if prepare is _prepare:
        assert _trend(world, TimeWindow.DAY, 2) == [("a", 2, 3), ("c", 2, 3)]


def test_what_not_everybody_may_see_does_not_count(world: World) -> None:
    for viewer in world.people:
        world.run(create_post(viewer, NewPost.of(viewer, "#closed", "FOLLOWERS")))
    gone = world.post(world.bob, "#gone")
    world.run(delete_post(world.bob, gone))
    world.cypher("MATCH (p:Post) WHERE p.id IN ['p_0', 'p_4'] SET p.visibility = 'FOLLOWERS'")
    world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=world.carol.user_id)

    trend = _trend(world, TimeWindow.ALL, now=2**42)

    assert trend == [("d", 1, 3), ("a", 1, 2), ("b", 1, 1), ("c", 1, 1)]


def test_what_was_prepared_says_when_and_is_read_while_it_is_fresh(world: World) -> None:
    world.run(rank_tags(TimeWindow.DAY, NOW))
    world.run(rank_tags(TimeWindow.DAY, NOW))
    assert world.value("COUNT { (:Ranking) }") == 1
    add(world.graph, "post", [post_row("p_new", world.dan.user_id, NOW - HOUR, "b")])

    def read(now: int) -> tuple[int, int]:
        found = world.run(read_trending_tags(world.dan, TimeWindow.DAY, 1, now, pick("name")))
        assert found["from"] < found["to"]
        return found["as_of"], found["tags"][0]["people"]

    assert read(NOW + 60_000) == (NOW, 3)
    late = NOW + 600_001
    assert read(late) == (late, 4)


@pytest.mark.unit
@pytest.mark.parametrize("first", [0, 101])
def test_a_number_out_of_range_is_refused(first: int) -> None:
    with pytest.raises(InvalidInput):
        read_trending_tags(Viewer("u", "s"), TimeWindow.DAY, first, NOW, pick("name"))
