"""A creation under one key happens once: in a row, in a race, and never with another input."""

import asyncio
from collections.abc import Callable

import pytest

from graph.comments import NewComment, create_comment
from graph.errors import Conflict, InvalidInput, NotFound
from graph.idempotency import LONGEST_KEY, Idempotency
from graph.posts import NewPost, create_post, delete_post
from graph.runner import AsyncGraph, Graph
from graph.statement import Statement
from graph.viewer import Viewer
from tests.graph.people import World, new_world

Create = Callable[[World, Viewer, str, str], Statement[str]]


def _create_post(_: World, viewer: Viewer, text: str, key: str) -> Statement[str]:
    return create_post(viewer, NewPost.of(viewer, text), key)


def _create_comment(world: World, viewer: Viewer, text: str, key: str) -> Statement[str]:
    (row,) = world.cypher("MATCH (p:Post) RETURN p.id AS id ORDER BY p.k LIMIT 1")
    return create_comment(viewer, NewComment.of(viewer, row["id"], None, text), key)


both = pytest.mark.parametrize("create", [_create_post, _create_comment])


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    world = new_world(sync_graph)
    world.post(world.alice)
    world.news()
    return world


def _count(world: World) -> int:
    return int(world.value("COUNT { (:Post) } + COUNT { (:Comment) }")) - 1


@both
def test_the_same_key_and_input_give_the_first_object(world: World, create: Create) -> None:
    one, two = (world.run(create(world, world.bob, text, "k")) for text in ("hi", " hi "))

    assert one == two
    assert _count(world) == len(world.news()) == 1


@both
def test_the_same_key_with_another_input_is_a_conflict(world: World, create: Create) -> None:
    world.run(create(world, world.bob, "hi", "k"))

    with pytest.raises(Conflict, match="another input") as caught:
        world.run(create(world, world.bob, "ho", "k"))

    assert caught.value.path == ("idempotencyKey",)
    assert _count(world) == len(world.news()) == 1


@both
def test_no_key_another_key_and_another_user_make_another_object(
    world: World, create: Create
) -> None:
    made = {
        world.run(create(world, world.bob, "hi", "k")),
        world.run(create(world, world.bob, "hi", "K")),
        world.run(create(world, world.carol, "hi", "k")),
    }
    assert len(made) == _count(world) == 3


@both
async def test_of_requests_in_a_race_all_get_the_one_object(
    world: World, graph: AsyncGraph, create: Create
) -> None:
    statements = [create(world, world.bob, "hi", "k") for _ in range(8)]

    made = set(await asyncio.gather(*(graph.run(statement) for statement in statements)))

    assert len(made) == _count(world) == len(world.news()) == 1


@both
async def test_of_two_inputs_in_a_race_one_wins(
    world: World, graph: AsyncGraph, create: Create
) -> None:
    statements = [create(world, world.bob, text, "k") for text in ("hi", "ho")]

    answers = await asyncio.gather(
        *(graph.run(statement) for statement in statements), return_exceptions=True
    )

    assert [type(answer) for answer in answers if not isinstance(answer, str)] == [Conflict]
    assert _count(world) == len(world.news()) == 1


def test_one_key_serves_each_mutation_apart(world: World) -> None:
    made = {
        world.run(create(world, world.bob, "hi", "k")) for create in (_create_post, _create_comment)
    }
    assert len(made) == _count(world) == 2


def test_the_first_object_is_answered_even_after_it_was_deleted(world: World) -> None:
    post = world.run(_create_post(world, world.bob, "hi", "k"))
    world.run(delete_post(world.bob, post))

    assert world.run(_create_post(world, world.bob, "hi", "k")) == post
    assert _count(world) == 1


def test_a_failed_creation_leaves_its_key_free(world: World) -> None:
    missing = NewComment.of(world.bob, "p_none", None, "hi")
    with pytest.raises(NotFound, match="no post"):
        world.run(create_comment(world.bob, missing, "k"))

    assert world.run(_create_comment(world, world.bob, "hi", "k"))


@pytest.mark.unit
@pytest.mark.parametrize("key", ["", "x" * (LONGEST_KEY + 1)])
def test_empty_and_endless_keys_are_refused(key: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 64"):
        Idempotency.of("u_1", "createPost", key, {})


@pytest.mark.parametrize("key", ["\x00", "é" * LONGEST_KEY, "a:b", "u_1:createPost:k"])
def test_any_other_key_is_one(world: World, key: str) -> None:
    one, two = (world.run(_create_post(world, world.bob, "hi", key)) for _ in range(2))
    assert one == two


def test_a_key_of_half_a_surrogate_pair_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="surrogate"):
        world.run(_create_post(world, world.bob, "hi", "\ud800"))
    with pytest.raises(InvalidInput, match="surrogate"):
        world.run(create_comment(world.bob, NewComment.of(world.bob, "\ud800", None, "hi")))
