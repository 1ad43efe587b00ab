"""What is stored beside the edges and is no figure is recounted each night, too."""

from collections.abc import Callable
from typing import Any

import pytest

from graph.follows import follow, unfollow
from graph.ids import now_ms
from graph.likes import like, unlike
from graph.notify import notify
from graph.posts import delete_post
from graph.reconcile import CAUSES, LIKES, SUSPENDED_NAMES
from graph.recount import Drift, Recount
from graph.recount_words import WORDS
from graph.runner import Graph
from graph.shares import share, unshare
from graph.viewer import Viewer
from tests.graph.hours import settle
from tests.graph.people import World, new_world

_STORED = """\
CALL () {
  MATCH (:User)-[liked:LIKED]->(subject)
  RETURN subject.id AS id, [liked.author_id] AS stored
  UNION ALL
  MATCH (post:Post) RETURN post.id AS id, [post.words, post.once_words] AS stored
  UNION ALL
  MATCH (user:User) RETURN user.id AS id, [user.suspended_name] AS stored
}
RETURN id, stored ORDER BY id, toString(stored[0])"""


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    world = new_world(sync_graph)
    post, gone = (world.post(world.alice, text) for text in ("Crème brûlée", "not to be found"))
    world.post(world.bob, "!!!")
    for subject in (post, gone, world.comment(world.bob, post)):
        world.run(like(world.carol, subject))
    world.run(delete_post(world.alice, gone))
    world.cypher(
        "MATCH (u:User {id: $id}) SET u.suspended_at = 1, u.suspended_name = u.username",
        id=world.dan.user_id,
    )
    settle(sync_graph)
    world.cypher("MATCH (job:Job) DELETE job")
    return world


def _drifts(world: World, recount: Recount) -> list[Drift]:
    found: list[Drift] = []
    page = world.run(recount.page())
    while page.next is not None:
        found += page.drifts
        page = world.run(recount.page(page.next))
    return found


_WRONG: dict[str, tuple[Recount, str, int]] = {
    "another author": (LIKES, "MATCH ()-[r:LIKED]->(:Post) SET r.author_id = 'u_x'", 2),
    "no author": (LIKES, "MATCH ()-[r:LIKED]->(:Comment) REMOVE r.author_id", 1),
    "other words": (WORDS, "MATCH (p:Post {text: '!!!'}) SET p.words = 'wow'", 1),
    "no words": (WORDS, "MATCH (p:Post) WHERE p.words <> '' REMOVE p.words", 1),
    "words of what is gone": (
        WORDS,
        "MATCH (p:Post) WHERE p.deleted_at > 0 SET p.words = p.once_words REMOVE p.once_words",
        1,
    ),
    "somebody who is not suspended": (
        SUSPENDED_NAMES,
        "MATCH (u:User {username: 'alice'}) SET u.suspended_name = 'alice'",
        1,
    ),
    "somebody suspended": (SUSPENDED_NAMES, "MATCH (u:User) REMOVE u.suspended_name", 1),
}


@pytest.mark.parametrize("name", _WRONG)
def test_what_differs_is_repaired_and_told_once(world: World, name: str) -> None:
    recount, text, count = _WRONG[name]
    assert _drifts(world, recount) == []
    right = world.cypher(_STORED)
    world.cypher(text)
    assert world.cypher(_STORED) != right

    drifts = _drifts(world, recount)

    assert world.cypher(_STORED) == right
    assert [each.what for each in drifts] == [recount.what] * count
    assert all(each.stored != each.counted for each in drifts)
    assert _drifts(world, recount) == []


def _tell(world: World) -> None:
    """Let the jobs tell of what was done."""
    settle(world.graph)
    for job in world.cypher("MATCH (job:Job) WHERE job.due_at > 0 RETURN job.event_id AS id"):
        world.run(notify(job["id"], now_ms()))


def _crowds_of_alice(world: World) -> list[int]:
    """Count who holds up each notification that is in Alice's list."""
    return world.value(
        "COLLECT { MATCH (n:Notification {recipient_id: $id}) WHERE n.k IS NOT NULL "
        "RETURN COUNT { (n)<-[:CAUSES]-() } }",
        id=world.alice.user_id,
    )


@pytest.mark.parametrize("is_numbered", [False, True])
@pytest.mark.parametrize(
    ("deed", "undoing"), [(like, unlike), (share, unshare), (follow, unfollow)]
)
def test_nobody_is_told_of_what_is_undone(
    world: World,
    deed: Callable[[Viewer, str], Any],
    undoing: Callable[[Viewer, str], Any],
    is_numbered: bool,
) -> None:
    """One deed goes without an event, as by a mistake of ours, and one by an event that waits."""
    subject = world.alice.user_id if deed is follow else world.post(world.alice)
    for viewer in (world.bob, world.carol):
        world.run(deed(viewer, subject))
    _tell(world)
    assert _crowds_of_alice(world) == [2]
    assert _drifts(world, CAUSES) == []

    lost = "MATCH (:User {id: $id})-[deed:LIKED|SHARED|FOLLOWS]->({id: $subject}) DELETE deed"
    world.cypher(lost, id=world.carol.user_id, subject=subject)
    (drift,) = _drifts(world, CAUSES)
    assert (drift.what, str(drift.id).split(":")[1]) == ("causes", world.carol.user_id)
    assert (drift.stored, drift.counted) == ([True, True], [False, False])
    assert _crowds_of_alice(world) == [1]

    world.run(undoing(world.bob, subject))
    if is_numbered:
        settle(world.graph)
    for _ in range(2):
        assert _drifts(world, CAUSES) == []
        assert _crowds_of_alice(world) == []
        _tell(world)

    world.run(deed(world.carol, subject))
    _tell(world)
    assert _crowds_of_alice(world) == [1]


@pytest.mark.parametrize(
    "change",
    [
        lambda w: w.cypher(
            "MATCH (p:Post) SET p.text = 'changed since', p.words = 'changed since'"
        ),
        lambda w: w.cypher("MATCH (p:Post) DETACH DELETE p"),
    ],
)
def test_words_of_what_was_changed_since_it_was_read_are_left_alone(
    world: World, change: Callable[[World], object]
) -> None:
    read = WORDS.page()
    with world.graph.driver.session() as session:
        mend = read.decode(list(session.run(read.text, dict(read.parameters))))
    change(world)
    before = world.cypher(_STORED)

    assert world.run(mend).drifts == []  # type: ignore[arg-type]  # there are posts

    assert world.cypher(_STORED) == before
