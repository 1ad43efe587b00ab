"""Suspending people and reinstating them.

A suspension hides a person and what they wrote, wherever somebody looks (`graph.visibility`), and
moves nothing: no count changes, and reinstating brings everything back as it was. It takes turns
with changes of roles, so that one admin at least may always act.
"""

from typing import Any, Final, LiteralString

from graph import ids, moderated
from graph.audit import CREATE_ENTRY, AuditAction, NewAuditEntry
from graph.errors import Forbidden, NotFound, SessionEnded
from graph.projection import Row
from graph.statement import Statement
from graph.text import check_text
from graph.viewer import Viewer, viewer_write

LONGEST_REASON: Final = 500

_OUTCOME: LiteralString = """\
MATCH (roles:Counter {name: 'roles'})
SET roles.lk = true
WITH viewer
OPTIONAL MATCH (user:User {id: $user_id})
CALL (user) { WITH * WHERE user IS NOT NULL SET user.lk = true RETURN count(*) AS locked }
WITH viewer, user, CASE
  WHEN user IS NULL THEN 'NOT_FOUND'
  WHEN NOT EXISTS {
    MATCH (acting:User {id: viewer.id})
    WHERE acting.suspended_at IS NULL AND acting.role = $viewer.role
  } THEN 'ENDED'
  WHEN user.role = 'ADMIN' AND $viewer.role <> 'ADMIN' THEN 'FORBIDDEN'
  WHEN user.suspended_at IS NULL THEN 'ACTIVE'
  ELSE 'SUSPENDED'
END AS outcome
"""
"""Binds `user`, locked, and how they stand; who acts is looked at again, once it is their turn."""

_ACCOUNT: LiteralString = (
    f"RETURN {{outcome: outcome, account: {moderated.account('user', '$s').text}}} AS value\n"
)

_SUSPEND: LiteralString = (
    _OUTCOME
    + """\
CALL (user, outcome) {
  WITH * WHERE outcome = 'ACTIVE'
  SET user.suspended_at = $at, user.suspended_name = user.username
  """
    + CREATE_ENTRY
    + """\
  WITH user
  MATCH (session:Session) WHERE session.user_id = user.id
  SET session.revoked_at = coalesce(session.revoked_at, $at)
  RETURN count(*) AS revoked
}
"""
    + _ACCOUNT
)

_REINSTATE: LiteralString = (
    _OUTCOME
    + """\
CALL (user, outcome) {
  WITH * WHERE outcome = 'SUSPENDED'
  REMOVE user.suspended_at, user.suspended_name
  """
    + CREATE_ENTRY
    + """\
  RETURN count(*) AS reinstated
}
"""
    + _ACCOUNT
)


def suspend_user(viewer: Viewer, user_id: str, reason: str) -> Statement[Row]:
    """Hide a person from everybody and end their sessions; again changes nothing.

    Returns:
        The account as it is now.

    Raises:
        InvalidInput: The reason breaks a rule.
        Forbidden: The user is the viewer; on decoding: an admin, and the viewer is none.
        NotFound: On decoding: there is no such user.

    Cost: linear in the user's sessions.
    """
    if user_id == viewer.user_id:
        raise Forbidden("Nobody suspends themselves; ask another moderator.", ("userId",))
    because = check_text(reason, "reason", LONGEST_REASON)
    return _change(viewer, _SUSPEND, user_id, AuditAction.SUSPEND_USER, because)


def reinstate_user(viewer: Viewer, user_id: str) -> Statement[Row]:
    """End a suspension; the user logs in again and finds everything as it was.

    Returns:
        The account as it is now.

    Raises:
        Forbidden: On decoding: the user is an admin, and the viewer is none.
        NotFound: On decoding: there is no such user.
    """
    return _change(viewer, _REINSTATE, user_id, AuditAction.REINSTATE_USER, None)


def _change(
    viewer: Viewer, text: LiteralString, user_id: str, action: AuditAction, reason: str | None
) -> Statement[Row]:
    entry = NewAuditEntry.of(viewer.user_id, action, user_id, reason)

    def decode(value: Any) -> Row:
        if value["outcome"] == "ENDED":
            raise SessionEnded("Your session has ended. Log in again.")
        if value["outcome"] == "NOT_FOUND":
            raise NotFound(f"There is no user {user_id!r}.", ("userId",))
        if value["outcome"] == "FORBIDDEN":
            message = f"{user_id!r} is an admin; only an admin may suspend or reinstate them."
            raise Forbidden(message, ("userId",))
        account: Row = value["account"]
        return account

    parameters = {"user_id": user_id, "at": ids.now_ms(), "entry": entry.properties()}
    return viewer_write(viewer, text, parameters, decode)
