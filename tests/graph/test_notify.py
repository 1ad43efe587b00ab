"""The right people are told, once, and never of what they did themselves."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from graph.comments import update_comment
from graph.events import REQUEST_ID, Event, EventKind, jobs_of
from graph.ids import key
from graph.notify import _EFFECTS, NOTIFY, notify
from graph.outbox import number_pending
from graph.posts import update_post
from graph.runner import Graph
from graph.viewer import Viewer
from tests.graph.world import BOBS_COMMENT, POST, add_comment, add_edge, emit, run, seed


@pytest.fixture(autouse=True)
def _world(clean: None, sync_graph: Graph) -> None:  # noqa: ARG001
    seed(sync_graph)


def _notify(graph: Graph, event: Event) -> bool:
    while graph.run(number_pending(100, now=10, due_at=20)):
        pass
    return graph.run(notify(event.id, now=30))


def _told(graph: Graph) -> set[tuple[object, ...]]:
    """Give (recipient, kind, actor, subject) of whatever notifications now tell."""
    rows = run(
        graph,
        """\
MATCH (n:Notification)<-[:CAUSES]-(c:Cause)
WHERE c.k > '' AND n.k > '' AND n.unseen_k = n.k AND n.unread_k = n.k
  AND c.notification_id = n.id AND c.recipient_id = n.recipient_id
RETURN n.recipient_id AS recipient, n.kind AS kind, c.actor_id AS actor, n.subject_id AS subject""",
    )
    return {tuple(row.values()) for row in rows}


def _count(graph: Graph, label: str) -> object:
    return run(graph, f"MATCH (n:{label}) RETURN count(n) AS n")[0]["n"]


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


_UNDONE = {
    EventKind.POST_LIKED: EventKind.POST_UNLIKED,
    EventKind.COMMENT_LIKED: EventKind.COMMENT_UNLIKED,
    EventKind.POST_SHARED: EventKind.POST_UNSHARED,
    EventKind.USER_FOLLOWED: EventKind.USER_UNFOLLOWED,
}


def _db_hits(plan: dict[str, Any]) -> int:
    return int(plan.get("dbHits", 0)) + sum(_db_hits(each) for each in plan.get("children", []))


def test_every_kind_that_asks_for_notifications_names_who_is_concerned() -> None:
    asking = {kind for kind in EventKind if NOTIFY in jobs_of(Event("e_1", kind, 1, "u", "p"))}
    assert asking == {*_EFFECTS, EventKind.USER_BLOCKED}


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


def test_what_is_told_of_a_deed_carries_its_request_on(sync_graph: Graph) -> None:
    run(
        sync_graph,
        """\
CREATE (:Webhook {id: 'w_1', k: '1', user_id: 'u_alice', url: 'https://a.example',
                  kinds: ['LIKE'], secret: 's', created_at: 1})""",
    )
    token = REQUEST_ID.set("r-1")
    event = _like(sync_graph, "u_dan")
    REQUEST_ID.reset(token)

    assert _notify(sync_graph, event)

    rows = run(sync_graph, "MATCH (e:Event) RETURN e.kind AS kind, e.request_id AS request_id")
    assert {str(row["kind"]): row["request_id"] for row in rows} == dict.fromkeys(
        ("PostLiked", "NotificationCreated", "WebhookDue"), "r-1"
    )


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
    assert _count(sync_graph, "Notification") == 1


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

    text = "PROFILE MATCH (event:Event {id: $id})\n" + _EFFECTS[kind]
    with sync_graph.driver.session() as session:
        plan = session.run(text, id=event.id, now=1, instant=key(1, "")).consume().profile

    assert plan is not None
    assert _db_hits(plan) < 300


@_DEEDS
def test_a_deed_undone_and_done_again_is_told_once(
    sync_graph: Graph, kind: EventKind, edge: str, subject_id: str
) -> None:
    for _ in range(3):
        add_edge(sync_graph, "u_dan", edge, subject_id)
        assert _notify(sync_graph, emit(sync_graph, kind, "u_dan", subject_id))
        assert len(_told(sync_graph)) == 1
        run(sync_graph, "MATCH ()-[r:LIKED|SHARED|FOLLOWS]->() DELETE r")
        assert _notify(sync_graph, emit(sync_graph, _UNDONE[kind], "u_dan", subject_id))
        assert _told(sync_graph) == set()

    assert _count(sync_graph, "Notification") == 1
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
    assert _count(sync_graph, "Notification") == 4


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


def _rows(graph: Graph) -> list[dict[str, Any]]:
    return run(
        graph,
        """\
