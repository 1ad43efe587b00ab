"""Figures are those of the edges, in whole hours, open to whom they concern."""

import pytest

from graph.analytics import Span, find_post_totals, top_posts
from graph.comments import delete_comment
from graph.engagement import TimeWindow, TopBy, Weights
from graph.errors import InvalidInput
from graph.likes import like
from graph.posts import delete_post
from graph.runner import Graph
from graph.shares import share
from graph.viewer import Role, Viewer
from tests.graph.people import (
    World,
    add,
    comment_row,
    like_row,
    new_world,
    pick,
    post_row,
    share_row,
)

HOUR = 3_600_000
NOW = 1_000 * HOUR + 5
EVER = Span(0, 2**60)


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("window", "hours"), [(TimeWindow.HOUR, 1), (TimeWindow.DAY, 24), (TimeWindow.WEEK, 168)]
)
def test_a_window_is_whole_hours_and_the_current_one(window: TimeWindow, hours: int) -> None:
    assert Span.of(window, None, None, NOW) == Span((1_000 - hours) * HOUR, 1_001 * HOUR)


@pytest.mark.unit
def test_all_time_begins_at_the_beginning() -> None:
    assert Span.of(TimeWindow.ALL, None, None, NOW).start == 0
    assert Span.of(TimeWindow.YEAR, None, None, NOW).start == 0


@pytest.mark.unit
def test_two_instants_are_widened_to_whole_hours() -> None:
    assert Span.of(TimeWindow.DAY, HOUR + 1, 2 * HOUR + 1, NOW) == Span(HOUR, 3 * HOUR)
    assert Span.of(TimeWindow.DAY, -5, HOUR, NOW) == Span(0, HOUR)


@pytest.mark.unit
@pytest.mark.parametrize(("start", "end"), [(HOUR, HOUR), (2 * HOUR, HOUR), (0, 0), (0, -1)])
def test_a_span_that_ends_before_it_begins_is_refused(start: int, end: int) -> None:
    with pytest.raises(InvalidInput, match="not before"):
        Span.of(TimeWindow.DAY, start, end, NOW)


def _top(world: World, span: Span, by: TopBy, count: int = 10) -> list[tuple[str, int]]:
    rows = world.run(top_posts(world.dan, span, by, count, Weights(), pick("id")))
    return [(row["post"]["id"], row["engagement"]) for row in rows]


def test_top_posts_are_counted_in_the_span_and_ties_go_to_the_newer(world: World) -> None:
    alice, bob, carol, dan = (viewer.user_id for viewer in world.people)
    add(world.graph, "post", [post_row(f"p_{n}", alice, n) for n in range(4)])
    add(world.graph, "like", [like_row(user, "p_0", 10) for user in (alice, bob, carol, dan)])
    add(world.graph, "like", [like_row(alice, "p_1", 9), like_row(alice, "p_2", 20)])
    add(world.graph, "comment", [comment_row("c_1", bob, "p_1", 10)])
    add(world.graph, "like", [like_row(user, "c_1", 10) for user in (alice, bob, carol)])
    add(world.graph, "share", [share_row(bob, "p_2", 10)])

    assert _top(world, EVER, TopBy.ENGAGEMENT) == [("p_2", 4), ("p_0", 4), ("p_1", 3)]
    assert _top(world, EVER, TopBy.LIKES) == [("p_0", 4), ("p_2", 4), ("p_1", 3)]
    assert _top(world, EVER, TopBy.COMMENTS) == [("p_1", 3)]
    assert _top(world, EVER, TopBy.SHARES, 1) == [("p_2", 4)]
    assert _top(world, Span(10, 20), TopBy.ENGAGEMENT) == [("p_0", 4), ("p_2", 3), ("p_1", 2)]
    assert _top(world, Span(20, 21), TopBy.ENGAGEMENT) == [("p_2", 1)]
    assert _top(world, Span(30, 40), TopBy.ENGAGEMENT) == []


def test_deleted_posts_take_no_place(world: World) -> None:
    one, two = world.post(world.alice), world.post(world.alice)
    for post in (one, two):
        world.run(like(world.bob, post))
    world.run(delete_post(world.alice, two))

    assert _top(world, EVER, TopBy.LIKES, 1) == [(one, 1)]


@pytest.mark.unit
@pytest.mark.parametrize("count", [0, -1, 101])
def test_a_number_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(InvalidInput):
        top_posts(Viewer("u", "s"), EVER, TopBy.LIKES, count, Weights(), pick("id"))


def test_totals_of_a_post_are_its_authors_and_the_admins_to_read(world: World) -> None:
    post = world.post(world.alice)
    comments = [world.comment(world.bob, post) for _ in range(3)]
    world.run(delete_comment(world.bob, comments[0]))
    world.run(like(world.bob, post))
    world.run(share(world.carol, post))
    world.cypher("MATCH (u:User {id: $id}) SET u.role = 'ADMIN'", id=world.dan.user_id)
    admin = Viewer(world.dan.user_id, world.dan.session_id, Role.ADMIN)

    for viewer in (world.alice, admin):
        row = world.run(find_post_totals(viewer, post, Weights(), pick("id")))
        assert row is not None
        names = ("likes", "comments", "shares", "engagement")
        assert [row[name] for name in names] == [1, 2, 1, 8]
        assert row["post"]["id"] == post
    assert world.run(find_post_totals(world.bob, post, Weights(), pick("id"))) is None
    assert world.run(find_post_totals(world.alice, "p_none", Weights(), pick("id"))) is None
