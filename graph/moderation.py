"""Removing what others wrote, and restoring it; what its author deletes stays deleted.

Both commands lock moderator and author in the order of their ids, then the post at the root, as
the author's own commands do.
"""

from typing import LiteralString

from graph import ids
from graph.audit import CREATE_ENTRY, AuditAction, NewAuditEntry
from graph.errors import Forbidden, NotFound
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.ids import Prefix
from graph.statement import Statement
from graph.text import check_text
from graph.viewer import Viewer, viewer_write
from graph.withdrawal import readmit_comment, readmit_post, withdraw_comment, withdraw_post

LONGEST_REASON = 500

_POST: LiteralString = """\
OPTIONAL MATCH (subject:Post {id: $id})
WITH viewer, subject, subject AS root
"""
_COMMENT: LiteralString = """\
OPTIONAL MATCH (subject:Comment {id: $id})
OPTIONAL MATCH (root:Post {id: subject.post_id})
"""
_LOCK: LiteralString = """\
OPTIONAL MATCH (author:User {id: subject.author_id})
CALL (viewer, author) {
  UNWIND [viewer, author] AS person
  WITH person WHERE person IS NOT NULL ORDER BY person.id
  SET person.lk = true
  RETURN count(*) AS locked
}
CALL (root) { WITH * WHERE root IS NOT NULL SET root.lk = true RETURN count(*) AS held }
"""
_NOTE: LiteralString = (
    CREATE_EVENT
    + "SET event.post_id = root.id, event.deed_at = subject.created_at\n"
    + CREATE_ENTRY
)

_REMOVE: LiteralString = (
    """\
WITH viewer, author, subject, root, CASE
  WHEN subject IS NULL THEN 'NOT_FOUND'
  WHEN subject.removed_at IS NOT NULL THEN 'DONE'
  WHEN subject.deleted_at IS NOT NULL THEN 'GONE'
  ELSE 'OK'
END AS outcome
CALL (author, subject, root, outcome) {
  WITH * WHERE outcome = 'OK'
  SET subject.removed_at = $at
  """
    + _NOTE
    + "WITH author, subject, root\n"
)
_RESTORE: LiteralString = (
    """\
WITH viewer, author, subject, root, CASE
  WHEN subject IS NULL THEN 'NOT_FOUND'
  WHEN subject.author_id = viewer.id AND viewer.role <> 'ADMIN' THEN 'OWN'
  WHEN subject.removed_at IS NOT NULL THEN 'OK'
  WHEN subject.deleted_at IS NOT NULL THEN 'GONE'
  ELSE 'DONE'
END AS outcome
CALL (author, subject, root, outcome) {
  WITH * WHERE outcome = 'OK'
  REMOVE subject.removed_at
  """
    + _NOTE
    + "WITH author, subject, root WHERE subject.deleted_at IS NULL\n"
)
_END: LiteralString = """\
  RETURN count(*) AS moved
}
RETURN outcome AS value
"""

_REMOVE_POST: LiteralString = _POST + _LOCK + _REMOVE + withdraw_post("author", "subject") + _END
_RESTORE_POST: LiteralString = _POST + _LOCK + _RESTORE + readmit_post("author", "subject") + _END
_REMOVE_COMMENT: LiteralString = (
    _COMMENT + _LOCK + _REMOVE + withdraw_comment("author", "subject", "root") + _END
)
_RESTORE_COMMENT: LiteralString = (
    _COMMENT + _LOCK + _RESTORE + readmit_comment("author", "subject", "root") + _END
)


def remove_content(viewer: Viewer, subject_id: str, reason: str) -> Statement[str]:
    """Hide a post or comment from everybody; removing it again changes nothing.

    Raises:
        InvalidInput: The reason breaks a rule.
        NotFound: On decoding: no such post or comment, or its author has deleted it.
    """
    text = _REMOVE_COMMENT if subject_id.startswith(Prefix.COMMENT) else _REMOVE_POST
    because = check_text(reason, "reason", LONGEST_REASON)
    kind, action = EventKind.CONTENT_REMOVED, AuditAction.REMOVE_CONTENT
    return _moderate(viewer, text, subject_id, kind, action, because)


def restore_content(viewer: Viewer, subject_id: str) -> Statement[str]:
    """Undo a removal; what was not removed stays as it is, what was deleted stays deleted.

    Raises:
        Forbidden: On decoding: it is the viewer's own, and the viewer is no admin.
        NotFound: On decoding: no such post or comment, or its author has deleted it.
    """
    text = _RESTORE_COMMENT if subject_id.startswith(Prefix.COMMENT) else _RESTORE_POST
    kind, action = EventKind.CONTENT_RESTORED, AuditAction.RESTORE_CONTENT
    return _moderate(viewer, text, subject_id, kind, action, None)


def _moderate(
    viewer: Viewer,
    text: LiteralString,
    subject_id: str,
    kind: EventKind,
    action: AuditAction,
    reason: str | None,
) -> Statement[str]:
    event = new_event(kind, ids.now_ms(), viewer.user_id, subject_id)
    entry = NewAuditEntry.of_event(event, action, reason)

    def decode(outcome: str) -> str:
        if outcome == "NOT_FOUND":
            message = f"There is no post or comment {subject_id!r}; give an id `p_…` or `c_…`."
            raise NotFound(message, ("subjectId",))
        if outcome == "GONE":
            message = f"The author of {subject_id!r} has deleted it; nothing is left to moderate."
            raise NotFound(message, ("subjectId",))
        if outcome == "OWN":
            message = f"You wrote {subject_id!r} yourself; ask another moderator to restore it."
            raise Forbidden(message, ("subjectId",))
        return subject_id

    parameters = {
        "id": subject_id,
        "at": event.occurred_at,
        "event": event.properties(),
        "entry": entry.properties(),
    }
    return viewer_write(viewer, text, parameters, decode)
