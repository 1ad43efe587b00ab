"""A recount gives every hour its figures, repairs what differs, and says what that was."""

from collections.abc import Callable

import pytest

from graph import ddl
from graph.likes import like
from graph.outbox import number_pending
from graph.recount import HOURS, Drift, fill_hours
from graph.runner import Graph
from graph.shares import share
from tests.graph.hours import HOUR, counted, settle, stored
from tests.graph.people import (
    World,
    add,
    comment_row,
    like_row,
    new_world,
    post_row,
    share_row,
)
from tests.graph.world import run


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    """What people did in some hours of three days, without events."""
    world = new_world(sync_graph)
    people = [viewer.user_id for viewer in world.people]
    posts = [post_row(f"p_{n}", people[n % 4], n * HOUR // 2) for n in range(12)]
    comments = [
        comment_row(f"c_{n}", people[n % 3], f"p_{n % 5}", n * 3 * HOUR + 1) for n in range(20)
    ]
    likes = [
        like_row(person, f"{kind}_{n}", (n * 7 % 72) * HOUR + n)
        for person in people
        for n in range(10)
        for kind in ("p", "c")
    ]
    shares = [share_row(person, f"p_{n}", 50 * HOUR) for person in people[:2] for n in range(8)]
    for kind, rows in (("post", posts), ("comment", comments), ("like", likes), ("share", shares)):
        add(sync_graph, kind, rows)
    return world


def _recount(graph: Graph) -> list[Drift]:
    """Recount everything, and give what was repaired."""
    drifts: list[Drift] = []
    for recount in HOURS:
        page = graph.run(recount.page())
        while page.next is not None:
            drifts += page.drifts
            page = graph.run(recount.page(page.next))
    return drifts


def test_it_counts_what_was_never_tallied(world: World) -> None:
    for statement in fill_hours():
        world.run(statement)

    assert stored(world.graph) == counted(world.graph)
    assert _recount(world.graph) == []


_WRONG: dict[str, tuple[str, set[str]]] = {
    "a post's hour": ("MATCH (h:PostHour) SET h.likes = h.likes + 1", {"post hours"}),
    "a person's hour": (
        "MATCH (h:UserHour) SET h.likes_received = 9, h.posts = h.posts + 1",
        {"user hours", "platform hours"},
    ),
    "the platform's hour": ("MATCH (h:PlatformHour) SET h.shares = 5", {"platform hours"}),
    "hours that are lost": (
        "MATCH (h:PostHour|UserHour|PlatformHour) WHERE h.at > 100000000 DELETE h",
        {"post hours", "user hours"},
    ),
    "hours in which nothing was": (
        """\
MATCH (u:User)
CREATE (:UserHour {user_id: u.id, at: 3600000000, posts: 0, comments: 0,
                   likes_given: 1, likes_received: 0, shares: 0})""",
        {"user hours", "platform hours"},
    ),
}


@pytest.mark.parametrize("name", _WRONG)
def test_what_differs_is_repaired_and_told_once(world: World, name: str) -> None:
    for statement in fill_hours():
        world.run(statement)
    text, expected = _WRONG[name]
    world.cypher(text)
    assert stored(world.graph) != counted(world.graph)

    drifts = _recount(world.graph)

    assert stored(world.graph) == counted(world.graph)
    assert {each.what for each in drifts} == expected
    assert all(each.stored != each.counted for each in drifts)
    assert _recount(world.graph) == []


@pytest.mark.parametrize("prepare", [lambda _: None, lambda w: w.run(number_pending(9, 1, 1))])
def test_what_waits_for_the_tally_is_no_drift(
    world: World, prepare: Callable[[World], None]
) -> None:
    for statement in fill_hours():
        world.run(statement)
    world.run(share(world.carol, "p_1"))
    post = world.post(world.alice)
    world.run(like(world.bob, post))
    prepare(world)

    assert _recount(world.graph) == []

    assert stored(world.graph) == counted(world.graph)
    settle(world.graph)
    assert stored(world.graph) == counted(world.graph)


def test_a_database_of_before_gets_its_hours(world: World) -> None:
    run(world.graph, "MATCH ()-[liked:LIKED]->() REMOVE liked.author_id")
    run(world.graph, "MATCH (v:SchemaVersion) SET v.version = 4")

    assert ddl.apply(world.graph) == ddl.VERSION - 4

    assert stored(world.graph) == counted(world.graph)
    assert len(stored(world.graph)) > 50
