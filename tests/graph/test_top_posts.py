"""Top posts are those of the hours of posts, prepared or not, and whole for whoever reads."""

from typing import Any

import pytest

from graph import top_posts
from graph.blocks import block
from graph.engagement import TimeWindow, TopBy, Weights
from graph.errors import InvalidInput
from graph.ids import now_ms
from graph.likes import like
from graph.posts import delete_post
from graph.runner import Graph
from graph.series import Span
from graph.top_posts import rank_posts, read_top_posts
from graph.viewer import Viewer
from tests.graph.hours import HOUR, recount, settle
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

EVER = Span(0, 2**50)
Top = list[tuple[str, int]]


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _read(
    viewer: Viewer,
    world: World,
    span: Span,
    by: TopBy = TopBy.ENGAGEMENT,
    count: int = 10,
    window: TimeWindow | None = None,
) -> dict[str, Any]:
    statement = read_top_posts(viewer, span, by, count, Weights(), pick("id"), window)
    return world.run(statement)


def _top(world: World, span: Span, by: TopBy, count: int = 10) -> Top:
    rows = _read(world.dan, world, span, by, count)["posts"]
    return [(row["post"]["id"], row["engagement"]) for row in rows]


def _window(world: World, window: TimeWindow, by: TopBy = TopBy.ENGAGEMENT, count: int = 10) -> Top:
    span = Span.of(window, None, None, now_ms())
    rows = _read(world.dan, world, span, by, count, window)["posts"]
    return [(row["post"]["id"], row["engagement"]) for row in rows]


def _rank(world: World) -> None:
    for window in TimeWindow:
        for by in TopBy:
            world.run(rank_posts(window, by, Weights(), now_ms()))


def _like_all(world: World, counts: dict[str, int], author: Viewer, at: int) -> None:
    """Write posts, and give each so many likes at an instant."""
    people = [viewer.user_id for viewer in world.people]
    add(world.graph, "post", [post_row(p, author.user_id, n) for n, p in enumerate(counts)])
    rows = [like_row(who, p, at) for p, count in counts.items() for who in people[:count]]
    add(world.graph, "like", rows)
    recount(world.graph)


def test_top_posts_are_counted_in_the_span_and_ties_go_to_the_newer(world: World) -> None:
    alice, bob, carol, dan = (viewer.user_id for viewer in world.people)
    add(world.graph, "post", [post_row(f"p_{n}", alice, n) for n in range(4)])
    add(
        world.graph, "like", [like_row(user, "p_0", 10 * HOUR) for user in (alice, bob, carol, dan)]
    )
    add(world.graph, "like", [like_row(alice, "p_1", 9 * HOUR), like_row(alice, "p_2", 20 * HOUR)])
    add(world.graph, "comment", [comment_row("c_1", bob, "p_1", 10 * HOUR + 7)])
    add(world.graph, "like", [like_row(user, "c_1", 10 * HOUR) for user in (alice, bob, carol)])
    add(world.graph, "share", [share_row(bob, "p_2", 11 * HOUR - 1)])
    recount(world.graph)

    assert _top(world, EVER, TopBy.ENGAGEMENT) == [("p_2", 4), ("p_0", 4), ("p_1", 3)]
    assert _top(world, EVER, TopBy.LIKES) == [("p_0", 4), ("p_2", 4), ("p_1", 3)]
    assert _top(world, EVER, TopBy.COMMENTS) == [("p_1", 3)]
    assert _top(world, EVER, TopBy.SHARES, 1) == [("p_2", 4)]
    assert _top(world, Span(10 * HOUR, 20 * HOUR), TopBy.ENGAGEMENT) == [
        ("p_0", 4),
        ("p_2", 3),
        ("p_1", 2),
    ]
    assert _top(world, Span(20 * HOUR, 21 * HOUR), TopBy.ENGAGEMENT) == [("p_2", 1)]
    assert _top(world, Span(30 * HOUR, 40 * HOUR), TopBy.ENGAGEMENT) == []


def test_deleted_posts_take_no_place(world: World) -> None:
    one, two = world.post(world.alice), world.post(world.alice)
    for post in (one, two):
        world.run(like(world.bob, post))
    world.run(delete_post(world.alice, two))
    settle(world.graph)

    assert _top(world, EVER, TopBy.LIKES, 1) == [(one, 1)]