MATCH (n:Notification)
RETURN n.kind AS kind, COUNT { (n)<-[:CAUSES]-() } AS actors, n.updated_at AS updated_at,
       n.k IS NOT NULL AS stands ORDER BY n.id""",
    )


def _see(graph: Graph) -> None:
    run(graph, "MATCH (n:Notification) SET n.seen_at = 1 REMOVE n.unseen_k, n.open_key")


def _run(graph: Graph, event: Event, now: int) -> None:
    while graph.run(number_pending(100, now=10, due_at=20)):
        pass
    assert graph.run(notify(event.id, now))


@_DEEDS
def test_what_many_do_to_one_thing_is_one_notification_until_it_is_seen(
    sync_graph: Graph, kind: EventKind, edge: str, subject_id: str
) -> None:
    actors = [who for who in ("u_alice", "u_bob", "u_carol", "u_dan") if who != _author(subject_id)]
    for now, actor in enumerate(actors[:2], 100):
        add_edge(sync_graph, actor, edge, subject_id)
        _run(sync_graph, emit(sync_graph, kind, actor, subject_id), now)
    assert [(row["actors"], row["updated_at"]) for row in _rows(sync_graph)] == [(2, 101)]

    _see(sync_graph)
    add_edge(sync_graph, actors[2], edge, subject_id)
    _run(sync_graph, emit(sync_graph, kind, actors[2], subject_id), 102)

    assert [(row["actors"], row["updated_at"]) for row in _rows(sync_graph)] == [(2, 101), (1, 102)]


def _author(subject_id: str) -> str:
    return {POST: "u_alice", BOBS_COMMENT: "u_bob"}.get(subject_id, subject_id)


def test_who_takes_a_like_back_leaves_and_the_last_takes_the_notification_along(
    sync_graph: Graph,
) -> None:
    for now, actor in enumerate(("u_bob", "u_carol"), 100):
        _run(sync_graph, _like(sync_graph, actor), now)

    for actor, left in (("u_carol", (1, 100, True)), ("u_bob", (0, 100, False))):
        run(sync_graph, "MATCH (:User {id: $id})-[l:LIKED]->() DELETE l", id=actor)
        _run(sync_graph, emit(sync_graph, EventKind.POST_UNLIKED, actor, POST, POST), 200)
        assert [tuple(row.values())[1:] for row in _rows(sync_graph)] == [left]


def test_whoever_joins_an_empty_group_finds_it_new(sync_graph: Graph) -> None:
    _run(sync_graph, _like(sync_graph, "u_bob"), 100)
    run(sync_graph, "MATCH ()-[l:LIKED]->() DELETE l")
    _run(sync_graph, emit(sync_graph, EventKind.POST_UNLIKED, "u_bob", POST, POST), 101)
    _run(sync_graph, _like(sync_graph, "u_carol"), 300)

    (row,) = run(sync_graph, "MATCH (n:Notification) RETURN n.created_at AS c, n.updated_at AS u")
    assert row == {"c": 300, "u": 300}


def test_an_undoing_that_comes_before_its_deed_wins(sync_graph: Graph) -> None:
    liked = _like(sync_graph, "u_dan")
    run(sync_graph, "MATCH ()-[l:LIKED]->() DELETE l")
    _run(sync_graph, emit(sync_graph, EventKind.POST_UNLIKED, "u_dan", POST, POST), 30)
    _run(sync_graph, liked, 31)

    assert _told(sync_graph) == set()


def test_liked_again_after_it_was_seen_comes_back_as_seen(sync_graph: Graph) -> None:
    _run(sync_graph, _like(sync_graph, "u_dan"), 100)
    _see(sync_graph)
    run(sync_graph, "MATCH ()-[l:LIKED]->() DELETE l")
    _run(sync_graph, emit(sync_graph, EventKind.POST_UNLIKED, "u_dan", POST, POST), 101)
    _run(sync_graph, _like(sync_graph, "u_dan"), 102)

    (row,) = run(
        sync_graph,
        "MATCH (n:Notification) RETURN n.unseen_k AS unseen, n.updated_at AS at, n.k <> '' AS k",
    )
    assert row == {"unseen": None, "at": 100, "k": True}


def test_what_is_not_wanted_by_then_does_not_come_back(sync_graph: Graph) -> None:
    _run(sync_graph, _like(sync_graph, "u_dan"), 100)
    run(sync_graph, "MATCH ()-[l:LIKED]->() DELETE l")
    _run(sync_graph, emit(sync_graph, EventKind.POST_UNLIKED, "u_dan", POST, POST), 101)
    run(sync_graph, "MATCH (u:User {id: 'u_alice'}) SET u.unwanted_kinds = ['LIKE']")
    _run(sync_graph, _like(sync_graph, "u_dan"), 102)

    assert _told(sync_graph) == set()


def test_a_block_takes_back_what_either_told_the_other(sync_graph: Graph) -> None:
    add_edge(sync_graph, "u_alice", "LIKED", BOBS_COMMENT)
    events = [
        _like(sync_graph, "u_bob"),
        _like(sync_graph, "u_carol"),
        emit(sync_graph, EventKind.COMMENT_LIKED, "u_alice", BOBS_COMMENT, POST),
        emit(sync_graph, EventKind.COMMENT_CREATED, "u_bob", BOBS_COMMENT, POST),
    ]
    assert all(_notify(sync_graph, event) for event in events)
    assert len(_told(sync_graph)) == 4
    blocked = emit(sync_graph, EventKind.USER_BLOCKED, "u_bob", "u_alice")

    run(sync_graph, _BLOCK, by="u_bob", of="u_alice")
    assert _notify(sync_graph, blocked)
    assert _told(sync_graph) == {("u_alice", "LIKE", "u_carol", POST)}


def test_a_block_that_was_lifted_by_then_takes_nothing_back(sync_graph: Graph) -> None:
    assert _notify(sync_graph, _like(sync_graph, "u_bob"))
    assert _notify(sync_graph, emit(sync_graph, EventKind.USER_BLOCKED, "u_bob", "u_alice"))
    assert _told(sync_graph) == {("u_alice", "LIKE", "u_bob", POST)}


_BLOCK = """\
MATCH (a:User {id: $by}), (b:User {id: $of})
CREATE (a)-[:BLOCKS {blocker_id: a.id, blocked_id: b.id, at: 5, k: '5'}]->(b)"""


@pytest.mark.parametrize("subject", ["post", "comment"])
def test_what_is_about_something_deleted_goes(sync_graph: Graph, subject: str) -> None:
    add_edge(sync_graph, "u_dan", "LIKED", BOBS_COMMENT)
    told = [
        _like(sync_graph, "u_dan"),
        emit(sync_graph, EventKind.COMMENT_LIKED, "u_dan", BOBS_COMMENT, POST),
        emit(sync_graph, EventKind.COMMENT_CREATED, "u_bob", BOBS_COMMENT, POST),
    ]
    assert all(_notify(sync_graph, event) for event in told)
    gone, kind = (
        (POST, EventKind.POST_DELETED)
        if subject == "post"
        else (BOBS_COMMENT, EventKind.COMMENT_DELETED)
    )

    assert _notify(sync_graph, emit(sync_graph, kind, "u_alice", gone, POST))
    left = {POST, BOBS_COMMENT} - {gone}
    assert {about for *_, about in _told(sync_graph)} == left
    for event in (
        emit(sync_graph, EventKind.POST_UNLIKED, "u_dan", POST, POST),
        emit(sync_graph, EventKind.COMMENT_LIKED, "u_dan", BOBS_COMMENT, POST),
    ):
        assert _notify(sync_graph, event)
    assert {about for *_, about in _told(sync_graph)} == left


_NAME = """\
MATCH (said:Post|Comment {id: $id}) UNWIND $names AS name MATCH (person:User {id: name})
CREATE (said)-[:MENTIONS {position: 0}]->(person)"""
_ADD_POST = """\
MATCH (author:User {id: $by}) MATCH (quoted:Post {id: $quoted})
CREATE (author)-[:POSTED]->(post:Post {id: 'p_2', k: '2', author_id: author.id, text: 'so',
  visibility: $visibility, created_at: 3})-[:QUOTES]->(quoted)"""


def _post(graph: Graph, *names: str, visibility: str = "PUBLIC") -> Event:
    """Let bob quote alice's post, and name people."""
    run(graph, _ADD_POST, by="u_bob", quoted=POST, visibility=visibility)
    run(graph, _NAME, id="p_2", names=names)
    return emit(graph, EventKind.POST_CREATED, "u_bob", "p_2", "p_2")


