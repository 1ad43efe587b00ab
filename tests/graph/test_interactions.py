"""What people did with a post: as a list, and one by one as subscribers are told of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from graph.comments import delete_comment
from graph.events import EventKind
from graph.interactions import find_interaction
from graph.likes import like, unlike
from graph.posts import delete_post, find_post
from graph.runner import Graph
from graph.selection import Field
from graph.shares import share, unshare
from graph.streams import StreamEvent
from tests.graph.people import World, below, new_world, nodes_of, page_of, pick

SUBJECT = Field("subject", "subject", {}, {"Post": pick("id"), "Comment": pick("text")})
INTERACTION = pick("id", below("actor", "User", "username"), SUBJECT)


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _listed(world: World, post: str, kinds: list[str] | None = None) -> list[tuple[str, str, str]]:
    used = page_of("interactions", "Interaction", *INTERACTION.fields, kinds=kinds)
    row = world.run(find_post(world.dan, post, pick(used)))
    assert row is not None
    return [
        (node["kind"], node["actor"]["username"], node["subject"]["id"])
        for node in nodes_of(row["@interactions"])
    ]


def test_the_list_tells_who_did_what_and_forgets_what_was_undone(world: World) -> None:
    post = world.post(world.alice)
    comment = world.comment(world.bob, post)
    reply = world.comment(world.carol, post, comment)
    world.run(like(world.dan, post))
    world.run(like(world.dan, comment))
    world.run(share(world.bob, post))

    assert sorted(_listed(world, post)) == [
        ("COMMENT", "bob", comment),
        ("COMMENT", "carol", reply),
        ("LIKE", "dan", post),
        ("SHARE", "bob", post),
    ]
    assert _listed(world, post, ["LIKE"]) == [("LIKE", "dan", post)]
    assert _listed(world, post, []) == []
    world.run(unlike(world.dan, post))
    world.run(unshare(world.bob, post))
    world.run(delete_comment(world.bob, comment))
    assert _listed(world, post) == [("COMMENT", "carol", reply)]


@pytest.mark.parametrize(
    ("kind", "undo"),
    [
        (EventKind.POST_LIKED, lambda world, subject: unlike(world.bob, subject)),
        (EventKind.POST_SHARED, lambda world, subject: unshare(world.bob, subject)),
        (EventKind.COMMENT_CREATED, lambda world, subject: delete_comment(world.bob, subject)),
    ],
)
def test_one_is_as_in_the_list_until_it_was_undone(
    world: World, kind: EventKind, undo: Callable[[World, str], Any]
) -> None:
    post = world.post(world.alice)
    subject = post
    if kind is EventKind.COMMENT_CREATED:
        subject = world.comment(world.bob, post)
    else:
        world.run((like if kind is EventKind.POST_LIKED else share)(world.bob, post))
    (deed,) = world.cypher("MATCH ()-[deed:LIKED|SHARED|ON_POST]->() RETURN deed.at AS at")
    event = StreamEvent(1, "e_1", kind.value, deed["at"], world.bob.user_id, subject, post)
    statement = find_interaction(world.dan, event, post, INTERACTION)
    used = page_of("interactions", "Interaction", *INTERACTION.fields, kinds=None)

    row = world.run(find_post(world.dan, post, pick(used)))
    assert row is not None
    assert nodes_of(row["@interactions"]) == [world.run(statement)]

    earlier = replace(event, occurred_at=event.occurred_at - 1)
    told = world.run(find_interaction(world.dan, earlier, post, INTERACTION))
    assert (told is None) == (kind is not EventKind.COMMENT_CREATED)
    world.run(undo(world, subject))
    assert world.run(statement) is None


def test_nothing_is_told_of_a_deleted_post(world: World) -> None:
    post = world.post(world.alice)
    world.run(like(world.bob, post))
    world.run(delete_post(world.alice, post))
    event = StreamEvent(1, "e_1", "PostLiked", 1, world.bob.user_id, post, post)

    assert world.run(find_interaction(world.dan, event, post, INTERACTION)) is None
