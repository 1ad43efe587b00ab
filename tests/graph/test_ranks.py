"""The rank of a post follows its likes, whenever and however often it is made anew."""

from math import log10

import pytest

from graph.engagement import LENGTH_MS, TimeWindow, TopBy, Weights
from graph.ids import now_ms
from graph.likes import like, unlike
from graph.post_lists import PostSort, Scope, read_page
from graph.posts import delete_post
from graph.ranks import RANKING
from graph.runner import Graph
from graph.series import Span
from graph.shares import share
from graph.tally import COUNTED
from graph.top_posts import read_top_posts
from tests.graph.hours import recount, settle
from tests.graph.people import (
    World,
    add,
    first,
    ids_of,
    like_row,
    new_world,
    pick,
    post_row,
    user_row,
)

HOUR_MS = 3_600_000


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _hot(world: World) -> list[str]:
    return ids_of(world.run(read_page(world.dan, first(), pick("id"), sort=PostSort.HOT)))


def _rank_of(world: World, post: str) -> float:
    kept = world.value("COLLECT { MATCH (p:Post {id: $id}) RETURN p.hot_k }", id=post)
    return int(kept[0][:15]) / 1e7 - 100_000


def test_ten_times_the_likes_are_worth_twelve_and_a_half_hours(world: World) -> None:
    add(world.graph, "user", [user_row(f"x{n}") for n in range(11)])
    posts = {"p_old": 0, "p_liked": int(0.1 * HOUR_MS), "p_new": int(12.5 * HOUR_MS)}
    add(world.graph, "post", [post_row(p, world.alice.user_id, at) for p, at in posts.items()])
    assert _hot(world) == ["p_new", "p_liked", "p_old"]

    add(world.graph, "like", [like_row(f"u_x{n}", "p_liked", 1) for n in range(10)])

    assert _hot(world) == ["p_liked", "p_new", "p_old"]
    expected = log10(10) + (0.1 * 3_600 - 1_134_028_003) / 45_000
    assert _rank_of(world, "p_liked") == pytest.approx(expected, abs=1e-7)


@pytest.mark.unit
def test_the_tally_hears_of_all_that_moves_a_rank() -> None:
    assert {*COUNTED} >= RANKING


def test_a_like_and_its_undoing_rank_the_post_anew(world: World) -> None:
    post = world.post(world.alice)
    alone = _rank_of(world, post)
    for liker in world.people:
        world.run(like(liker, post))
    assert _rank_of(world, post) == alone

    settle(world.graph)
    assert _rank_of(world, post) == pytest.approx(alone + log10(4), abs=1e-6)

    for liker in world.people[2:]:
        for _ in range(2):
            world.run(unlike(liker, post))
    settle(world.graph)
    assert _rank_of(world, post) == pytest.approx(alone + log10(2), abs=1e-6)


def test_ranking_what_was_deleted_since_shows_it_nowhere(world: World) -> None:
    post = world.post(world.alice)
    world.run(like(world.bob, post))
    world.run(delete_post(world.alice, post))

    settle(world.graph)
    assert _hot(world) == []


def test_what_happens_after_the_first_page_moves_nothing_on_the_next(world: World) -> None:
    posts = [world.post(world.alice) for _ in range(4)]
    for count, post in enumerate(posts, 1):
        for liker in world.people[:count]:
            world.run(like(liker, post))

    def read(after: str | None) -> tuple[list[str], str]:
        page = world.run(read_page(world.dan, first(2, after), pick("id"), sort=PostSort.TOP))
        return ids_of(page), page["page_info"]["end_cursor"]

    shown, cursor = read(None)
    assert shown == posts[:1:-1]
    for sharer in world.people:
        world.run(share(sharer, posts[0]))

    assert read(cursor)[0] == posts[1::-1]
    assert read(None)[0] == [posts[0], posts[3]]


def test_a_window_leaves_out_what_happened_before_it(world: World) -> None:
    old, new = world.post(world.alice), world.post(world.alice)
    add(world.graph, "like", [like_row(each.user_id, old, 1) for each in world.people])
    world.run(like(world.bob, new))

    def top(window: TimeWindow) -> list[str]:
        page = read_page(world.dan, first(), pick("id"), Scope(), sort=PostSort.TOP, window=window)
        return ids_of(world.run(page))

    assert top(TimeWindow.DAY) == [new]
    assert top(TimeWindow.ALL) == [old, new]


@pytest.mark.parametrize("window", [TimeWindow.HOUR, TimeWindow.DAY, TimeWindow.WEEK])
def test_a_window_begins_with_a_whole_hour_as_that_of_top_posts(
    world: World, window: TimeWindow
) -> None:
    first_in, last_out, now = (world.post(world.alice) for _ in range(3))
    while True:
        hour = now_ms() // HOUR_MS
        start = hour * HOUR_MS - LENGTH_MS[window]
        instants = {first_in: start, last_out: start - 1, now: now_ms()}
        world.cypher("MATCH ()-[r:LIKED]->() DELETE r")
        likes = [like_row(world.bob.user_id, post, at) for post, at in instants.items()]
        add(world.graph, "like", likes)
        recount(world.graph)
        page = read_page(world.dan, first(), pick("id"), sort=PostSort.TOP, window=window)
        listed = ids_of(world.run(page))
        span = Span.of(window, None, None, now_ms())
        top = world.run(
            read_top_posts(world.dan, span, TopBy.ENGAGEMENT, 10, Weights(), pick("id"), window)
        )
        if now_ms() // HOUR_MS == hour:
            break
    assert listed == [now, first_in]
    assert [each["post"]["id"] for each in top["posts"]] == listed
