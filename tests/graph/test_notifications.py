"""A person reads their own notifications, and what they have not seen or read is counted."""

from typing import Any

import pytest

from graph.errors import InvalidInput, SessionEnded
from graph.events import EventKind
from graph.ids import now_ms
from graph.notifications import (
    MOST_COUNTED,
    find_notification,
    mark_read,
    mark_seen,
    read_page,
)
from graph.notify import notify
from graph.outbox import number_pending
from graph.pages import PageRequest, encode_cursor
from graph.projection import Row
from graph.runner import Graph
from graph.selection import Field
from graph.viewer import Viewer
from tests.graph.people import page_of_root, pick, sample
from tests.graph.world import (
    BOBS_COMMENT,
    POST,
    add_comment,
    add_edge,
    add_news,
    emit,
    run,
    seed,
)

ALICE, BOB = (Viewer(f"u_{name}", f"s_{name}") for name in ("alice", "bob"))
_WHOLE = pick(
    "id",
    sample("actors"),
    Field("subject", "subject", children={"Post": pick("id"), "Comment": pick("id")}),
)
_PAGE = pick(*page_of_root("Notification", *_WHOLE.fields).fields, "unread_count", "unseen_count")


@pytest.fixture(autouse=True)
def _world(clean: None, sync_graph: Graph) -> None:  # noqa: ARG001
    seed(sync_graph)


