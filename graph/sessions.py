"""Sessions: one for every log-in, renewed by refresh tokens that are good for one use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from graph import ids
from graph.errors import InvalidCredentials
from graph.ids import Prefix
from graph.statement import Access, Record, Statement
from graph.viewer import Role, Viewer

REPEAT_WINDOW_MS: Final = 30_000
"""How long the token before the newest is still answered: the answer to it may have been lost."""


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to be made.

    Args:
        refresh_id: Id of the one refresh token that renews it.
        expires_at: When its refresh token ends, in ms since 1970 UTC.
    """

    id: str
    user_id: str
    refresh_id: str
    created_at: int
    expires_at: int

    @classmethod
    def of(cls, user_id: str, lifetime_s: float) -> "NewSession":
        """Make a session that begins now."""
        now = ids.now_ms()
        expires_at = now + int(lifetime_s * 1000)
        return cls(ids.new_id(Prefix.SESSION), user_id, new_refresh_id(), now, expires_at)

    def properties(self) -> dict[str, Any]:
        """Give the properties of the session's node."""
        return {
            "id": self.id,
            "user_id": self.user_id,
            "refresh_id": self.refresh_id,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
        }


def new_refresh_id() -> str:
    """Make the id of a refresh token."""
    return ids.new_id(Prefix.REFRESH)


_CREATE: LiteralString = """\
MATCH (user:User {id: $session.user_id})
OPTIONAL MATCH (existing:Session {id: $session.id})
CALL (user, existing) {
  WITH * WHERE existing IS NULL
  CREATE (session:Session)-[:SESSION_OF]->(user)
  SET session = $session
  RETURN count(*) AS created
}
RETURN created
"""


def create_session(session: NewSession) -> Statement[None]:
    """Begin a session of a user whose password was checked."""
    return Statement(_CREATE, {"session": session.properties()}, lambda _: None, Access.WRITE)


@dataclass(frozen=True, slots=True)
class Renewed:
    """A session that goes on, and the refresh token that renews it the next time."""

    user_id: str
    session_id: str
    role: Role
    refresh_id: str


_RENEW: LiteralString = """\
MATCH (session:Session {id: $session_id})
SET session.lk = true
WITH session
MATCH (user:User {id: session.user_id})
WITH session, user, CASE
  WHEN session.revoked_at IS NOT NULL OR session.expires_at <= $now THEN 'ENDED'
  WHEN user.suspended_at IS NOT NULL THEN 'ENDED'
  WHEN session.refresh_id IN [$refresh_id, $next_id] THEN 'RENEWED'
  WHEN session.previous_refresh_id = $refresh_id AND session.refreshed_at > $repeat_since
    THEN 'REPEATED'
  ELSE 'STOLEN'
END AS outcome
FOREACH (live IN CASE WHEN outcome = 'RENEWED' AND session.refresh_id = $refresh_id
                      THEN [session] ELSE [] END |
  SET live.previous_refresh_id = $refresh_id, live.refresh_id = $next_id,
      live.refreshed_at = $now, live.expires_at = $expires_at)
FOREACH (stolen IN CASE WHEN outcome = 'STOLEN' THEN [session] ELSE [] END |
  SET stolen.revoked_at = $now)
RETURN outcome, user.id AS user_id, user.role AS role, session.refresh_id AS refresh_id
"""


def renew_session(session_id: str, refresh_id: str, lifetime_s: float) -> Statement[Renewed]:
    """Renew a session by its refresh token, which from then on opens nothing.

    The token before the newest is answered for `REPEAT_WINDOW_MS`, with the newest; later it can
    only be a copy, and using it ends the session for whoever holds either.

    Raises:
        InvalidCredentials: On decoding: the session has ended, or the token was used before.
    """
    now = ids.now_ms()

    def decode(records: Sequence[Record]) -> Renewed:
        for record in records:
            if record["outcome"] in ("RENEWED", "REPEATED"):
                role = Role[record["role"]]
                return Renewed(record["user_id"], session_id, role, record["refresh_id"])
        raise InvalidCredentials("This refresh token has ended or was used. Log in again.")

    parameters = {
        "session_id": session_id,
        "refresh_id": refresh_id,
        "next_id": new_refresh_id(),
        "now": now,
        "repeat_since": now - REPEAT_WINDOW_MS,
        "expires_at": now + int(lifetime_s * 1000),
    }
    return Statement(_RENEW, parameters, decode, Access.WRITE)


_READ_ENDED: LiteralString = """\
UNWIND range(0, size($viewers) - 1) AS place
WITH place, $viewers[place] AS claimed
WHERE NOT EXISTS {
  MATCH (session:Session {id: claimed.session_id})
  WHERE session.revoked_at IS NULL AND session.expires_at - timestamp() > 0
  MATCH (viewer:User {id: session.user_id})
  WHERE viewer.suspended_at IS NULL AND viewer.role = claimed.role
}
RETURN collect(place) AS places
"""


def read_ended(viewers: Sequence[Viewer]) -> Statement[list[Viewer]]:
    """Read which of these people may no longer act, as `LIVE_VIEWER` would tell of each.

    Rows: in the order given.
    Cost: two seeks by id, some 10 db hits, for each.
    """

    def decode(records: Sequence[Record]) -> list[Viewer]:
        return [viewers[place] for place in records[0]["places"]]

    return Statement(_READ_ENDED, {"viewers": [viewer.parameters() for viewer in viewers]}, decode)
