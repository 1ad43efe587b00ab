"""Roles: given by admins, the first one by a command; one admin at least remains.

Changes take turns on one node, so that two admins who demote each other leave one. Only admins
have `admin_since`, which makes finding them an index range of a few. Every change is in the audit
log, one by `python -m graph` without an actor.
"""

from collections.abc import Callable, Sequence
from typing import LiteralString

from graph.audit import CREATE_ENTRY, AuditAction, NewAuditEntry
from graph.errors import Conflict, NotFound, SessionEnded
from graph.statement import Access, Record, Statement
from graph.viewer import Role, Viewer, viewer_write

_LOCK: LiteralString = """\
MATCH (roles:Counter {name: 'roles'})
SET roles.lk = true
WITH roles
"""

_CHANGE: LiteralString = (
    """\
WITH user, CASE
  WHEN user IS NULL THEN 'NOT_FOUND'
  WHEN $entry.actor_id IS NOT NULL AND NOT EXISTS {
    MATCH (acting:User {id: $entry.actor_id})
    WHERE acting.suspended_at IS NULL AND acting.role = 'ADMIN'
  } THEN 'ENDED'
  WHEN user.role = 'ADMIN' AND $role <> 'ADMIN' AND NOT EXISTS {
    MATCH (other:User) WHERE other.admin_since > 0 AND other.id <> user.id
      AND other.suspended_at IS NULL
  } THEN 'LAST_ADMIN'
  ELSE 'OK'
END AS outcome
CALL (user, outcome) {
  WITH * WHERE outcome = 'OK' AND user.role <> $role
  """
    + CREATE_ENTRY
    + """\
  SET entry.subject_id = user.id, entry.reason = user.role + ' → ' + $role
  SET user.role = $role, user.admin_since = CASE WHEN $role = 'ADMIN' THEN entry.at END
  RETURN count(*) AS changed
}
RETURN outcome AS value
"""
)
"""Binds `outcome`; who acts is looked at again, once it is their turn."""


def set_role(viewer: Viewer, user_id: str, role: Role) -> Statement[str]:
    """Give a user a role; from then on tokens that claim another are refused.

    The role that they have already changes nothing.

    Raises:
        NotFound: On decoding: there is no such user.
        Conflict: On decoding: nobody would be an admin any more.
    """
    check = _checked(user_id, "userId")

    def decode(outcome: str) -> str:
        check(outcome)
        return user_id

    text: LiteralString = _LOCK + "OPTIONAL MATCH (user:User {id: $user_id})\n" + _CHANGE
    entry = NewAuditEntry.of(viewer.user_id, AuditAction.SET_ROLE, user_id, None)
    parameters = {"user_id": user_id, "role": role.name, "entry": entry.properties()}
    return viewer_write(viewer, text, parameters, decode)


def appoint(username: str, role: Role) -> Statement[None]:
    """Give a user a role in nobody's name: how the first admin comes about.

    Raises:
        NotFound: On decoding: nobody has this username.
        Conflict: On decoding: nobody would be an admin any more.
    """
    check = _checked(username, "username")

    def decode(records: Sequence[Record]) -> None:
        check(records[0]["value"])

    text: LiteralString = _LOCK + "OPTIONAL MATCH (user:User {username: $username})\n" + _CHANGE
    folded = username.strip().lower()
    entry = NewAuditEntry.of(None, AuditAction.SET_ROLE, folded, None)
    parameters = {"username": folded, "role": role.name, "entry": entry.properties()}
    return Statement(text, parameters, decode, Access.WRITE)


def _checked(name: str, argument: str) -> Callable[[str], None]:
    def check(outcome: str) -> None:
        if outcome == "ENDED":
            raise SessionEnded("Your session has ended. Log in again.")
        if outcome == "NOT_FOUND":
            raise NotFound(f"There is no user {name!r}.", (argument,))
        if outcome == "LAST_ADMIN":
            raise Conflict(
                f"{name!r} is the only admin; make somebody else one first.", (argument,)
            )

    return check
