"""Former texts are kept, and are read by those who may read the present one."""

from typing import Any

import pytest

from graph.comments import delete_comment, find_comment, update_comment
from graph.errors import Forbidden
from graph.posts import find_post, update_post
from graph.runner import Graph
from graph.viewer import Viewer
from tests.graph.people import World, new_world, nodes_of, page_of, pick

READ = pick("text", "created_at", "edited_at", page_of("revisions", "Revision"))


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _read(world: World, subject_id: str, viewer: Viewer | None = None) -> dict[str, Any]:
    find = find_comment if subject_id.startswith("c_") else find_post
    row = world.run(find(viewer or world.dan, subject_id, READ))
    assert row is not None
    return row


def _texts(world: World, subject_id: str, viewer: Viewer | None = None) -> list[str]:
    return [r["text"] for r in nodes_of(_read(world, subject_id, viewer)["@revisions"])]


@pytest.mark.parametrize("kind", ["post", "comment"])
def test_each_change_keeps_the_text_before_it_and_an_equal_text_none(
    world: World, kind: str
) -> None:
    post = world.post(world.alice, "one")
    subject = post if kind == "post" else world.comment(world.alice, post, text="one")
    update = update_post if kind == "post" else update_comment
    assert _texts(world, subject) == []

    for text in ("two", "two", "three"):
        world.run(update(world.alice, subject, text))

    row = _read(world, subject)
    newer, older = nodes_of(row["@revisions"])
    assert (row["text"], newer["text"], older["text"]) == ("three", "two", "one")
    assert older["created_at"] == row["created_at"]
    assert older["replaced_at"] == newer["created_at"]
    assert newer["replaced_at"] == row["edited_at"]


def test_somebody_elses_try_keeps_nothing(world: World) -> None:
    post = world.post(world.alice, "one")
    world.run(update_post(world.alice, post, "two"))
    with pytest.raises(Forbidden):
        world.run(update_post(world.bob, post, "mine"))

    assert _texts(world, post) == ["one"]


def test_a_deleted_comment_has_no_former_texts_for_anybody(world: World) -> None:
    comment = world.comment(world.alice, world.post(world.bob), text="secret")
    world.run(update_comment(world.alice, comment, "nothing"))
    assert _texts(world, comment) == ["secret"]

    world.run(delete_comment(world.alice, comment))

    assert [_texts(world, comment, viewer) for viewer in world.people] == [[]] * 4