def _comments(graph: Graph, count: int) -> None:
    """Let carol comment on alice's post, each at an instant of its own or not."""
    for n in range(count):
        add_comment(graph, f"c_x{n}", "u_carol", POST)
        event = emit(graph, EventKind.COMMENT_CREATED, "u_carol", f"c_x{n}", POST)
        graph.run(number_pending(10, now=10, due_at=20))
        graph.run(notify(event.id, now=100 + n // 3))


def _page(graph: Graph, page: PageRequest, viewer: Viewer = ALICE, **options: Any) -> Row:
    return graph.run(read_page(viewer, page, _PAGE, **options))


def _subjects(page: Row) -> list[str]:
    return [edge["node"]["subject"]["id"] for edge in page["edges"]]


def _all_pages(graph: Graph, first: int, **options: Any) -> list[str]:
    subjects: list[str] = []
    after = None
    while True:
        page = _page(graph, PageRequest(first, after), **options)
        subjects += _subjects(page)
        if not page["page_info"]["has_next_page"]:
            return subjects
        after = page["page_info"]["end_cursor"]


def test_a_notification_tells_who_did_what(sync_graph: Graph) -> None:
    _comments(sync_graph, 1)

    page = _page(sync_graph, PageRequest())

    (edge,) = page["edges"]
    node = edge["node"]
    assert (node["kind"], node["seen"], node["read"]) == ("COMMENT", False, False)
    assert node["@actors"]["total_count"] == 1
    assert [user["id"] for user in node["@actors"]["users"]] == ["u_carol"]
    assert node["subject"]["id"] == "c_x0"
    assert (node["created_at"], node["updated_at"]) == (100, 100)


def test_a_follow_is_about_nothing_but_who_did_it(sync_graph: Graph) -> None:
    add_edge(sync_graph, "u_carol", "FOLLOWS", "u_alice")
    event = emit(sync_graph, EventKind.USER_FOLLOWED, "u_carol", "u_alice")
    sync_graph.run(number_pending(10, now=10, due_at=20))
    sync_graph.run(notify(event.id, now=100))

    (edge,) = _page(sync_graph, PageRequest())["edges"]

    assert (edge["node"]["kind"], edge["node"]["subject"]) == ("FOLLOW", None)


@pytest.mark.parametrize(
    "hide",
    [
        "MATCH (c:Comment {id: 'c_x0'}) SET c.deleted_at = 5",
        "MATCH (c:Comment {id: 'c_x0'}) SET c.removed_at = 5",
        "MATCH (p:Post) SET p.deleted_at = 5",
        "MATCH (p:Post) SET p.visibility = 'FOLLOWERS', p.author_id = 'u_dan'",
        "MATCH (u:User {id: 'u_carol'}) SET u.suspended_at = 5",
        (
            "MATCH (a:User {id: 'u_alice'}), (c:User {id: 'u_carol'}) "
            "CREATE (a)-[:MUTES {muter_id: a.id, muted_id: c.id}]->(c)"
        ),
        (
            "MATCH (a:User {id: 'u_alice'}), (c:User {id: 'u_carol'}) "
            "CREATE (a)-[:BLOCKS {blocker_id: a.id, blocked_id: c.id}]->(c)"
        ),
        (
            "MATCH (a:User {id: 'u_alice'}), (c:User {id: 'u_carol'}) "
            "CREATE (c)-[:BLOCKS {blocker_id: c.id, blocked_id: a.id}]->(a)"
        ),
    ],
)
def test_what_is_hidden_by_now_is_neither_listed_nor_counted(sync_graph: Graph, hide: str) -> None:
    _comments(sync_graph, 1)
    (edge,) = _page(sync_graph, PageRequest())["edges"]
    run(sync_graph, hide)

    for unread_only in (False, True):
        page = _page(sync_graph, PageRequest(), unread_only=unread_only)
        assert (page["edges"], page["unread_count"], page["unseen_count"]) == ([], 0, 0)
    assert sync_graph.run(find_notification(ALICE, edge["node"]["id"], _WHOLE)) is None
    counts = sync_graph.run(mark_seen(ALICE, encode_cursor("notifications", [""])))
    assert counts == {"unread_count": 0, "unseen_count": 0}


def _group(graph: Graph, count: int) -> None:
    """Let many like alice's post, each an instant after the one before."""
    run(
        graph,
        """\
CREATE (n:Notification {id: 'n_1', open_key: 'LIKE:p_1:u_alice', k: '9', unread_k: '9',
  unseen_k: '9', recipient_id: 'u_alice', kind: 'LIKE', subject_id: 'p_1', created_at: 4,
  updated_at: 4})
WITH n UNWIND range(1, $count) AS i
CREATE (u:User {id: 'u_' + i, username: 'u' + i, created_at: 1, display_name: '', role: 'USER'})
CREATE (:Cause {key: 'LIKE:u_' + i + ':p_1:u_alice', notification_id: 'n_1', actor_id: u.id,
                recipient_id: 'u_alice', k: toString(1000 + i)})-[:CAUSES]->(n)""",
        count=count,
    )


_HIDE_SOME = """MATCH (alice:User {id: 'u_alice'}) UNWIND range(1, 5) AS i
MATCH (a:User {id: 'u_' + i}) MATCH (b:User {id: 'u_' + (5 + i)})
MATCH (c:User {id: 'u_' + (10 + i)}) MATCH (d:User {id: 'u_' + (15 + i)})
CREATE (alice)-[:MUTES {muter_id: alice.id, muted_id: a.id}]->(a)
CREATE (alice)-[:BLOCKS {blocker_id: alice.id, blocked_id: a.id}]->(a)
CREATE (alice)-[:BLOCKS {blocker_id: alice.id, blocked_id: b.id}]->(b)
CREATE (c)-[:BLOCKS {blocker_id: c.id, blocked_id: alice.id}]->(alice)
SET d.suspended_at = 1, d.suspended_name = d.username"""


@pytest.mark.parametrize("count", [40, 400])
def test_a_group_shows_its_newest_and_counts_all_but_the_hidden(
    sync_graph: Graph, count: int
) -> None:
    _group(sync_graph, count)
    run(sync_graph, _HIDE_SOME)

    (edge,) = _page(sync_graph, PageRequest())["edges"]

    actors = edge["node"]["@actors"]
    assert actors["total_count"] == count - 20
    newest = [f"u_{n}" for n in range(count, count - 3, -1)]
    assert [user["id"] for user in actors["users"]] == newest


def test_marks_end_a_group_and_what_comes_then_begins_another(sync_graph: Graph) -> None:
    def like(who: str, now: int) -> None:
        add_edge(sync_graph, who, "LIKED", POST)
        event = emit(sync_graph, EventKind.POST_LIKED, who, POST, POST)
        sync_graph.run(number_pending(10, now=10, due_at=20))
        sync_graph.run(notify(event.id, now))

    like("u_bob", 100)
    cursor = _page(sync_graph, PageRequest())["edges"][0]["cursor"]
    like("u_carol", 101)
    counts = sync_graph.run(mark_seen(ALICE, cursor))
    assert counts == {"unread_count": 1, "unseen_count": 1}, "what moved on meanwhile was not seen"

    sync_graph.run(mark_seen(ALICE, _page(sync_graph, PageRequest())["edges"][0]["cursor"]))
    like("u_dan", 102)
    page = _page(sync_graph, PageRequest())
    assert (page["unread_count"], page["unseen_count"]) == (2, 1)
    totals = [edge["node"]["@actors"]["total_count"] for edge in page["edges"]]
    assert totals == [1, 2]


def test_pages_joined_are_the_whole_list_newest_first(sync_graph: Graph) -> None:
    _comments(sync_graph, 7)
    whole = _subjects(_page(sync_graph, PageRequest(100)))

    assert sorted(whole) == [f"c_x{n}" for n in range(7)]
    assert whole[0] == "c_x6"
    for unread_only in (False, True):
        assert _all_pages(sync_graph, 2, unread_only=unread_only) == whole


def test_everybody_reads_their_own_alone(sync_graph: Graph) -> None:
    add_comment(sync_graph, "c_2", "u_carol", BOBS_COMMENT)
    event = emit(sync_graph, EventKind.COMMENT_CREATED, "u_carol", "c_2", POST)
    sync_graph.run(number_pending(10, now=10, due_at=20))
    sync_graph.run(notify(event.id, now=now_ms()))

    (mine,), (his,) = (_page(sync_graph, PageRequest(), who)["edges"] for who in (ALICE, BOB))

    assert (mine["node"]["kind"], his["node"]["kind"]) == ("COMMENT", "REPLY")
    notification_id = his["node"]["id"]
    assert sync_graph.run(find_notification(ALICE, notification_id, _WHOLE)) is None
    found = sync_graph.run(find_notification(BOB, notification_id, _WHOLE))
    assert found is not None
    assert found["id"] == notification_id


def test_seen_and_read_up_to_a_cursor(sync_graph: Graph) -> None:
    _comments(sync_graph, 5)
    page = _page(sync_graph, PageRequest())
    assert (page["unread_count"], page["unseen_count"]) == (5, 5)

    counts = sync_graph.run(mark_seen(ALICE, page["edges"][1]["cursor"]))
    assert counts == {"unread_count": 5, "unseen_count": 1}
    counts = sync_graph.run(mark_read(ALICE, page["edges"][3]["cursor"]))
    assert counts == {"unread_count": 3, "unseen_count": 1}

    page = _page(sync_graph, PageRequest())
    states = [(edge["node"]["seen"], edge["node"]["read"]) for edge in page["edges"]]
    assert states == [(False, False), (True, False), (True, False), (True, True), (True, True)]
    unread = _page(sync_graph, PageRequest(), unread_only=True)
    assert _subjects(unread) == _subjects(page)[:3]
    assert (unread["unread_count"], unread["unseen_count"]) == (3, 1)


def test_what_is_read_was_seen(sync_graph: Graph) -> None:
    _comments(sync_graph, 2)
    newest = _page(sync_graph, PageRequest())["edges"][0]["cursor"]

    assert sync_graph.run(mark_read(ALICE, newest)) == {"unread_count": 0, "unseen_count": 0}


def test_marking_twice_is_marking_once(sync_graph: Graph) -> None:
    _comments(sync_graph, 2)
    newest = _page(sync_graph, PageRequest())["edges"][0]["cursor"]
    once = sync_graph.run(mark_read(ALICE, newest))
    before = run(sync_graph, "MATCH (n:Notification) RETURN properties(n) AS n ORDER BY n.k")

    assert sync_graph.run(mark_read(ALICE, newest)) == once
    assert sync_graph.run(mark_seen(ALICE, newest)) == once
    after = run(sync_graph, "MATCH (n:Notification) RETURN properties(n) AS n ORDER BY n.k")
    assert before == after


def test_more_than_one_transactions_worth_is_marked(sync_graph: Graph) -> None:
    add_news(
        sync_graph,
        [
            {"id": f"n_{n}", "k": f"k{n}", "to": "u_alice", "by": "u_bob", "kind": "LIKE"}
            | {"subject_id": POST}
            for n in range(2100)
        ],
    )
    cursor = encode_cursor("notifications", ["~"])

    counted = {"unread_count": MOST_COUNTED, "unseen_count": 0}
    assert sync_graph.run(mark_seen(ALICE, cursor)) == counted
    assert sync_graph.run(mark_read(ALICE, cursor)) == {"unread_count": 0, "unseen_count": 0}


@pytest.mark.parametrize(
    "cursor", ["", "§", "abc", encode_cursor("posts", ["k"]), encode_cursor("notifications", [5])]
)
def test_what_is_no_cursor_is_refused_by_its_name(cursor: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        mark_seen(ALICE, cursor)
    assert refused.value.path == ("upTo",)


def test_a_viewer_whose_session_ended_reads_and_marks_nothing(sync_graph: Graph) -> None:
    gone = Viewer("u_alice", "s_gone")
    with pytest.raises(SessionEnded):
        sync_graph.run(read_page(gone, PageRequest(), _PAGE))
    with pytest.raises(SessionEnded):
        sync_graph.run(mark_seen(gone, encode_cursor("notifications", ["~"])))
