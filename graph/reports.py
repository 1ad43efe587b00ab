"""Reports: what people tell the moderators about posts, comments and other people.

Whoever is reported is told by no event, no notification and no field, neither that they are nor by
whom.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, LiteralString

from graph import ids, moderated, reads
from graph.connections import newest_first
from graph.errors import InvalidInput, NotFound
from graph.idempotency import FIND_KNOWN, Idempotency
from graph.ids import Prefix
from graph.pages import PageRequest
from graph.pairs import LOCK_PAIR
from graph.projection import Projection, Row
from graph.selection import Selection
from graph.statement import Statement
from graph.text import check_text
from graph.viewer import Viewer, viewer_write
from graph.visibility import (
    reviewed_report,
    visible_comment,
    visible_post,
    visible_profile,
    visible_report,
)

LONGEST_DETAILS: Final = 1_000


class ReportReason(StrEnum):
    """What can be wrong with something."""

    SPAM = "SPAM"
    HARASSMENT = "HARASSMENT"
    HATE = "HATE"
    VIOLENCE = "VIOLENCE"
    SEXUAL = "SEXUAL"
    SELF_HARM = "SELF_HARM"
    MISINFORMATION = "MISINFORMATION"
    IMPERSONATION = "IMPERSONATION"
    ILLEGAL = "ILLEGAL"
    OTHER = "OTHER"


class ReportStatus(StrEnum):
    """What came of a report: nothing yet, or an outcome."""

    OPEN = "OPEN"
    ACTIONED = "ACTIONED"
    DISMISSED = "DISMISSED"


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report to be made; its id and instant are made here, before any transaction."""

    id: str
    reporter_id: str
    subject_id: str
    reason: ReportReason
    details: str | None
    created_at: int

    @classmethod
    def of(
        cls, viewer: Viewer, subject_id: str, reason: ReportReason, details: str | None = None
    ) -> "NewReport":
        """Make a report of what a user told.

        Raises:
            InvalidInput: The details break a rule, or the user reports themselves.
        """
        if subject_id == viewer.user_id:
            raise InvalidInput(f"{subject_id!r} is yourself; report somebody else.", _SUBJECT)
        if reason is ReportReason.OTHER and details is None:
            raise InvalidInput("The reason is OTHER; say in `details` what it is.", ("details",))
        told = None if details is None else check_text(details, "details", LONGEST_DETAILS)
        report_id = ids.new_id(Prefix.REPORT)
        return cls(report_id, viewer.user_id, subject_id, reason, told, ids.now_ms())

    def properties(self) -> dict[str, Any]:
        """Give the properties of the report's node, but for who is reported by it."""
        return {
            "id": self.id,
            "k": ids.key(self.created_at, self.id),
            "reporter_id": self.reporter_id,
            "subject_id": self.subject_id,
            "reason": self.reason.value,
            "details": self.details,
            "status": ReportStatus.OPEN.value,
            "open_key": f"{self.reporter_id}:{self.subject_id}",
            "created_at": self.created_at,
        }


_SUBJECT: Final = ("subjectId",)
_LOCK: LiteralString = "SET viewer.lk = true\nWITH viewer\n"
_POST: LiteralString = _LOCK + (
    f"OPTIONAL MATCH (subject:Post {{id: $subject_id}}) WHERE {visible_post('subject')}\n"
)
_COMMENT: LiteralString = (
    _LOCK
    + f"""\
OPTIONAL MATCH (subject:Comment {{id: $subject_id}})
WHERE {visible_comment("subject")}
  AND EXISTS {{ MATCH (root:Post {{id: subject.post_id}}) WHERE {visible_post("root")} }}
"""
)
_PERSON: LiteralString = (
    LOCK_PAIR + f"WITH viewer, CASE WHEN {visible_profile('other')} THEN other END AS subject\n"
)
_CREATE: LiteralString = (
    FIND_KNOWN
    + """\
OPTIONAL MATCH (made:Report {id: $report.id})
OPTIONAL MATCH (open:Report {open_key: $report.open_key})
WITH viewer, subject, known, coalesce(open.id, $report.id) AS report_id, CASE
  WHEN known IS NOT NULL OR made IS NOT NULL OR open IS NOT NULL THEN 'KNOWN'
  WHEN subject IS NULL THEN 'NOT_FOUND'
  WHEN subject.author_id = viewer.id THEN 'OWN'
  ELSE 'OK'
END AS outcome
CALL (subject, outcome) {
  WITH * WHERE outcome = 'OK'
  CREATE (report:Report)-[:ABOUT]->(subject)
  SET report = $report, report.reported_id = coalesce(subject.author_id, subject.id)
  RETURN count(*) AS created
}
FOREACH (properties IN CASE WHEN known IS NULL AND outcome IN ['OK', 'KNOWN']
    THEN [p IN [$idempotency] WHERE p IS NOT NULL] ELSE [] END |
  CREATE (key:IdempotencyKey) SET key = properties, key.object_id = report_id)
RETURN {outcome: outcome, known: known {.object_id, .input_hash}, report_id: report_id} AS value
"""
)
_REPORT_POST: LiteralString = _POST + _CREATE
_REPORT_COMMENT: LiteralString = _COMMENT + _CREATE
_REPORT_PERSON: LiteralString = _PERSON + _CREATE


