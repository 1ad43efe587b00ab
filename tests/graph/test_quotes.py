"""Quotes are of public posts that their author may see, and follow what becomes of these."""

import pytest

from graph.errors import Conflict, Forbidden, NotFound
from graph.follows import follow
from graph.posts import NewPost, create_post, delete_post, find_post
from graph.runner import Graph
from tests.graph.people import World, below, new_world, pick

QUOTING = pick("id", "text", below("quote_of", "Post", "id", "text"))


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _quote(world: World, quoted: str, key: str | None = None) -> str:
    post = NewPost.of(world.bob, "look", quote_of_id=quoted)
    return world.run(create_post(world.bob, post, key))


def test_a_quote_shows_what_it_quotes_as_long_as_that_is_there(world: World) -> None:
    quoted = world.post(world.alice, "hello")
    quoting = _quote(world, quoted)

    row = world.run(find_post(world.dan, quoting, QUOTING))
    assert row is not None
    assert (row["quote_of"]["id"], row["quote_of"]["text"]) == (quoted, "hello")

    world.run(delete_post(world.alice, quoted))
    row = world.run(find_post(world.dan, quoting, QUOTING))
    assert row is not None
    assert (row["text"], row["quote_of"]) == ("look", None)


def test_a_post_that_quotes_nothing_says_so(world: World) -> None:
    row = world.run(find_post(world.dan, world.post(world.alice), QUOTING))

    assert row is not None
    assert row["quote_of"] is None


def test_what_is_for_followers_or_not_there_is_not_quoted(world: World) -> None:
    narrow = NewPost.of(world.alice, "ours", "FOLLOWERS")
    world.run(create_post(world.alice, narrow))
    world.run(follow(world.bob, world.alice.user_id))
    world.news()

    for bad in (narrow.id, "p_none", "c_1", ""):
        with pytest.raises(Forbidden if bad == narrow.id else NotFound) as refused:
            _quote(world, bad)
        assert repr(bad) in str(refused.value)
        assert refused.value.path == ("quoteOfId",)
    assert world.news() == []
    assert world.value("COUNT { (:Post) }") == 1


def test_a_repeated_quote_is_one_and_another_under_its_key_is_refused(world: World) -> None:
    quoted, other = world.post(world.alice), world.post(world.alice)
    quoting = _quote(world, quoted, "k")
    world.run(delete_post(world.alice, quoted))

    assert _quote(world, quoted, "k") == quoting
    with pytest.raises(Conflict):
        _quote(world, other, "k")
    assert world.value("COUNT { ()-[:QUOTES]->() }") == 1


def test_a_post_for_followers_is_read_by_them_alone(world: World) -> None:
    narrow = NewPost.of(world.alice, "ours", "FOLLOWERS")
    world.run(create_post(world.alice, narrow))
    world.run(follow(world.bob, world.alice.user_id))

    seen = [world.run(find_post(viewer, narrow.id, QUOTING)) for viewer in world.people]

    assert [row is not None for row in seen] == [True, True, False, False]
