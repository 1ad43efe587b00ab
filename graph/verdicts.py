"""Deciding on reports: what came of what people told the moderators.

A moderator decides on a thing, not on each report of it: what else is open about it is resolved
with the same outcome.
"""

from enum import StrEnum
from typing import Final, LiteralString

from graph.audit import CREATE_ENTRY, AuditAction, NewAuditEntry
from graph.errors import Conflict, NotFound
from graph.projection import Row
from graph.statement import Statement
from graph.text import check_text
from graph.viewer import Viewer, viewer_write
from graph.visibility import reviewed_report

LONGEST_NOTE: Final = 500
_RESOLVED_AT_ONCE: Final = 1_000


class ReportOutcome(StrEnum):
    """What moderators decide about a report."""

    ACTIONED = "ACTIONED"
    DISMISSED = "DISMISSED"


_FIND_REVIEWED: LiteralString = (
    f"OPTIONAL MATCH (report:Report {{id: $id}}) WHERE {reviewed_report('report')}\n"
)
_RESOLVE: LiteralString = (
    _FIND_REVIEWED
    + """\
OPTIONAL MATCH (reported:User {id: report.reported_id})
CALL (viewer, reported) {
  UNWIND [viewer, reported] AS person
  WITH person WHERE person IS NOT NULL ORDER BY person.id
  SET person.lk = true
  RETURN count(*) AS locked
}
WITH report, CASE
  WHEN report IS NULL THEN 'NOT_FOUND'
  WHEN report.status = 'OPEN' THEN 'OPEN'
  WHEN report.status = $resolution.status THEN 'RESOLVED'
  ELSE 'OTHERWISE'
END AS outcome
CALL (report, outcome) {
  WITH * WHERE outcome = 'OPEN'
  MATCH (report)-[about:ABOUT]->(subject)
  DELETE about
  CREATE (report)-[:ONCE_ABOUT]->(subject)
  SET report += $resolution
  REMOVE report.open_key
  """
    + CREATE_ENTRY
    + """\
  RETURN count(*) AS resolved
}
CALL (report, outcome) {
  WITH * WHERE outcome IN ['OPEN', 'RESOLVED']
  MATCH (report)-[:ONCE_ABOUT]->(subject)<-[about:ABOUT]-(other:Report)
  WHERE other.created_at <= report.resolved_at
  WITH report, subject, about, other LIMIT $limit
  DELETE about
  CREATE (other)-[:ONCE_ABOUT]->(subject)
  SET other.status = report.status, other.resolved_at = report.resolved_at,
      other.resolver_id = report.resolver_id, other.note = report.note
  REMOVE other.open_key
  RETURN count(*) AS others
}
RETURN {outcome: outcome, others: others} AS value
"""
)
"""Locks the moderator and who is reported, in the order of their ids, as other moderation does: of
two moderators who decide on one thing at once, the second finds it decided."""


def resolve_report(
    viewer: Viewer, report_id: str, outcome: ReportOutcome, note: str | None = None
) -> Statement[str]:
    """Decide on a report, and on all that is open about the same thing; again changes nothing.

    Raises:
        InvalidInput: The note breaks a rule.
        NotFound: On decoding: there is no such report, or it is about the viewer.
        Conflict: On decoding: it was resolved otherwise.

    Cost: linear in the open reports about the thing, 1,000 in one transaction.
    """
    why = None if note is None else check_text(note, "note", LONGEST_NOTE)
    how = outcome.value if why is None else f"{outcome.value}: {why}"
    entry = NewAuditEntry.of(viewer.user_id, AuditAction.RESOLVE_REPORT, report_id, how)
    resolution = {
        "status": outcome.value,
        "resolved_at": entry.at,
        "resolver_id": viewer.user_id,
        "note": why,
    }

    def decode(value: Row) -> str | Statement[str]:
        if value["outcome"] == "NOT_FOUND":
            message = f"There is no report {report_id!r} for you to decide on."
            raise NotFound(message, ("reportId",))
        if value["outcome"] == "OTHERWISE":
            message = f"{report_id!r} was resolved otherwise; it stays so, read its `status`."
            raise Conflict(message, ("reportId",))
        return statement if value["others"] == _RESOLVED_AT_ONCE else report_id

    parameters = {
        "id": report_id,
        "resolution": resolution,
        "entry": entry.properties(),
        "limit": _RESOLVED_AT_ONCE,
    }
    statement = viewer_write(viewer, _RESOLVE, parameters, decode)
    return statement
