"""Likes are exact, however many like at once and however often."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.comments import NewComment, create_comment, delete_comment
from graph.errors import NotFound
from graph.likes import like, unlike
from graph.posts import find_post
from graph.runner import AsyncGraph, Graph
from tests.graph.people import POST, World, new_person, new_world


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def test_a_like_shows_to_its_owner_and_counts_for_all(world: World) -> None:
    post = world.post(world.alice)
    comment = world.comment(world.bob, post)
    for subject in (post, comment):
        for liker in (world.alice, world.bob, world.carol):
            assert world.run(like(liker, subject)) == subject
        assert world.run(unlike(world.bob, subject)) == subject
        assert world.stats(subject)["likes"] == 2
        assert world.stats(subject) == world.recount(subject)

    liked = {
        viewer.user_id: (world.run(find_post(viewer, post, POST)) or {})["viewer"]["has_liked"]
        for viewer in world.people
    }
    assert liked == {
        world.alice.user_id: True,
        world.bob.user_id: False,
        world.carol.user_id: True,
        world.dan.user_id: False,
    }


@pytest.mark.parametrize("bad", ["p_none", "c_none", "", "u_1", "\x00", "c_" + "x" * 9_000])
def test_what_is_not_there_cannot_be_liked_and_taking_back_is_nothing(
    world: World, bad: str
) -> None:
    with pytest.raises(NotFound) as caught:
        world.run(like(world.alice, bad))
    assert caught.value.path == ("subjectId",)
    assert world.run(unlike(world.alice, bad)) == bad
    assert world.news() == []


def test_a_user_cannot_be_liked(world: World) -> None:
    with pytest.raises(NotFound):
        world.run(like(world.alice, world.bob.user_id))


def test_an_unlike_takes_back_ones_own_like_alone(world: World) -> None:
    post = world.post(world.alice)
    world.run(like(world.bob, post))
    world.run(unlike(world.carol, post))
    assert world.stats(post)["likes"] == 1


def test_likes_of_many_at_once_are_exact(world: World) -> None:
    post = world.post(world.alice)
    likers = [new_person(world.graph, f"liker_{n}") for n in range(32)]
    world.news()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda viewer: world.run(like(viewer, post)), likers))

    assert world.stats(post)["likes"] == world.recount(post)["likes"] == 32
    assert sorted(actor for _, actor, _, _ in world.news()) == sorted(v.user_id for v in likers)


async def test_one_persons_double_tap_is_one_like_and_one_event(
    world: World, graph: AsyncGraph
) -> None:
    post = world.post(world.alice)
    world.news()

    await asyncio.gather(*(graph.run(like(world.bob, post)) for _ in range(16)))

    assert world.value("COUNT { (:User)-[:LIKED]->(:Post) }") == 1
    assert world.news() == [("PostLiked", world.bob.user_id, post, post)]


def test_liking_and_taking_back_at_once_ends_in_one_or_none(world: World) -> None:
    post = world.post(world.alice)
    world.news()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: world.run((like, unlike)[n % 2](world.bob, post)), range(24)))

    count = world.value("COUNT { (:User)-[:LIKED]->(:Post) }")
    assert count in (0, 1)
    assert world.stats(post)["likes"] == count
    told = [kind for kind, *_ in world.news()]
    likes, unlikes = told.count("PostLiked"), told.count("PostUnliked")
    assert 1 <= likes <= 12
    assert likes - unlikes == world.stats(post)["likes"]


def test_liking_commenting_and_deleting_at_once_leaves_the_counts_exact(world: World) -> None:
    post = world.post(world.alice)
    comments = [world.comment(world.bob, post) for _ in range(6)]
    commands = [
        *(like(viewer, post) for viewer in world.people),
        *(like(viewer, comments[0]) for viewer in world.people),
        *(delete_comment(world.bob, comment) for comment in comments[::2]),
        *(
            create_comment(viewer, NewComment.of(viewer, post, comments[1], "hi"))
            for viewer in world.people
        ),
        unlike(world.alice, post),
    ]

    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(world.run, command) for command in commands]
    errors = [future.exception() for future in futures if future.exception()]

    assert all(isinstance(error, NotFound) for error in errors), "likes of a tombstone"
    for subject in (post, *comments):
        assert world.stats(subject) == world.recount(subject)
