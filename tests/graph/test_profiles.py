"""A profile changes where it is told to: what is left out stays, what is null is cleared."""

from typing import Any

import pytest

from graph.errors import InvalidInput, NotFound
from graph.profiles import LONGEST_BIO, update_profile
from graph.runner import Graph
from graph.users import LONGEST_NAME, find_user
from tests.graph.people import World, new_world, pick

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _profile(world: World) -> tuple[Any, Any]:
    row = world.run(find_user(world.dan, world.alice.user_id, pick("id")))
    assert row is not None
    return row["display_name"], row["bio"]


def _avatar(world: World) -> Any:
    row = world.run(find_user(world.dan, world.alice.user_id, pick("avatar")))
    assert row is not None
    return row["avatar"] and row["avatar"]["id"]


def _update(world: World, **changes: str | None) -> tuple[Any, Any]:
    for _ in range(2):
        assert world.run(update_profile(world.alice, changes)) == world.alice.user_id
    return _profile(world)


def test_what_is_left_out_stays_and_what_is_null_is_cleared(world: World) -> None:
    assert _update(world) == ("alice", None)
    assert _update(world, display_name=" Alice é ") == ("Alice é", None)
    assert _update(world, bio=" Gardens.\nAnd birds. ") == ("Alice é", "Gardens.\nAnd birds.")
    assert _update(world, display_name=None) == ("alice", "Gardens.\nAnd birds.")
    assert _update(world, display_name="A", bio=None) == ("A", None)
    assert world.news() == []


def test_others_and_other_properties_stay(world: World) -> None:
    before = world.value("COLLECT { MATCH (u:User) RETURN u {.*, bio: 0} ORDER BY u.id }")
    _update(world, bio="birds", role="ADMIN", password_hash="x")
    after = world.value("COLLECT { MATCH (u:User) RETURN u {.*, bio: 0} ORDER BY u.id }")
    assert [user | {"lk": None} for user in after] == [user | {"lk": None} for user in before]


def test_length_is_counted_in_characters_as_people_do(world: World) -> None:
    name, bio = FAMILY * LONGEST_NAME, FAMILY * LONGEST_BIO
    assert _update(world, display_name=name, bio=bio) == (name, bio)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("displayName", ""),
        ("displayName", "x" * (LONGEST_NAME + 1)),
        ("bio", " \u200b "),
        ("bio", FAMILY * (LONGEST_BIO + 1)),
        ("bio", "\x00"),
    ],
)
def test_a_text_that_breaks_a_rule_changes_nothing(world: World, name: str, text: str) -> None:
    changes = {"display_name": "Al", "bio": "birds"} | {
        {"bio": "bio"}.get(name, "display_name"): text
    }
    with pytest.raises(InvalidInput) as caught:
        update_profile(world.alice, changes)
    assert caught.value.path == (name,)
    assert _profile(world) == ("alice", None)


def test_an_avatar_changes_together_with_the_rest_or_not_at_all(world: World) -> None:
    image = world.image(world.alice)
    assert _update(world, bio="birds", avatar_id=image) == ("alice", "birds")
    assert _avatar(world) == image
    assert _update(world, bio="bees") == ("alice", "bees")
    assert _avatar(world) == image
    with pytest.raises(NotFound) as caught:
        _update(world, bio="none", avatar_id=world.image(world.bob))
    assert caught.value.path == ("avatarId",)
    assert (_profile(world), _avatar(world)) == (("alice", "bees"), image)
    assert _update(world, display_name="Al", avatar_id=None) == ("Al", "bees")
    assert _avatar(world) is None