def test_a_quote_is_told_to_whom_it_quotes_and_a_mention_to_whom_it_names(
    sync_graph: Graph,
) -> None:
    assert _notify(sync_graph, _post(sync_graph, "u_alice", "u_bob", "u_carol"))
    assert _told(sync_graph) == {
        ("u_alice", "QUOTE", "u_bob", "p_2"),
        ("u_carol", "MENTION", "u_bob", "p_2"),
    }


def test_of_several_reasons_the_first_that_is_wanted_counts(sync_graph: Graph) -> None:
    run(sync_graph, "MATCH (u:User {id: 'u_bob'}) SET u.unwanted_kinds = ['REPLY']")
    event = _comment(sync_graph, "u_dan", BOBS_COMMENT)
    run(sync_graph, _NAME, id="c_2", names=["u_alice", "u_bob", "u_carol"])

    assert _notify(sync_graph, event)
    assert _told(sync_graph) == {
        ("u_alice", "MENTION", "u_dan", "c_2"),
        ("u_bob", "MENTION", "u_dan", "c_2"),
        ("u_carol", "MENTION", "u_dan", "c_2"),
    }


def _edit(graph: Graph, subject_id: str, *names: str) -> Event:
    """Let bob edit what he wrote, so that it names people; give the event."""
    text = " ".join([f"at {run(graph, 'RETURN randomUUID() AS id')[0]['id']}", *names])
    command = update_post if subject_id.startswith("p_") else update_comment
    graph.run(command(Viewer("u_bob", "s_bob"), subject_id, text))
    (row,) = run(
        graph,
        """\
MATCH (e:Event) WHERE e.kind IN ['PostEdited', 'CommentEdited']
RETURN e.id AS id, e.kind AS kind ORDER BY e.id DESC LIMIT 1""",
    )
    return Event(str(row["id"]), EventKind(row["kind"]), 0, "u_bob", subject_id)


