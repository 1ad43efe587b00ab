"""A person reads their own notifications, and what they have not seen or read is counted."""

from typing import Any

import pytest

from graph.errors import InvalidInput, SessionEnded
from graph.events import EventKind
from graph.ids import now_ms
from graph.notifications import find_notification, mark_read, mark_seen, read_page
from graph.notify import notify
from graph.outbox import number_pending
from graph.pages import PageRequest, encode_cursor
from graph.projection import Row
from graph.runner import Graph
from graph.selection import Field, Selection
from graph.viewer import Viewer
from tests.graph.world import BOBS_COMMENT, POST, add_comment, add_edge, emit, run, seed

ALICE, BOB = (Viewer(f"u_{name}", f"s_{name}") for name in ("alice", "bob"))
_NODE = Selection((Field("id", "id"),))
_WHOLE = Selection(
    (
        Field("id", "id"),
        Field(
            "actors",
            "actors",
            children={
                "UserSample": Selection((Field("users", "users", children={"User": _NODE}),))
            },
        ),
        Field("subject", "subject", children={"Post": _NODE, "Comment": _NODE}),
    )
)


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
    return graph.run(read_page(viewer, page, _WHOLE, **options))


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
    assert node["actors"]["total_count"] == 1
    assert [user["id"] for user in node["actors"]["users"]] == ["u_carol"]
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
        "MATCH (p:Post) SET p.visibility = 'FOLLOWERS', p.author_id = 'u_dan'",
    ],
)
def test_who_wrote_a_comment_that_is_hidden_by_now_is_not_said(
    sync_graph: Graph, hide: str
) -> None:
    _comments(sync_graph, 1)
    run(sync_graph, hide)

    (edge,) = _page(sync_graph, PageRequest())["edges"]

    assert edge["node"]["kind"] == "COMMENT"
    assert edge["node"]["actors"] == {"total_count": 0, "users": []}


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
    run(
        sync_graph,
        """\
MATCH (alice:User {id: 'u_alice'})
UNWIND range(1, 2100) AS n WITH alice, n, 'k' + n AS k
CREATE (x:Notification {id: k, deed_key: k, k: k, unread_k: k, recipient_id: alice.id,
                        kind: 'LIKE', actor_id: 'u_bob', created_at: n, updated_at: n})
CREATE (x)-[:UNSEEN_BY]->(alice) CREATE (x)-[:UNREAD_BY]->(alice)""",
    )
    cursor = encode_cursor("notifications", ["~"])

    assert sync_graph.run(mark_seen(ALICE, cursor)) == {"unread_count": 2100, "unseen_count": 0}
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
        sync_graph.run(read_page(gone, PageRequest(), _WHOLE))
    with pytest.raises(SessionEnded):
        sync_graph.run(mark_seen(gone, encode_cursor("notifications", ["~"])))
