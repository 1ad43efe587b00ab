"""Figures by the hour equal a count of the edges, whatever was done, however it is tallied."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from graph.comments import delete_comment
from graph.events import EventKind
from graph.likes import like, unlike
from graph.moderation import remove_content, restore_content
from graph.outbox import number_pending
from graph.posts import delete_post
from graph.ranks import hot_key
from graph.retention import prune_events
from graph.runner import Graph
from graph.shares import share, unshare
from graph.tally import COUNTED, Tallied, tally
from graph.viewer import Role, Viewer
from tests.graph.hours import HOUR, badly_ranked, counted, settle, stored
from tests.graph.people import World, add, like_row, new_world, user_row


@pytest.fixture(name="world")
def _world(clean: None, sync_graph: Graph) -> World:  # noqa: ARG001
    return new_world(sync_graph)


def _age(world: World, hours: int) -> None:
    """Make everything that was done so far as many hours older."""
    world.cypher(
        """\
CALL () {
  MATCH (event:Event)
  SET event.occurred_at = event.occurred_at - $age, event.deed_at = event.deed_at - $age
}
CALL () {
  MATCH (said:Post|Comment)
  SET said.created_at = said.created_at - $age,
      said.k = right('00' + (said.created_at - $age), 15) + said.id
}
MATCH ()-[edge:LIKED|SHARED|ON_POST]->()
SET edge.at = edge.at - $age,
    edge.k = right('00' + (edge.at - $age), 15) + substring(edge.k, 15)""",
        age=hours * HOUR,
    )


def _moderator(world: World) -> Viewer:
    world.cypher("MATCH (u:User {id: $id}) SET u.role = 'MODERATOR'", id=world.dan.user_id)
    return Viewer(world.dan.user_id, world.dan.session_id, Role.MODERATOR)


def test_everything_that_is_done_and_undone_counts_in_its_own_hour(world: World) -> None:
    post, gone = world.post(world.alice), world.post(world.bob)
    comment = world.comment(world.bob, post)
    reply = world.comment(world.carol, post, comment)
    for viewer in world.people:
        for subject in (post, gone, comment):
            world.run(like(viewer, subject))
        world.run(share(viewer, post))
    _age(world, 30)
    world.comment(world.dan, post)
    world.run(like(world.alice, reply))
    _age(world, 7)
    world.run(like(world.bob, reply))

    settle(world.graph)

    assert stored(world.graph) == counted(world.graph)
    assert len({at for _, _, at in stored(world.graph)}) == 3

    moderator = _moderator(world)
    for undo in (
        unlike(world.alice, post),
        unlike(world.bob, comment),
        unshare(world.carol, post),
        delete_comment(world.bob, comment),
        remove_content(moderator, reply, "spam"),
        delete_post(world.bob, gone),
        remove_content(moderator, post, "spam"),
        restore_content(moderator, reply),
        restore_content(moderator, post),
    ):
        world.run(undo)
        assert stored(world.graph) != counted(world.graph)
        settle(world.graph)
        assert stored(world.graph) == counted(world.graph)


def test_tallied_again_from_the_beginning_it_stays_as_it_is(world: World) -> None:
    post = world.post(world.alice)
    for viewer in world.people:
        world.run(like(viewer, post))
    world.run(unlike(world.bob, post))
    settle(world.graph)
    once = stored(world.graph)

    world.cypher("MATCH (c:Counter {name: 'tally'}) SET c.value = 0")
    settle(world.graph, limit=2)

    assert stored(world.graph) == once == counted(world.graph)


def test_two_tallies_at_once_count_everything_once(world: World) -> None:
    posts = [world.post(author) for author in world.people]
    for viewer in world.people:
        for post in posts:
            world.run(like(viewer, post))
    world.run(number_pending(100, now=10, due_at=1))

    with ThreadPoolExecutor(4) as pool:
        taken = sum(pool.map(lambda _: world.run(tally(5)).events, range(24)))
    settle(world.graph)

    assert 0 < taken <= 20
    assert stored(world.graph) == counted(world.graph)
    assert badly_ranked(world.graph) == []


def test_a_rank_that_is_just_being_written_is_not_taken_for_right(world: World) -> None:
    """Somebody holds a post who has ranked it by fewer likes, and has not committed yet."""
    post = world.post(world.alice)
    many = [f"x{n}" for n in range(60)]  # so that a like does not wait for the post's lock
    add(world.graph, "user", [user_row(name) for name in many])
    add(world.graph, "like", [like_row(f"u_{name}", post, 1) for name in many])
    world.run(like(world.bob, post))
    settle(world.graph)
    world.run(unlike(world.bob, post))
    rank = f"MATCH (p:Post {{id: $id}}) SET p.lk = true SET p.hot_k = {hot_key('p')}"
    with (
        ThreadPoolExecutor(1) as pool,
        world.graph.driver.session() as session,
        session.begin_transaction() as other,
    ):
        other.run(rank, {"id": post}).consume()
        settling = pool.submit(_like_and_settle, world, post)
        wait([settling], timeout=1)
        other.commit()
        settling.result()
    assert badly_ranked(world.graph) == []


def _like_and_settle(world: World, post: str) -> None:
    world.run(like(world.bob, post))
    settle(world.graph)


def test_a_flood_on_one_post_is_one_rank_and_one_recount(world: World) -> None:
    """What is done follows the posts and hours that were touched, not the events."""
    post = world.post(world.alice)
    for viewer in world.people:
        world.run(like(viewer, post))
    world.run(number_pending(100, now=10, due_at=1))
    statement = tally(100)
    with world.graph.driver.session() as session:
        records = list(session.run(statement.text, dict(statement.parameters)))
    ranking = statement.decode(records)
    assert not isinstance(ranking, Tallied)
    assert ranking.parameters == {"posts": [post]}
    recount = ranking.decode([])
    assert not isinstance(recount, Tallied)
    assert len(recount.parameters["posts"]) == 1
    assert len(recount.parameters["users"]) == 4


def test_the_cursor_passes_what_no_figure_counts_and_stops_at_a_full_batch(world: World) -> None:
    for _ in range(3):
        world.post(world.alice)
    world.run(number_pending(100, now=10, due_at=1))
    assert world.run(tally(2)) == Tallied(2, is_last=False)
    assert _cursor(world) == 2
    assert world.run(tally(2)) == Tallied(1, is_last=True)
    world.cypher(
        "CREATE (:Event {id: 'e_x', pending: 'e_x', kind: 'UserFollowed', occurred_at: 1, "
        "actor_id: 'u_1', subject_id: 'u_2'})"
    )
    world.run(number_pending(100, now=10, due_at=1))
    assert world.run(tally(2)) == Tallied(0, is_last=True)
    assert _cursor(world) == 4
    assert world.run(tally(2)) == Tallied(0, is_last=True)


def _cursor(world: World) -> int:
    return int(world.value("COLLECT { MATCH (c:Counter {name: 'tally'}) RETURN c.value }")[0])


def test_what_was_not_tallied_is_not_pruned(world: World) -> None:
    world.post(world.alice)
    world.post(world.bob)
    world.run(number_pending(100, now=10, due_at=1))
    world.cypher("MATCH (job:Job) DELETE job")
    assert world.run(prune_events(before=10**15, limit=10)) == 0
    world.run(tally(1))
    assert world.run(prune_events(before=10**15, limit=10)) == 1
    settle(world.graph)
    assert world.run(prune_events(before=10**15, limit=10)) == 1
    assert stored(world.graph) == counted(world.graph)


@pytest.mark.unit
def test_an_event_of_a_kind_that_says_what_people_did_is_counted() -> None:
    said = ("Post", "Comment", "Content")
    edits = {EventKind.POST_EDITED, EventKind.COMMENT_EDITED}
    assert {kind for kind in EventKind if kind.startswith(said)} - edits == {*COUNTED}
