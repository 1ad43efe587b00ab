"""Reports, and what moderators do, through GraphQL."""

import pytest

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
