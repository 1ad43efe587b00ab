"""Bookmarks keep what one may see, once, for oneself alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.blocks import block, unblock
from graph.bookmarks import bookmark, read_page, unbookmark
from graph.errors import NotFound
from graph.posts import NewPost, create_post, delete_post, find_post
from graph.runner import Graph
from graph.viewer import Viewer
from tests.graph.people import POST, World, first, ids_of, new_world, pick


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _kept(world: World, viewer: Viewer) -> list[str]:
    return ids_of(world.run(read_page(viewer, first(), pick("id"))))


def test_a_bookmark_shows_to_its_owner_and_counts_for_all(world: World) -> None:
    older, newer = world.post(world.alice), world.post(world.alice)
    world.news()
    for post in (newer, older, newer):
        assert world.run(bookmark(world.bob, post)) == post
    world.run(bookmark(world.carol, older))
    world.run(unbookmark(world.carol, older))

    assert _kept(world, world.bob) == [older, newer]
    assert _kept(world, world.carol) == _kept(world, world.alice) == []
    bobs, carols = (world.run(find_post(v, older, POST)) for v in (world.bob, world.carol))
    assert bobs is not None
    assert carols is not None
    assert bobs["viewer"]["has_bookmarked"] is True
    assert carols["viewer"]["has_bookmarked"] is False
    assert world.stats(older) == world.recount(older)
    assert world.stats(older)["bookmarks"] == 1
    assert world.news() == []


def test_of_many_taps_at_once_one_counts(world: World) -> None:
    post = world.post(world.alice)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: world.run(bookmark(world.bob, post)), range(16)))
    assert world.stats(post)["bookmarks"] == 1


@pytest.mark.parametrize("bad", ["p_none", "", "\x00", "c_1"])
def test_what_is_not_there_cannot_be_kept_and_taking_back_is_nothing(
    world: World, bad: str
) -> None:
    with pytest.raises(NotFound) as caught:
        world.run(bookmark(world.alice, bad))
    assert caught.value.path == ("postId",)
    assert world.run(unbookmark(world.alice, bad)) == bad
    assert world.value("COUNT { ()-[:BOOKMARKED]->() }") == 0


def test_a_post_for_followers_is_kept_by_those_who_may_see_it(world: World) -> None:
    narrow = NewPost("p_narrow", world.alice.user_id, "ours", 1, "FOLLOWERS")
    world.run(create_post(world.alice, narrow))
    with pytest.raises(NotFound):
        world.run(bookmark(world.bob, narrow.id))
    world.run(bookmark(world.alice, narrow.id))
    assert _kept(world, world.alice) == [narrow.id]


def test_what_is_hidden_is_left_out_and_comes_back(world: World) -> None:
    shown, gone = world.post(world.alice), world.post(world.alice)
    hidden = world.post(world.carol)
    for post in (shown, gone, hidden):
        world.run(bookmark(world.bob, post))
    world.run(delete_post(world.alice, gone))
    world.run(block(world.carol, world.bob.user_id))
    assert _kept(world, world.bob) == [shown]
    assert world.run(unbookmark(world.bob, gone)) == gone

    world.run(unblock(world.carol, world.bob.user_id))
    assert _kept(world, world.bob) == [hidden, shown]
