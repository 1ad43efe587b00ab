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


_UNWELCOME = """\
MATCH (dan:User {id: $id}), (other:User) WHERE other.id STARTS WITH 'u_x1'
FOREACH (_ IN CASE WHEN other.id ENDS WITH '3' THEN [1] ELSE [] END |
  CREATE (other)-[:BLOCKS {blocker_id: other.id, blocked_id: dan.id, at: 5, k: '5'}]->(dan))
FOREACH (_ IN CASE WHEN other.id ENDS WITH '4' THEN [1] ELSE [] END | SET other.suspended_at = 5)
FOREACH (_ IN CASE WHEN other.id ENDS WITH '3' OR other.id ENDS WITH '4' THEN [] ELSE [1] END |
  CREATE (dan)-[:MUTES {muter_id: dan.id, muted_id: other.id, at: 5, k: '5'}]->(other))"""


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


def test_those_who_are_not_welcome_take_no_place_of_others(world: World) -> None:
    names = [f"x{n:02d}" for n in range(20)]
    add(world.graph, "user", [user_row(name) for name in names])
    add(world.graph, "follow", [follow_row(world.dan.user_id, f"u_{name}", 1) for name in names])
    add(world.graph, "post", [post_row(f"p_{n:02d}", f"u_x{n % 20:02d}", n) for n in range(60)])
    world.cypher(_UNWELCOME, id=world.dan.user_id)
    expected = [f"p_{n:02d}" for n in reversed(range(60)) if n % 20 < 10]

    first_page = world.run(read_page(world.dan, first(5), pick("id")))
    after = first_page["page_info"]["end_cursor"]
    second_page = world.run(read_page(world.dan, first(25, after), pick("id")))

    assert ids_of(first_page) + ids_of(second_page) == expected


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
