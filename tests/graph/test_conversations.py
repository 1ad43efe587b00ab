"""The measures of conversations made by hand, and as they are read."""

from typing import Any

import pytest

from graph.comments import delete_comment
from graph.conversations import Said, find_conversation, measure
from graph.runner import Graph
from graph.viewer import Viewer
from tests.graph.people import World, below, new_world, pick

WANTED = pick(
    below("post", "Post", "id"),
    "comments",
    below("most_replied", "MostReplied", below("comment", "Comment", "id", "text")),
)


def _said(id_: str, parent: str, depth: int, at: int, **more: Any) -> Said:
    values = {"author_id": f"u_{id_}", "stands": True} | more
    return Said(id_, parent, values["author_id"], at, depth, values["stands"])


@pytest.mark.unit
def test_a_conversation_of_nothing() -> None:
    assert measure("p", 5, []) == {
        "comments": 0,
        "depth": 0,
        "breadth": 0,
        "branching_factor": 0.0,
        "participants": 0,
        "median_reply_time": None,
        "most": None,
    }


@pytest.mark.unit
def test_every_measure_is_what_it_says() -> None:
    """p ← a ← c ← d, p ← b, p ← e, c ← f: three answer the post, one a, two c."""
    said = [
        _said("a", "p", 1, 1_000),
        _said("b", "p", 1, 3_000, author_id="u_a"),
        _said("c", "a", 2, 2_000),
        _said("d", "c", 3, 12_000),
        _said("e", "p", 1, 4_000),
        _said("f", "c", 3, 22_000),
    ]
    assert measure("p", 0, said) == {
        "comments": 6,
        "depth": 3,
        "breadth": 3,
        "branching_factor": 2.0,
        "participants": 5,
        "median_reply_time": 3.5,
        "most": ("a", 3),
    }


@pytest.mark.unit
def test_what_is_gone_keeps_its_place_and_is_counted_nowhere() -> None:
    said = [
        _said("a", "p", 1, 1_000, stands=False),
        _said("b", "a", 2, 2_000),
        _said("c", "b", 3, 4_000),
        _said("d", "p", 1, 5_000),
        _said("e", "d", 2, 6_000, stands=False),
    ]
    found = measure("p", 0, said)
    assert (found["comments"], found["depth"], found["breadth"]) == (3, 3, 1)
    assert (found["branching_factor"], found["participants"]) == (1.0, 3)
    assert found["median_reply_time"] == 2.0
    assert found["most"] == ("b", 1)


@pytest.mark.unit
def test_of_several_with_as_many_replies_the_oldest_is_named() -> None:
    said = [
        _said("b", "p", 1, 2),
        _said("a", "p", 1, 1),
        _said("c", "b", 2, 3),
        _said("d", "a", 2, 3),
    ]
    assert measure("p", 0, said)["most"] == ("a", 1)


def test_it_is_read_from_the_post_down(clean: None, sync_graph: Graph) -> None:  # noqa: ARG001
    world: World = new_world(sync_graph)
    post = world.post(world.alice)
    top = world.comment(world.bob, post)
    reply = world.comment(world.carol, post, top)
    world.comment(world.dan, post, reply)
    world.comment(world.dan, world.post(world.alice))
    world.run(delete_comment(world.carol, reply))

    def read(viewer: Viewer, post_id: str) -> Any:
        return world.run(find_conversation(viewer, post_id, WANTED))

    found = read(world.dan, post)
    assert (found["comments"], found["depth"], found["participants"]) == (2, 3, 2)
    assert found["post"]["id"] == post
    most = found["most_replied"]
    assert (most["comment"]["id"], most["replies"]) == (top, 1)
    assert read(world.dan, "p_none") is None
    assert read(world.dan, world.post(world.bob))["most_replied"] is None
