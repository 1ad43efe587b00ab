"""Reports, and what moderators do, through GraphQL."""

import json
from typing import Any

import pytest

from graph.notify import notify
from graph.outbox import number_pending
from graph.runner import Graph
from graph.viewer import Role
from tests.app.client import Client
from tests.graph.world import run

REPORT = """
mutation ($id: ID!, $reason: ReportReason! = SPAM, $details: String, $key: String) {
  report(subjectId: $id, reason: $reason, details: $details, idempotencyKey: $key) {
    report { __typename id subjectId reason details status createdAt }
    userErrors { code path message }
  }
}
"""
RESOLVE = """
mutation ($id: ID!, $outcome: ReportOutcome! = ACTIONED, $note: String) {
  resolveReport(reportId: $id, outcome: $outcome, note: $note) {
    report { id status resolvedAt } userErrors { code path message }
  }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on Report { subjectId status } } }"


@pytest.fixture
def moderator(client: Client, sync_graph: Graph) -> Client:
    """Dan, who is one."""
    run(sync_graph, "MATCH (u:User {id: 'u_dan'}) SET u.role = 'MODERATOR'")
    return client.as_("dan", Role.MODERATOR)


async def test_a_report_is_its_reporters_alone(alice: Client, bob: Client, carol: Client) -> None:
    given = {"id": "p_1", "reason": "HATE", "details": " look "}
    made = (await bob.do(REPORT, **given))["report"]
    assert made.pop("createdAt").endswith("Z")
    assert made.pop("id").startswith("r_")
    assert made == {
        "__typename": "Report",
        "subjectId": "p_1",
        "reason": "HATE",
        "details": "look",
        "status": "OPEN",
    }
    again = (await bob.do(REPORT, id="p_1", key="k"))["report"]
    assert again["reason"] == "HATE"
    read = {"__typename": "Report", "id": again["id"], "subjectId": "p_1", "status": "OPEN"}
    assert (await bob.data(NODE, id=again["id"]))["node"] == read
    for other in (alice, carol):
        assert (await other.data(NODE, id=again["id"]))["node"] is None


async def test_what_a_reporter_can_mend_is_told_where(
    alice: Client, bob: Client, sync_graph: Graph
) -> None:
    assert await alice.fail(REPORT, id="p_1") == ("VALIDATION", ["subjectId"])
    assert await alice.fail(REPORT, id="u_alice") == ("VALIDATION", ["subjectId"])
    assert await alice.fail(REPORT, id="c_none") == ("NOT_FOUND", ["subjectId"])
    assert await bob.fail(REPORT, id="p_1", details="") == ("VALIDATION", ["details"])
    assert await bob.fail(REPORT, id="p_1", reason="OTHER") == ("VALIDATION", ["details"])
    assert await bob.fail(REPORT, id="p_1", key="") == ("VALIDATION", ["idempotencyKey"])
    assert run(sync_graph, "MATCH (r:Report) RETURN r") == []


async def test_a_moderator_decides_once(bob: Client, moderator: Client) -> None:
    made = (await bob.do(REPORT, id="p_1"))["report"]["id"]
    resolved = (await moderator.do(RESOLVE, id=made, note="gone"))["report"]
    assert resolved["resolvedAt"].endswith("Z")
    assert (resolved["id"], resolved["status"]) == (made, "ACTIONED")
    assert (await moderator.do(RESOLVE, id=made))["report"] == resolved
    otherwise = await moderator.fail(RESOLVE, id=made, outcome="DISMISSED")
    assert otherwise == ("CONFLICT", ["reportId"])
    assert await moderator.fail(RESOLVE, id="r_none") == ("NOT_FOUND", ["reportId"])
    assert await moderator.fail(RESOLVE, id=made, note="") == ("VALIDATION", ["note"])
    assert (await bob.data(NODE, id=made))["node"]["status"] == "ACTIONED"


ADMIN = """
query ($first: Int! = 20, $after: String, $status: ReportStatus) {
  admin {
    users(query: "B", status: ACTIVE) { edges { node { username role status suspendedAt } } }
    reports(status: $status, first: $first, after: $after) {
      edges { node {
        reason details status note text reporter { username } resolvedBy { username }
        subject { __typename ... on Account { username } ... on ModeratedContent {
          subjectId text removed deleted author { username } media { url } openReports
        } }
      } }
      pageInfo { hasNextPage endCursor }
    }
    auditLog {
      edges { node {
        id action reason createdAt subjectId actor { username }
        subject {
          __typename ... on Account { username } ... on ModeratedContent { text removed }
          ... on Report { status }
        }
      } }
    }
  }
}
"""


async def test_moderators_see_what_waits_and_what_was_done(
    bob: Client, carol: Client, moderator: Client
) -> None:
    told = [(await bob.do(REPORT, id=each))["report"]["id"] for each in ("p_1", "u_carol")]
    await carol.do(REPORT, id="u_dan")
    await moderator.do('mutation { removeContent(subjectId: "p_1", reason: "ads") { __typename } }')
    await moderator.do(RESOLVE, id=told[0], note="gone")
    admin = (await moderator.data(ADMIN))["admin"]
    (account,) = (edge["node"] for edge in admin["users"]["edges"])
    assert account == {
        "username": "bob",
        "role": "USER",
        "status": "ACTIVE",
        "suspendedAt": None,
    }
    person, post = (edge["node"] for edge in admin["reports"]["edges"])
    assert person["subject"] == {"__typename": "Account", "username": "carol"}
    assert (person["status"], person["text"], person["resolvedBy"]) == ("OPEN", None, None)
    assert (post["status"], post["note"], post["text"]) == ("ACTIONED", "gone", "hello")
    assert (post["reporter"], post["resolvedBy"]) == ({"username": "bob"}, {"username": "dan"})
    assert post["subject"] == {
        "__typename": "ModeratedContent",
        "subjectId": "p_1",
        "text": "hello",
        "removed": True,
        "deleted": False,
        "author": {"username": "alice"},
        "media": [],
        "openReports": 0,
    }
    resolved, removed = (edge["node"] for edge in admin["auditLog"]["edges"])
    assert resolved.pop("id").startswith("a_")
    assert resolved.pop("createdAt") >= removed["createdAt"]
    assert resolved == {
        "action": "RESOLVE_REPORT",
        "reason": "ACTIONED: gone",
        "subjectId": told[0],
        "actor": {"username": "dan"},
        "subject": {"__typename": "Report", "status": "ACTIONED"},
    }
    assert (removed["action"], removed["reason"]) == ("REMOVE_CONTENT", "ads")
    assert removed["subject"] == {
        "__typename": "ModeratedContent",
        "text": "hello",
        "removed": True,
    }

    page = (await moderator.data(ADMIN, first=1))["admin"]["reports"]
    after = page["pageInfo"]["endCursor"]
    assert page["edges"] == [{"node": person}]
    rest = (await moderator.data(ADMIN, first=1, after=after))["admin"]["reports"]
    assert (rest["edges"], rest["pageInfo"]["hasNextPage"]) == ([{"node": post}], False)
    open_ones = (await moderator.data(ADMIN, status="OPEN"))["admin"]["reports"]
    assert open_ones["edges"] == [{"node": person}]


async def test_lists_of_a_request_are_bounded(moderator: Client, alice: Client) -> None:
    lists = " ".join(f"a{n}: auditLog {{ pageInfo {{ endCursor }} }}" for n in range(11))
    assert await moderator.code(f"{{ admin {{ {lists} }} }}") == "BAD_USER_INPUT"
    assert await moderator.code("{ admin { users(first: 101) { edges { cursor } } } }") == (
        "BAD_USER_INPUT"
    )
    assert await alice.code(ADMIN) == "FORBIDDEN"


NEWS = """
{
  notifications { edges { node {
    kind actors { totalCount users { username } }
    subject { ...S } moderation { act subjectId reason }
  } } }
  post(id: "p_1") { ...S }
  comment(id: "c_1") { ...S }
}
fragment S on Subject {
  id author { username } ... on Post { body: text } ... on Comment { text tombstone }
}
"""
REMOVE = """
mutation ($id: ID!) { removeContent(subjectId: $id, reason: " ads ") { userErrors { code } } }
"""
RESTORE = "mutation ($id: ID!) { restoreContent(subjectId: $id) { userErrors { code } } }"
NOBODY = {"totalCount": 0, "users": []}
TOMBSTONE = {"id": "c_1", "author": None, "text": None, "tombstone": "REMOVED"}
BACK = {"id": "c_1", "author": {"username": "bob"}, "text": "indeed", "tombstone": None}


def _notify(graph: Graph) -> None:
    """Do what relay and worker do for the deeds of moderators."""
    while graph.run(number_pending(100, 10, 20)):
        pass
    rows = run(graph, "MATCH (e:Event) WHERE e.kind STARTS WITH 'Content' RETURN e.id AS id")
    for n, row in enumerate(sorted(str(row["id"]) for row in rows)):
        graph.run(notify(row, 30 + n))


def _told(answer: dict[str, Any]) -> list[Any]:
    return [edge["node"] for edge in answer["notifications"]["edges"]]


async def test_an_author_is_told_what_was_done_to_a_comment_and_why(
    bob: Client, carol: Client, moderator: Client, sync_graph: Graph
) -> None:
    removed = {"act": "REMOVED", "subjectId": "c_1", "reason": "ads"}
    restored = {"act": "RESTORED", "subjectId": "c_1", "reason": None}
    await moderator.do(REMOVE, id="c_1")
    _notify(sync_graph)
    for client in (bob, carol, moderator):
        assert (await client.data(NEWS))["comment"] == TOMBSTONE
    (told,) = _told(await bob.data(NEWS))
    assert told == {
        "kind": "MODERATION",
        "actors": NOBODY,
        "subject": TOMBSTONE,
        "moderation": removed,
    }

    await moderator.do(RESTORE, id="c_1")
    _notify(sync_graph)
    answer = await bob.data(NEWS)
    assert answer["comment"] == BACK
    assert [(each["moderation"], each["subject"]) for each in _told(answer)] == [
        (restored, BACK),
        (removed, BACK),
    ]
    assert "dan" not in json.dumps(answer)
    for client in (carol, moderator):
        assert _told(await client.data(NEWS)) == []


async def test_an_author_is_told_what_was_done_to_a_post_and_why(
    alice: Client, bob: Client, moderator: Client, sync_graph: Graph
) -> None:
    await moderator.do(REMOVE, id="p_1")
    _notify(sync_graph)
    for client in (alice, bob, moderator):
        answer = await client.data(NEWS)
        assert (answer["post"], answer["comment"]) == (None, None)
    (told,) = _told(await alice.data(NEWS))
    assert told == {
        "kind": "MODERATION",
        "actors": NOBODY,
        "subject": None,
        "moderation": {"act": "REMOVED", "subjectId": "p_1", "reason": "ads"},
    }
    assert _told(await bob.data(NEWS)) == []

    await moderator.do(RESTORE, id="p_1")
    answer = await alice.data(NEWS)
    assert answer["post"]["body"] == _told(answer)[0]["subject"]["body"] == "hello"
