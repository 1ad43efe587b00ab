"""Shares pass on what is public, once."""

import pytest

from graph.blocks import block
from graph.errors import Forbidden, NotFound
from graph.follows import follow
from graph.posts import NewPost, create_post, find_post
from graph.runner import Graph
from graph.shares import share, unshare
from graph.viewer import Viewer
from tests.graph.people import POST, World, new_world


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def test_a_share_shows_to_its_owner_and_counts_for_all(world: World) -> None:
    post = world.post(world.alice)
    for sharer in (world.alice, world.bob, world.carol):
        assert world.run(share(sharer, post)) == post
    world.run(unshare(world.carol, post))

    bobs, carols = (world.run(find_post(v, post, POST)) for v in (world.bob, world.carol))

    assert bobs is not None
    assert carols is not None
    assert (bobs["viewer"]["has_shared"], carols["viewer"]["has_shared"]) == (True, False)
    assert world.stats(post) == world.recount(post)
    assert world.stats(post)["shares"] == 2


@pytest.mark.parametrize("bad", ["p_none", "", "\x00", "c_1"])
def test_what_is_not_there_cannot_be_shared_and_taking_back_is_nothing(
    world: World, bad: str
) -> None:
    with pytest.raises(NotFound):
        world.run(share(world.alice, bad))
    assert world.run(unshare(world.alice, bad)) == bad
    assert world.news() == []


def test_a_post_for_followers_is_shared_by_nobody_and_told_of_to_who_may_see_it(
    world: World,
) -> None:
    narrow = NewPost("p_narrow", world.alice.user_id, "ours", 1, "FOLLOWERS")
    world.run(create_post(world.alice, narrow))
    world.run(follow(world.bob, world.alice.user_id))
    assert world.run(find_post(world.bob, narrow.id, POST)) is not None
    comment = world.comment(world.bob, narrow.id)
    world.news()

    for viewer in (world.bob, world.alice):
        with pytest.raises(Forbidden, match="followers only") as refused:
            world.run(share(viewer, narrow.id))
        assert refused.value.path == ("postId",)
    for viewer, bad in ((world.carol, narrow.id), (world.bob, comment)):
        with pytest.raises(NotFound):
            world.run(share(viewer, bad))
    assert world.news() == []


@pytest.mark.parametrize("is_suspended", [False, True])
def test_a_share_from_somebody_hidden_is_refused_as_from_nobody(
    world: World, *, is_suspended: bool
) -> None:
    post = world.post(world.alice)
    world.run(share(world.bob, post))
    if is_suspended:
        world.cypher("MATCH (u:User {id: $id}) SET u.suspended_at = 1", id=world.bob.user_id)
    else:
        world.run(block(world.bob, world.carol.user_id))

    messages: list[str] = []
    for via in (world.bob.user_id, "u_none"):
        with pytest.raises(NotFound) as refused:
            world.run(share(world.carol, post, via))
        messages.append(refused.value.message.replace(via, "?"))
        assert refused.value.path == ("viaUserId",)
    assert messages[0] == messages[1]
    assert _via(world, post, world.carol) == []


def _via(world: World, post: str, sharer: Viewer) -> object:
    return world.value(
        "COLLECT { MATCH (:User {id: $by})-[s:SHARED]->(:Post {id: $post}) RETURN s.via_user_id }",
        by=sharer.user_id,
        post=post,
    )


def test_a_share_notes_from_whom_one_has_it_where_they_share_it(world: World) -> None:
    post = world.post(world.alice)
    world.run(share(world.bob, post))

    world.run(share(world.carol, post, world.bob.user_id))
    world.run(share(world.dan, post, world.alice.user_id))
    world.run(share(world.alice, post, world.alice.user_id))

    assert _via(world, post, world.carol) == [world.bob.user_id]
    assert _via(world, post, world.dan) == _via(world, post, world.alice) == [None]


def test_sharing_again_does_not_change_from_whom_one_has_it(world: World) -> None:
    post = world.post(world.alice)
    world.run(share(world.bob, post))
    world.run(share(world.carol, post))

    world.run(share(world.carol, post, world.bob.user_id))

    assert _via(world, post, world.carol) == [None]


def test_a_share_from_nobody_is_refused(world: World) -> None:
    post = world.post(world.alice)
    world.news()

    with pytest.raises(NotFound) as refused:
        world.run(share(world.bob, post, "u_none"))

    assert refused.value.path == ("viaUserId",)
    assert world.news() == []
    assert world.stats(post)["shares"] == 0
