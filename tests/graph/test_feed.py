"""The feed holds the posts of those whom one follows, newest first, and is exact."""

import pytest

from graph.feed import read_page
from graph.follows import follow, unfollow
from graph.posts import NewPost, create_post, delete_post
from graph.runner import Graph
from tests.graph.people import (
    POST,
    World,
    add,
    first,
    follow_row,
    ids_of,
    new_world,
    nodes_of,
    pick,
    post_row,
    thread,
    user_row,
)


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _feed(world: World) -> list[str]:
    return ids_of(world.run(read_page(world.dan, first(), pick("id"))))


def test_it_holds_the_posts_of_those_whom_one_follows(world: World) -> None:
    alices, bobs = world.post(world.alice), world.post(world.bob)
    world.post(world.dan)
    assert _feed(world) == []

    world.run(follow(world.dan, world.alice.user_id))
    assert _feed(world) == [alices]
    world.run(follow(world.dan, world.bob.user_id))
    assert _feed(world) == [bobs, alices]
    world.run(unfollow(world.dan, world.alice.user_id))
    assert _feed(world) == [bobs]
    world.run(delete_post(world.bob, bobs))
    assert _feed(world) == []


def test_posts_for_followers_are_among_them(world: World) -> None:
    narrow = NewPost("p_narrow", world.alice.user_id, "ours", 1, "FOLLOWERS")
    world.run(create_post(world.alice, narrow))
    world.run(follow(world.dan, world.alice.user_id))

    assert _feed(world) == ["p_narrow"]


def test_more_authors_than_a_page_holds_leave_it_exact(world: World) -> None:
    names = [f"x{n:02d}" for n in range(30)]
    add(world.graph, "user", [user_row(name) for name in names])
    add(world.graph, "follow", [follow_row(world.dan.user_id, f"u_{name}", 1) for name in names])
    rows = [post_row(f"p_{n:03d}", f"u_{names[n * 7 % 30]}", n // 4) for n in range(90)]
    add(world.graph, "post", rows)
    expected = [f"p_{n:03d}" for n in reversed(range(90))]

    told: list[str] = []
    after = None
    for _ in range(18):
        page = world.run(read_page(world.dan, first(5, after), pick("id")))
        told += ids_of(page)
        after = page["page_info"]["end_cursor"]

    assert told == expected
    assert not page["page_info"]["has_next_page"]


def test_a_page_is_one_statement_and_with_threads_two(world: World) -> None:
    post = world.post(world.alice)
    world.comment(world.bob, post)
    world.run(follow(world.dan, world.alice.user_id))

    before = world.graph.statement_count
    world.run(read_page(world.dan, first(), POST))
    once = world.graph.statement_count
    page = world.run(read_page(world.dan, first(), pick(*POST.fields, thread("text"))))

    assert once - before == 1
    assert world.graph.statement_count - once == 2
    assert nodes_of(page)[0]["@thread"]["nodes"][0]["comment"]["text"] == "indeed"