def test_whom_an_edit_names_is_told_once_and_no_more_when_another_does_not(
    sync_graph: Graph,
) -> None:
    quote, carol = ("u_alice", "QUOTE", "u_bob", "p_2"), ("u_carol", "MENTION", "u_bob", "p_2")
    assert _notify(sync_graph, _post(sync_graph, "u_dan"))
    dan = ("u_dan", "MENTION", "u_bob", "p_2")
    for names, told in (
        (["@dan", "@carol"], {quote, dan, carol}),
        (["@carol"], {quote, carol}),
        (["@carol", "@bob"], {quote, carol}),
        ([], {quote}),
        (["@carol"], {quote, carol}),
    ):
        assert _notify(sync_graph, _edit(sync_graph, "p_2", *names))
        assert _told(sync_graph) == told, names
    assert _count(sync_graph, "Notification") == 3

    _see(sync_graph)
    for names in ([], ["@carol"]):
        assert _notify(sync_graph, _edit(sync_graph, "p_2", *names))
    seen = "MATCH (n:Notification {recipient_id: 'u_carol'}) RETURN n.k <> '' AS k, n.unseen_k AS u"
    assert run(sync_graph, seen) == [{"k": True, "u": None}]


def test_edits_whose_jobs_come_late_tell_what_is_named_by_then(sync_graph: Graph) -> None:
    created = _post(sync_graph, "u_dan")
    edits = [_edit(sync_graph, "p_2", *names) for names in (["@carol"], [], ["@carol", "@dan"], [])]
    for event in (edits[2], created, edits[0], edits[3], edits[1]):
        assert _notify(sync_graph, event)
    assert _told(sync_graph) == {("u_alice", "QUOTE", "u_bob", "p_2")}


def test_an_edit_tells_nobody_of_what_they_were_not_told_before(sync_graph: Graph) -> None:
    """Dan wanted no mentions when he was named, alice no quotes when she was quoted."""
    run(sync_graph, "MATCH (u:User {id: 'u_dan'}) SET u.unwanted_kinds = ['MENTION']")
    run(sync_graph, "MATCH (u:User {id: 'u_alice'}) SET u.unwanted_kinds = ['QUOTE']")
    assert _notify(sync_graph, _post(sync_graph, "u_dan"))
    run(sync_graph, "MATCH (u:User) REMOVE u.unwanted_kinds")
    assert _notify(sync_graph, _edit(sync_graph, "p_2", "@dan"))
    assert _told(sync_graph) == set()
    run(sync_graph, _BLOCK, by="u_carol", of="u_bob")
    assert _notify(sync_graph, _edit(sync_graph, "p_2", "@alice", "@carol"))
    assert _told(sync_graph) == {("u_alice", "QUOTE", "u_bob", "p_2")}