def test_what_is_prepared_is_what_would_be_counted(world: World) -> None:
    now = now_ms()
    alice, bob, carol, dan = (viewer.user_id for viewer in world.people)
    ages = {"p_now": 0, "p_too": 0, "p_week": 100, "p_year": 5_000, "p_old": 20_000}
    add(world.graph, "post", [post_row(p, alice, n) for n, p in enumerate(ages)])
    for post, age in ages.items():
        at = now - age * HOUR
        add(world.graph, "like", [like_row(who, post, at) for who in (bob, carol)])
        add(world.graph, "comment", [comment_row(f"c_{post}", dan, post, at)])
    add(world.graph, "like", [like_row(dan, "p_too", now)])
    add(world.graph, "share", [share_row(bob, "p_week", now)])
    recount(world.graph)
    counted = {(w, by): _window(world, w, by) for w in TimeWindow for by in TopBy}
    assert len({str(top) for top in counted.values()}) > 8

    _rank(world)
    world.cypher("MATCH (hour:PostHour) DELETE hour")

    assert {(w, by): _window(world, w, by) for w in TimeWindow for by in TopBy} == counted
    assert _window(world, TimeWindow.ALL, count=1) == counted[TimeWindow.ALL, TopBy.ENGAGEMENT][:1]
    assert _top(world, EVER, TopBy.ENGAGEMENT) == [], "nothing is prepared of other spans"


@pytest.mark.parametrize("kept", [300, 3])
def test_a_page_is_full_whatever_of_it_is_hidden(
    world: World, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """With three kept, what is left of them fills no page, and all are counted."""
    monkeypatch.setattr(top_posts, "KEPT", kept)
    now = now_ms()
    _like_all(world, {"p_hidden": 4, "p_closed": 3}, world.alice, now)
    _like_all(world, {"p_gone": 4, "p_2": 2, "p_1": 1}, world.bob, now)
    world.cypher("MATCH (p:Post {id: 'p_closed'}) SET p.visibility = 'FOLLOWERS'")
    _rank(world)
    ranked = world.value("head(COLLECT { MATCH (r:Ranking {name: 'posts:DAY:LIKES'}) RETURN r })")
    assert len(ranked["post_ids"]) == min(kept, 5)
    assert "p_closed" in ranked["post_ids"], "some may see it"
    world.run(delete_post(world.bob, "p_gone"))
    world.run(block(world.alice, world.dan.user_id))

    assert _window(world, TimeWindow.DAY, TopBy.LIKES, 2) == [("p_2", 2), ("p_1", 1)]
    assert _window(world, TimeWindow.DAY, TopBy.LIKES) == [("p_2", 2), ("p_1", 1)]


def test_what_was_prepared_says_until_when_and_is_read_while_it_is_fresh(world: World) -> None:
    now = now_ms()
    _like_all(world, {"p_1": 1}, world.alice, now - HOUR // 2)
    world.run(rank_posts(TimeWindow.DAY, TopBy.ENGAGEMENT, Weights(), now - 1_000))
    _like_all(world, {"p_2": 2}, world.alice, now)
    span = Span.of(TimeWindow.DAY, None, None, now)

    def read() -> tuple[int, list[str]]:
        row = _read(world.dan, world, span, window=TimeWindow.DAY)
        assert row["to"] - row["from"] == 25 * HOUR
        return row["as_of"], [each["post"]["id"] for each in row["posts"]]

    assert read() == (now - 1_000, ["p_1"])
    world.run(rank_posts(TimeWindow.DAY, TopBy.ENGAGEMENT, Weights(), now - 600_001))
    as_of, posts = read()
    assert (as_of >= now, posts) == (True, ["p_2", "p_1"])


def test_what_is_not_tallied_is_not_promised_of_what_is_prepared(world: World) -> None:
    post = world.post(world.alice)
    settle(world.graph)
    world.run(like(world.bob, post))
    at = world.value("COLLECT { MATCH ()-[r:LIKED]->() RETURN r.at }")[0]
    _rank(world)

    span = Span.of(TimeWindow.ALL, None, None, now_ms())
    row = _read(world.dan, world, span, window=TimeWindow.ALL)

    assert (row["as_of"], row["posts"]) == (at, [])


def test_a_ranking_of_a_window_in_which_nothing_happened_is_empty(world: World) -> None:
    now = now_ms()
    _like_all(world, {"p_1": 1}, world.alice, now)
    _rank(world)
    assert _window(world, TimeWindow.HOUR) == [("p_1", 1)]
    world.cypher("MATCH (hour:PostHour) SET hour.likes = 0")
    _rank(world)
    assert _window(world, TimeWindow.HOUR) == []


@pytest.mark.unit
@pytest.mark.parametrize("count", [0, -1, 101])
def test_a_number_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(InvalidInput):
        read_top_posts(Viewer("u", "s"), EVER, TopBy.LIKES, count, Weights(), pick("id"))
