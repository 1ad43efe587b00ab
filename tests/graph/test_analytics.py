"""Figures are those of the edges, in whole hours, open to whom they concern."""

from collections.abc import Callable
from typing import Any

import pytest

from graph.analytics import find_post, find_user, read_platform
from graph.comments import delete_comment
from graph.engagement import Weights
from graph.likes import like, unlike
from graph.outbox import number_pending
from graph.posts import delete_post
from graph.runner import Graph
from graph.series import Axis, Interval, Span
from graph.shares import share
from graph.statement import Statement
from graph.suspensions import suspend_user
from graph.tally import tally
from graph.viewer import Role, Viewer
from tests.graph.hours import HOUR, recount, settle
from tests.graph.people import World, add, comment_row, new_world, pick, post_row

EVER = Span(0, 2**50)
WHOLE_LIFE = Axis(EVER, is_open=True, is_wanted=False)
Read = Callable[[Viewer], Statement[Any]]


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _admin(world: World) -> Viewer:
    world.cypher("MATCH (u:User {id: $id}) SET u.role = 'ADMIN'", id=world.dan.user_id)
    return Viewer(world.dan.user_id, world.dan.session_id, Role.ADMIN)


def test_figures_of_a_post_are_its_authors_and_the_admins_to_read(world: World) -> None:
    post = world.post(world.alice)
    comments = [world.comment(world.bob, post) for _ in range(3)]
    world.run(delete_comment(world.bob, comments[0]))
    world.run(like(world.bob, post))
    world.run(share(world.carol, post))
    settle(world.graph)

    def read(viewer: Viewer, post_id: str) -> Any:
        return world.run(find_post(viewer, post_id, WHOLE_LIFE, Weights(), pick("id")))

    for viewer in (world.alice, _admin(world)):
        row = read(viewer, post)
        names = ("likes", "comments", "shares", "engagement")
        assert [row[name] for name in names] == [1, 2, 1, 8]
        assert row["post"]["id"] == post
    assert read(world.bob, post) is None
    assert read(world.alice, "p_none") is None
    world.run(delete_post(world.alice, post))
    assert read(world.alice, post) is None


def test_figures_of_somebody_are_theirs_and_the_admins_to_read(world: World) -> None:
    post = world.post(world.alice)
    comment = world.comment(world.alice, post)
    for viewer in world.people:
        world.run(like(viewer, comment))
    world.run(like(world.alice, post))
    world.run(share(world.alice, post))
    settle(world.graph)

    def read(viewer: Viewer, user_id: str) -> Any:
        return world.run(find_user(viewer, user_id, WHOLE_LIFE, pick("id")))

    admin = _admin(world)
    for viewer in (world.alice, admin):
        row = read(viewer, world.alice.user_id)
        names = ("posts", "comments", "likes_given", "likes_received", "shares")
        assert [row[name] for name in names] == [1, 1, 2, 5, 1]
        assert row["user"]["id"] == world.alice.user_id
    assert read(world.bob, world.alice.user_id) is None
    assert read(admin, "u_none") is None
    world.run(suspend_user(admin, world.alice.user_id, "spam"))
    assert read(admin, world.alice.user_id)["user"] is None
    assert read(admin, world.alice.user_id)["likes_received"] == 5


def test_a_series_has_every_bucket_and_adds_up_to_the_totals(world: World) -> None:
    people = [viewer.user_id for viewer in world.people]
    add(world.graph, "post", [post_row("p_1", people[0], 5 * HOUR)])
    hours = (5, 5, 29, 30, 54)
    rows = [comment_row(f"c_{n}", people[1], "p_1", at * HOUR + 9) for n, at in enumerate(hours)]
    add(world.graph, "comment", rows)
    recount(world.graph)

    axis = Axis(Span(0, 60 * HOUR), is_open=True, interval=Interval.DAY)
    found = [
        world.run(find_post(world.alice, "p_1", axis, Weights(), pick("id"))) or {},
        world.run(find_user(world.bob, people[1], axis, pick("id"))) or {},
        world.run(read_platform(world.carol, axis)),
    ]

    for row in found:
        assert (row["from"], row["to"], row["interval"]) == (5 * HOUR, 60 * HOUR, "DAY")
        series = [(b["from"] // HOUR, b["to"] // HOUR, b["comments"]) for b in row["series"]]
        assert series == [(5, 24, 2), (24, 48, 2), (48, 60, 1)]
        assert row["comments"] == 5
    assert [bucket["engagement"] for bucket in found[0]["series"]] == [4, 4, 2]
    assert [bucket["posts"] for bucket in found[2]["series"]] == [1, 0, 0]


def test_what_is_not_counted_yet_is_not_promised(world: World) -> None:
    """`asOf` is the instant of the oldest event that is not taken in: pending, or numbered."""
    post = world.post(world.alice)
    settle(world.graph)

    def read() -> tuple[int, int]:
        row = world.run(read_platform(world.bob, Axis(EVER, is_wanted=False)))
        return row["likes"], row["as_of"]

    before = world.value("timestamp()")
    assert read()[1] >= before
    world.run(like(world.bob, post))
    at = world.value("COLLECT { MATCH ()-[r:LIKED]->() RETURN r.at }")[0]
    assert read() == (0, at)
    world.run(number_pending(10, 1, 1))
    world.run(like(world.carol, post))
    assert read() == (0, at)
    world.run(tally(10))
    likes, as_of = read()
    assert (likes, as_of >= at) == (1, True)
    settle(world.graph)
    likes, as_of = read()
    assert (likes, as_of >= before) == (2, True)
    world.run(unlike(world.carol, post))
    settle(world.graph)
    assert read()[0] == 1
