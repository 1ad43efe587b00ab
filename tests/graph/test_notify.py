"""The right people are told, once, and never of what they did themselves."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from graph.events import Event, EventKind, jobs_of
from graph.notify import _CONCERNED, _MODERATED, NOTIFY, notify
from graph.outbox import number_pending
from graph.runner import Graph
from tests.graph.world import BOBS_COMMENT, POST, add_comment, add_edge, emit, run, seed


@pytest.fixture(autouse=True)
def _world(clean: None, sync_graph: Graph) -> None:  # noqa: ARG001
    seed(sync_graph)


def _notify(graph: Graph, event: Event) -> bool:
    while graph.run(number_pending(100, now=10, due_at=20)):
        pass
    return graph.run(notify(event.id, now=30))


def _told(graph: Graph) -> set[tuple[object, ...]]:
    """Give (recipient, kind, actor, subject) of every notification."""
    rows = run(
        graph,
        """\
MATCH (n:Notification)-[:UNSEEN_BY]->(u:User {id: n.recipient_id})
WHERE EXISTS { (n)-[:UNREAD_BY]->(u) }
RETURN u.id AS recipient, n.kind AS kind, n.actor_id AS actor, n.subject_id AS subject""",
    )
    assert len(rows) == run(graph, "MATCH (n:Notification) RETURN count(n) AS n")[0]["n"]
    return {tuple(row.values()) for row in rows}


def _comment(graph: Graph, author_id: str, parent_id: str, comment_id: str = "c_2") -> Event:
    add_comment(graph, comment_id, author_id, parent_id)
    return emit(graph, EventKind.COMMENT_CREATED, author_id, comment_id, POST)


def _like(graph: Graph, actor_id: str) -> Event:
    add_edge(graph, actor_id, "LIKED", POST)
    return emit(graph, EventKind.POST_LIKED, actor_id, POST, POST)


_DEEDS = pytest.mark.parametrize(
    ("kind", "edge", "subject_id"),
    [
        (EventKind.POST_LIKED, "LIKED", POST),
        (EventKind.COMMENT_LIKED, "LIKED", BOBS_COMMENT),
        (EventKind.POST_SHARED, "SHARED", POST),
        (EventKind.USER_FOLLOWED, "FOLLOWS", "u_carol"),
    ],
)


def _db_hits(plan: dict[str, Any]) -> int:
    return int(plan.get("dbHits", 0)) + sum(_db_hits(each) for each in plan.get("children", []))


def test_every_kind_that_asks_for_notifications_names_who_is_concerned() -> None:
    asking = {kind for kind in EventKind if NOTIFY in jobs_of(Event("e_1", kind, 1, "u", "p"))}
    assert asking == {*_CONCERNED, *_MODERATED}


def test_a_comment_is_told_to_the_author_of_the_post(sync_graph: Graph) -> None:
    assert _notify(sync_graph, _comment(sync_graph, "u_carol", POST))
    assert _told(sync_graph) == {("u_alice", "COMMENT", "u_carol", "c_2")}


def test_a_reply_is_told_to_both_authors_above(sync_graph: Graph) -> None:
    assert _notify(sync_graph, _comment(sync_graph, "u_carol", BOBS_COMMENT))
    assert _told(sync_graph) == {
        ("u_alice", "COMMENT", "u_carol", "c_2"),
        ("u_bob", "REPLY", "u_carol", "c_2"),
    }


def test_who_wrote_both_post_and_comment_is_told_of_a_reply_once(sync_graph: Graph) -> None:
    add_comment(sync_graph, "c_2", "u_alice", POST)

    assert _notify(sync_graph, _comment(sync_graph, "u_dan", "c_2", "c_3"))
    assert _told(sync_graph) == {("u_alice", "REPLY", "u_dan", "c_3")}


def test_likes_shares_and_follows_are_told(sync_graph: Graph) -> None:
    add_edge(sync_graph, "u_dan", "LIKED", BOBS_COMMENT)
    add_edge(sync_graph, "u_dan", "SHARED", POST)
    add_edge(sync_graph, "u_dan", "FOLLOWS", "u_carol")
    events = [
        _like(sync_graph, "u_dan"),
        emit(sync_graph, EventKind.COMMENT_LIKED, "u_dan", BOBS_COMMENT, POST),
        emit(sync_graph, EventKind.POST_SHARED, "u_dan", POST, POST),
        emit(sync_graph, EventKind.USER_FOLLOWED, "u_dan", "u_carol"),
    ]

    assert all(_notify(sync_graph, event) for event in events)
    assert _told(sync_graph) == {
        ("u_alice", "LIKE", "u_dan", POST),
        ("u_bob", "LIKE", "u_dan", BOBS_COMMENT),
        ("u_alice", "SHARE", "u_dan", POST),
        ("u_carol", "FOLLOW", "u_dan", None),
    }


def test_nobody_is_told_of_what_they_did_themselves(sync_graph: Graph) -> None:
    add_edge(sync_graph, "u_alice", "SHARED", POST)
    add_edge(sync_graph, "u_bob", "LIKED", BOBS_COMMENT)
    own = [
        _comment(sync_graph, "u_alice", POST, "c_2"),
        _comment(sync_graph, "u_alice", "c_2", "c_3"),
        _like(sync_graph, "u_alice"),
        emit(sync_graph, EventKind.POST_SHARED, "u_alice", POST, POST),
        emit(sync_graph, EventKind.COMMENT_LIKED, "u_bob", BOBS_COMMENT, POST),
    ]

    assert all(_notify(sync_graph, event) for event in own)
    assert _told(sync_graph) == set()


def test_a_reply_to_oneself_below_a_post_of_another_is_told_to_that_other(
    sync_graph: Graph,
) -> None:
    assert _notify(sync_graph, _comment(sync_graph, "u_bob", BOBS_COMMENT))
    assert _told(sync_graph) == {("u_alice", "COMMENT", "u_bob", "c_2")}


@pytest.mark.parametrize(
    "undo",
    [
        "MATCH (:User)-[r:LIKED]->(:Post) DELETE r",
        "MATCH (p:Post) SET p.deleted_at = 5",
    ],
)
def test_what_was_undone_by_then_is_not_told(sync_graph: Graph, undo: str) -> None:
    event = _like(sync_graph, "u_dan")
    run(sync_graph, undo)

    assert _notify(sync_graph, event)
    assert _told(sync_graph) == set()


def test_liked_taken_back_and_liked_again_is_told_once(sync_graph: Graph) -> None:
    first = _like(sync_graph, "u_dan")
    run(sync_graph, "MATCH (:User)-[liked:LIKED]->(:Post) SET liked.at = 5")
    again = Event("e_liked_again", EventKind.POST_LIKED, 5, "u_dan", POST, POST)
    run(sync_graph, "CREATE (e:Event) SET e = $event", event=again.properties())

    assert all(_notify(sync_graph, event) for event in (first, again))
    assert _told(sync_graph) == {("u_alice", "LIKE", "u_dan", POST)}


@_DEEDS
def test_an_edge_is_sought_by_its_pair_however_busy_its_ends_are(
    sync_graph: Graph, kind: EventKind, edge: str, subject_id: str
) -> None:
    """A pattern from the busy actor to the busy subject read an edge for each of their deeds."""
    for end_id in ("u_dan", subject_id):
        run(
            sync_graph,
            """\