def report(viewer: Viewer, new: NewReport, idempotency_key: str | None = None) -> Statement[str]:
    """Report a post, a comment or a person; answers with the id of the report that is open.

    While one's own report of a thing is open there is no second one: reporting again gives the
    first, unchanged, also when the thing is hidden by then.

    Raises:
        InvalidInput: The key breaks a rule; on decoding: the viewer wrote it themselves.
        NotFound: On decoding: no such thing for this viewer, or it is a tombstone.
        Conflict: On decoding: the key was used with another input.
    """
    properties = new.properties()
    content = {name: properties[name] for name in ("subject_id", "reason", "details")}
    key = Idempotency.of(viewer.user_id, "report", idempotency_key, content)

    def decode(value: Row) -> str:
        if value["outcome"] == "NOT_FOUND":
            message = f"There is no {new.subject_id!r} to report, or you may not see it."
            raise NotFound(message, _SUBJECT)
        if value["outcome"] == "OWN":
            message = f"{new.subject_id!r} is your own; change or delete it yourself."
            raise InvalidInput(message, _SUBJECT)
        return key.settle(value["known"], value["report_id"])

    parameters = {
        "subject_id": new.subject_id,
        "user_id": new.subject_id,
        "report": properties,
        "idempotency": key.properties(new.id, new.created_at),
    }
    return viewer_write(viewer, _text_for(new.subject_id), parameters, decode)


def _text_for(subject_id: str) -> LiteralString:
    if subject_id.startswith(Prefix.USER):
        return _REPORT_PERSON
    return _REPORT_COMMENT if subject_id.startswith(Prefix.COMMENT) else _REPORT_POST


def projection(selection: Selection, path: LiteralString = "$s") -> Projection:
    """Project a `Report`, bound as `report`."""
    return moderated.report(selection, "report", path)


def match_visible(id_value: LiteralString) -> LiteralString:
    """Give the clause that binds `report` by id, if the viewer may see it."""
    return f"MATCH (report:Report {{id: {id_value}}}) WHERE {visible_report('report')}"


def find_report(viewer: Viewer, report_id: str, selection: Selection) -> Statement[Row | None]:
    """Read a report that the viewer may see.

    Cost: one index seek, and what the selection asks for.
    """
    return reads.find_one(viewer, match_visible("$id"), projection(selection), {"id": report_id})


def _newest(_: LiteralString, report: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ({report}:Report) WHERE {report}.k < {path}.k AND {reviewed_report(report)} "
        f"WITH {report}, [{report}.k] AS {report}_at ORDER BY {report}.k DESC LIMIT {path}.limit"
    )


def _newest_of_status(
    _: LiteralString, report: LiteralString, path: LiteralString
) -> LiteralString:
    return (
        f"MATCH ({report}:Report) WHERE {report}.status = $status AND {report}.k < {path}.k "
        f"AND {reviewed_report(report)} WITH {report}, [{report}.k] AS {report}_at "
        f"ORDER BY {report}.status DESC, {report}.k DESC LIMIT {path}.limit"
    )


_ALL: Final = newest_first("reports", _newest)
_OF_STATUS: Final = newest_first("reports", _newest_of_status)


def read_page(
    viewer: Viewer, page: PageRequest, status: ReportStatus | None, selection: Selection
) -> Statement[Row]:
    """Read the reports that the viewer decides on, newest first; cursors hold for every status.

    Cost: one index range.
    """
    order = _ALL if status is None else _OF_STATUS
    parameters = {"status": status and status.value}
    return reads.read_page(viewer, order, page, projection(selection), parameters=parameters)
