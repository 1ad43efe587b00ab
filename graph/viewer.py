"""Who is asking. Every statement of a request begins by finding its viewer alive."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, LiteralString, TypeVar

from graph.errors import SessionEnded
from graph.statement import Access, Record, Statement

T = TypeVar("T")


class Role(IntEnum):
    """What a user may do; each includes the ones before it."""

    USER = 1
    MODERATOR = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person on whose behalf a statement runs.

    Args:
        user_id: Id of the user.
        session_id: Id of the session that the token was given for.
        role: The role that the token claims; the graph is asked again.
    """

    user_id: str
    session_id: str
    role: Role = Role.USER

    def parameters(self) -> dict[str, str]:
        """Give the `$viewer` parameter of `LIVE_VIEWER`."""
        return {"session_id": self.session_id, "role": self.role.name}


LIVE_VIEWER: LiteralString = """\
MATCH (session:Session {id: $viewer.session_id})
WHERE session.revoked_at IS NULL AND session.expires_at - timestamp() > 0
MATCH (viewer:User {id: session.user_id})
WHERE viewer.suspended_at IS NULL AND viewer.role = $viewer.role
"""
"""Binds `viewer`; no row when the session has ended or the user or the role is no longer so.

NOTE: A difference, because a comparison invites the planner to the index of `expires_at`: one
range of nearly all sessions, where one seek by id does.
"""


def _decoder(decode: Callable[[Any], T | Statement[T]]) -> Any:
    def decode_one(records: Sequence[Record]) -> T | Statement[T]:
        if not records:
            raise SessionEnded("Your session has ended. Log in again.")
        return decode(records[0]["value"])

    return decode_one


def viewer_read(
    viewer: Viewer,
    value: LiteralString,
    parameters: Mapping[str, Any],
    decode: Callable[[Any], T | Statement[T]],
) -> Statement[T]:
    """Make a reading statement of one expression.

    Args:
        viewer: Who reads; bound as `viewer` in the expression.
        value: A Cypher expression; its value is what `decode` is given.
        parameters: What the expression refers to with `$`, beside `$viewer`.
        decode: Makes the answer of the value.

    Raises:
        SessionEnded: On decoding, when the viewer is no longer live.
    """
    text = LIVE_VIEWER + "RETURN " + value + " AS value"
    return Statement(text, {"viewer": viewer.parameters(), **parameters}, _decoder(decode))


def viewer_write(
    viewer: Viewer,
    body: LiteralString,
    parameters: Mapping[str, Any],
    decode: Callable[[Any], T | Statement[T]],
) -> Statement[T]:
    """Make a writing statement of clauses that end in `RETURN … AS value`, one row.

    Args:
        viewer: Who writes; bound as `viewer` in the body, not yet locked.
        body: Cypher clauses after the viewer was found.
        parameters: What the body refers to with `$`, beside `$viewer`.
        decode: Makes the answer of the value.

    Raises:
        SessionEnded: On decoding, when the viewer is no longer live; nothing was written.
    """
    return Statement(
        LIVE_VIEWER + body,
        {"viewer": viewer.parameters(), **parameters},
        _decoder(decode),
        Access.WRITE,
    )
