"""The audit log: what people with a role did to others, written with the deed itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, LiteralString

from graph import ids, moderated, reads
from graph.connections import newest_first
from graph.events import Event
from graph.ids import Prefix
from graph.pages import PageRequest
from graph.projection import Projection, Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer
from graph.visibility import reviewed_report


class AuditAction(StrEnum):
    """What can be done to others."""

    REMOVE_CONTENT = "REMOVE_CONTENT"
    RESTORE_CONTENT = "RESTORE_CONTENT"
    SUSPEND_USER = "SUSPEND_USER"
    REINSTATE_USER = "REINSTATE_USER"
    RESOLVE_REPORT = "RESOLVE_REPORT"
    SET_ROLE = "SET_ROLE"
    REPLAY_DEAD_LETTER = "REPLAY_DEAD_LETTER"
    DISCARD_DEAD_LETTER = "DISCARD_DEAD_LETTER"


@dataclass(frozen=True, slots=True)
class NewAuditEntry:
    """An entry to be written; its id and instant are made before any transaction.

    Args:
        actor_id: Who did it; None for who runs `python -m graph`.
        subject_id: To what or whom.
        reason: Why, or how exactly.
    """

    id: str
    at: int
    actor_id: str | None
    action: AuditAction
    subject_id: str
    reason: str | None = None

    @classmethod
    def of_event(cls, event: Event, action: AuditAction, reason: str | None) -> "NewAuditEntry":
        """Make the entry of a deed that an event tells of, by whose id it is found."""
        entry_id = Prefix.AUDIT_ENTRY + event.id.removeprefix(Prefix.EVENT)
        return cls(entry_id, event.occurred_at, event.actor_id, action, event.subject_id, reason)

    @classmethod
    def of(
        cls, actor_id: str | None, action: AuditAction, subject_id: str, reason: str | None
    ) -> "NewAuditEntry":
        """Make the entry of a deed that no event tells of."""
        entry_id = ids.new_id(Prefix.AUDIT_ENTRY)
        return cls(entry_id, ids.now_ms(), actor_id, action, subject_id, reason)

    def properties(self) -> dict[str, Any]:
        """Give the properties of the entry's node."""
        return {
            "id": self.id,
            "k": ids.key(self.at, self.id),
            "at": self.at,
            "actor_id": self.actor_id,
            "action": self.action.value,
            "subject_id": self.subject_id,
            "reason": self.reason,
        }


CREATE_ENTRY: LiteralString = "CREATE (entry:AuditEntry) SET entry = $entry\n"
"""Clause of a command: the entry commits with the change or not at all."""


def _is_told(entry: LiteralString) -> LiteralString:
    """Give the condition under which the viewer reads of a deed: no decision about themselves.

    That there was one would tell them that they were reported, and when.
    """
    report: LiteralString = f"{entry}_told"
    return (
        f"({entry}.action <> 'RESOLVE_REPORT' OR EXISTS {{ "
        f"MATCH ({report}:Report {{id: {entry}.subject_id}}) WHERE {reviewed_report(report)} }})"
    )


def _newest(_: LiteralString, entry: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ({entry}:AuditEntry) WHERE {entry}.k < {path}.k AND {_is_told(entry)} "
        f"WITH {entry}, [{entry}.k] AS {entry}_at ORDER BY {entry}.k DESC LIMIT {path}.limit"
    )


NEWEST: Final = newest_first("audit-log", _newest)


def projection(selection: Selection) -> Projection:
    """Project an `AuditEntry`, bound as `entry`, its parameters at `$s`."""
    into = Projection("entry", "$s")
    into.add(".id", ".action", ".subject_id", ".reason", "created_at: entry.at")
    if "actor" in selection:
        moderated.add_account(into, "actor", "MATCH (entry_actor:User {id: entry.actor_id})")
    if "subject" in selection:
        moderated.add_either(into, "subject", moderated.subjects(into, selection))
    return into


def read_page(viewer: Viewer, page: PageRequest, selection: Selection) -> Statement[Row]:
    """Read the audit log, newest first.

    Cost: one index range.
    """
    return reads.read_page(viewer, NEWEST, page, projection(selection))