MATCH (busy:User|Post|Comment {id: $id}) UNWIND range(1, 200) AS n
CREATE (busy)-[:LIKED]->(:Post), (busy)-[:SHARED]->(:Post), (busy)-[:FOLLOWS]->(:User)
CREATE (busy)<-[:LIKED]-(:User), (busy)<-[:SHARED]-(:User), (busy)<-[:FOLLOWS]-(:User)""",
            id=end_id,
        )
    add_edge(sync_graph, "u_dan", edge, subject_id)
    event = emit(sync_graph, kind, "u_dan", subject_id)

    text = "PROFILE MATCH (event:Event {id: $id})\n" + _CONCERNED[kind] + "RETURN concerned"
    with sync_graph.driver.session() as session:
        plan = session.run(text, id=event.id).consume().profile

    assert plan is not None
    assert _db_hits(plan) < 50


@_DEEDS
def test_a_deed_undone_and_done_again_is_told_once(
    sync_graph: Graph, kind: EventKind, edge: str, subject_id: str
) -> None:
    for _ in range(3):
        add_edge(sync_graph, "u_dan", edge, subject_id)
        assert _notify(sync_graph, emit(sync_graph, kind, "u_dan", subject_id))
        run(sync_graph, "MATCH ()-[r:LIKED|SHARED|FOLLOWS]->() DELETE r")

    assert len(_told(sync_graph)) == 1
    (told,) = run(sync_graph, "MATCH (e:Event {kind: 'NotificationCreated'}) RETURN count(e) AS n")
    assert told == {"n": 1}


def test_what_different_people_do_and_one_does_to_different_things_is_told_each(
    sync_graph: Graph,
) -> None:
    add_edge(sync_graph, "u_dan", "SHARED", POST)
    first = _comment(sync_graph, "u_dan", POST, "c_2")
    second = _comment(sync_graph, "u_dan", POST, "c_3")
    shared = emit(sync_graph, EventKind.POST_SHARED, "u_dan", POST, POST)
    liked = [_like(sync_graph, "u_dan"), _like(sync_graph, "u_carol")]

    assert all(_notify(sync_graph, event) for event in (first, second, shared, *liked))
    assert _told(sync_graph) == {
        ("u_alice", "COMMENT", "u_dan", "c_2"),
        ("u_alice", "COMMENT", "u_dan", "c_3"),
        ("u_alice", "SHARE", "u_dan", POST),
        ("u_alice", "LIKE", "u_dan", POST),
        ("u_alice", "LIKE", "u_carol", POST),
    }


def test_the_same_deed_told_by_many_events_at_once_is_told_once(sync_graph: Graph) -> None:
    add_edge(sync_graph, "u_dan", "LIKED", POST)
    events = [emit(sync_graph, EventKind.POST_LIKED, "u_dan", POST, POST) for _ in range(8)]
    sync_graph.run(number_pending(100, now=10, due_at=20))

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda event: sync_graph.run(notify(event.id, 30)), events))

    assert all(done)
    assert _told(sync_graph) == {("u_alice", "LIKE", "u_dan", POST)}


def test_a_deleted_comment_is_not_told_and_its_author_is_told_of_no_replies(
    sync_graph: Graph,
) -> None:
    reply, gone = (
        _comment(sync_graph, "u_carol", BOBS_COMMENT, "c_2"),
        _comment(sync_graph, "u_dan", POST, "c_3"),
    )
    run(sync_graph, "MATCH (c:Comment) WHERE c.id IN ['c_1', 'c_3'] SET c.deleted_at = 5")

    assert all(_notify(sync_graph, event) for event in (reply, gone))
    assert _told(sync_graph) == {("u_alice", "COMMENT", "u_carol", "c_2")}


@pytest.mark.parametrize("follows", [True, False])
def test_who_may_not_see_the_post_any_more_is_told_nothing_of_it(
    sync_graph: Graph, follows: bool
) -> None:
    run(sync_graph, "MATCH (p:Post) SET p.visibility = 'FOLLOWERS'")
    if follows:
        add_edge(sync_graph, "u_bob", "FOLLOWS", "u_alice")
    add_edge(sync_graph, "u_dan", "LIKED", BOBS_COMMENT)
    reply = _comment(sync_graph, "u_carol", BOBS_COMMENT)
    liked = emit(sync_graph, EventKind.COMMENT_LIKED, "u_dan", BOBS_COMMENT, POST)

    assert all(_notify(sync_graph, event) for event in (reply, liked))
    to_bob = {("u_bob", "REPLY", "u_carol", "c_2"), ("u_bob", "LIKE", "u_dan", BOBS_COMMENT)}
    to_its_author = {("u_alice", "COMMENT", "u_carol", "c_2")}
    assert _told(sync_graph) == to_its_author | (to_bob if follows else set())


def test_done_twice_tells_once(sync_graph: Graph) -> None:
    event = _comment(sync_graph, "u_carol", BOBS_COMMENT)

    assert [_notify(sync_graph, event) for _ in range(2)] == [True, False]
    assert len(_told(sync_graph)) == 2


def test_done_by_many_at_once_tells_once(sync_graph: Graph) -> None:
    event = _comment(sync_graph, "u_carol", BOBS_COMMENT)
    sync_graph.run(number_pending(100, now=10, due_at=20))

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: sync_graph.run(notify(event.id, 30)), range(16)))

    assert sorted(done) == [False] * 15 + [True]
    assert len(_told(sync_graph)) == 2


def test_a_job_opened_anew_for_the_same_event_tells_nothing_twice(sync_graph: Graph) -> None:
    event = _like(sync_graph, "u_dan")
    _notify(sync_graph, event)
    run(sync_graph, "MATCH (j:Job) SET j.due_at = 1 REMOVE j.done_at")

    assert _notify(sync_graph, event)
    assert len(_told(sync_graph)) == 1


def test_each_notification_is_an_event_in_its_recipients_channel(sync_graph: Graph) -> None:
    _notify(sync_graph, _comment(sync_graph, "u_carol", BOBS_COMMENT))

    numbered = sync_graph.run(number_pending(100, now=40, due_at=50))

    assert {each.channels for each in numbered} == {
        ("user:u_alice:notifications",),
        ("user:u_bob:notifications",),
    }
    ids = run(sync_graph, "MATCH (n:Notification) RETURN n.id AS id")
    subjects = run(
        sync_graph,
        "MATCH (e:Event {kind: 'NotificationCreated'}) RETURN e.subject_id AS id",
    )
    assert sorted(map(str, ids)) == sorted(map(str, subjects))


def test_an_event_that_is_gone_has_no_job_to_do(sync_graph: Graph) -> None:
    assert not sync_graph.run(notify("e_gone", 30))