def test_who_is_concerned_otherwise_is_told_that_when_an_edit_names_them_no_more(
    sync_graph: Graph,
) -> None:
    comment = _comment(sync_graph, "u_bob", POST)
    run(sync_graph, _NAME, id="c_2", names=["u_alice"])
    assert _notify(sync_graph, comment)
    assert _told(sync_graph) == {("u_alice", "MENTION", "u_bob", "c_2")}

    assert _notify(sync_graph, _edit(sync_graph, "c_2"))

    assert _told(sync_graph) == {("u_alice", "COMMENT", "u_bob", "c_2")}


def test_a_mention_gives_no_right_to_see(sync_graph: Graph) -> None:
    add_edge(sync_graph, "u_carol", "FOLLOWS", "u_bob")
    named = ("u_alice", "u_carol", "u_dan")
    assert _notify(sync_graph, _post(sync_graph, *named, visibility="FOLLOWERS"))
    assert _told(sync_graph) == {("u_carol", "MENTION", "u_bob", "p_2")}


@pytest.mark.parametrize(
    "hide",
    [
        (
            "MATCH (a:User {id: 'u_alice'}), (b:User {id: 'u_bob'}) "
            "CREATE (a)-[:MUTES {muter_id: a.id, muted_id: b.id}]->(b)"
        ),
        (
            "MATCH (a:User {id: 'u_alice'}), (b:User {id: 'u_bob'}) "
            "CREATE (a)-[:BLOCKS {blocker_id: a.id, blocked_id: b.id}]->(b)"
        ),
        (
            "MATCH (a:User {id: 'u_alice'}), (b:User {id: 'u_bob'}) "
            "CREATE (b)-[:BLOCKS {blocker_id: b.id, blocked_id: a.id}]->(a)"
        ),
        "MATCH (b:User {id: 'u_bob'}) SET b.suspended_at = 5",
        (
            "MATCH (a:User {id: 'u_alice'}), (p:Post {id: 'p_1'}) "
            "CREATE (a)-[:MUTES_CONVERSATION {user_id: a.id, post_id: p.id}]->(p)"
        ),
        (
            "MATCH (a:User {id: 'u_alice'}) SET a.unwanted_kinds = "
            "['LIKE', 'SHARE', 'COMMENT', 'REPLY', 'MENTION', 'QUOTE', 'FOLLOW']"
        ),
    ],
    ids=["mutes", "blocks", "is blocked", "suspended", "conversation", "preferences"],
)
def test_nothing_is_told_across_a_block_or_mute_or_where_it_is_not_wanted(
    sync_graph: Graph, hide: str, request: pytest.FixtureRequest
) -> None:
    run(sync_graph, hide)
    add_edge(sync_graph, "u_bob", "FOLLOWS", "u_alice")
    add_edge(sync_graph, "u_bob", "SHARED", POST)
    events = [
        _like(sync_graph, "u_bob"),
        _comment(sync_graph, "u_bob", POST),
        emit(sync_graph, EventKind.POST_SHARED, "u_bob", POST, POST),
        emit(sync_graph, EventKind.USER_FOLLOWED, "u_bob", "u_alice"),
        _post(sync_graph, "u_alice"),
    ]

    assert all(_notify(sync_graph, event) for event in events)
    is_of_conversation = "conversation" in request.node.name
    follow = {("u_alice", "FOLLOW", "u_bob", None)}
    assert _told(sync_graph) == (follow if is_of_conversation else set())


def test_likes_by_many_at_once_are_one_notification(sync_graph: Graph) -> None:
    names = [f"u_fan{n}" for n in range(8)]
    run(sync_graph, "UNWIND $ids AS id CREATE (:User {id: id, username: id})", ids=names)
    events = [_like(sync_graph, name) for name in names]
    sync_graph.run(number_pending(100, now=10, due_at=20))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda event: sync_graph.run(notify(event.id, 30)), events))

    assert [row["actors"] for row in _rows(sync_graph)] == [8]


def _announced(graph: Graph) -> int:
    events = "MATCH (e:Event {kind: 'NotificationCreated'}) RETURN count(e) AS n"
    return int(str(run(graph, events)[0]["n"]))


def test_who_joins_is_told_live_too_unless_an_earlier_event_still_waits(sync_graph: Graph) -> None:
    first, second, third = (_like(sync_graph, who) for who in ("u_bob", "u_carol", "u_dan"))
    sync_graph.run(number_pending(100, now=10, due_at=20))

    sync_graph.run(notify(first.id, 30))
    sync_graph.run(notify(second.id, 31))
    assert _announced(sync_graph) == 1
    sync_graph.run(number_pending(100, now=40, due_at=50))
    sync_graph.run(notify(third.id, 41))
    assert _announced(sync_graph) == 2
