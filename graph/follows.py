"""Follows: whose posts a user wants to read."""

from typing import LiteralString

from graph import edges, ids
from graph.errors import Conflict
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.pairs import LOCK_PAIR, check_other, found_user
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_profile

_FOLLOW: LiteralString = (
    LOCK_PAIR
    + f"""\
WITH viewer, other, CASE
  WHEN other IS NULL OR NOT {visible_profile("other")} THEN 'NOT_FOUND'
  WHEN {edges.blocks("viewer.id", "other.id")} THEN 'BLOCKED'
  ELSE 'OK'
END AS outcome
CALL (viewer, other, outcome) {{
  WITH * WHERE outcome = 'OK' AND NOT {edges.follows("viewer.id", "other.id")}
  CREATE (viewer)-[follows:FOLLOWS]->(other)
  SET follows = $follows
  """
    + CREATE_EVENT
    + """\
  RETURN count(*) AS created
}
RETURN outcome AS value
"""
)

_UNFOLLOW: LiteralString = (
    LOCK_PAIR
    + """\
CALL (viewer) {
  MATCH ()-[follows:FOLLOWS]->() USING INDEX SEEK follows:FOLLOWS(follower_id, followee_id)
  WHERE follows.follower_id = viewer.id AND follows.followee_id = $user_id
  DELETE follows
  """
    + CREATE_EVENT
    + f"""\
  RETURN count(*) AS deleted
}}
RETURN deleted > 0 OR (other IS NOT NULL AND {visible_profile("other")}) AS value
"""
)


def follow(viewer: Viewer, user_id: str) -> Statement[str]:
    """Follow a user; following them again changes nothing.

    Raises:
        InvalidInput: The user is the viewer.
        NotFound: On decoding: no such user for this viewer.
        Conflict: On decoding: the viewer blocks the user.
    """
    check_other(viewer, user_id, "follow")
    at = ids.now_ms()
    follows = {
        "follower_id": viewer.user_id,
        "followee_id": user_id,
        "at": at,
        "k": ids.key(at, f"{viewer.user_id}:{user_id}"),
    }
    event = new_event(EventKind.USER_FOLLOWED, at, viewer.user_id, user_id)

    def decode(outcome: str) -> str:
        if outcome == "BLOCKED":
            raise Conflict(f"You block {user_id!r}; unblock them first.", ("userId",))
        return found_user(user_id)(outcome == "OK")

    parameters = {"user_id": user_id, "follows": follows, "event": event.properties()}
    return viewer_write(viewer, _FOLLOW, parameters, decode)


def unfollow(viewer: Viewer, user_id: str) -> Statement[str]:
    """Stop following a user; who does not follow them changes nothing.

    Raises:
        NotFound: On decoding: no such user for this viewer.
    """
    event = new_event(EventKind.USER_UNFOLLOWED, ids.now_ms(), viewer.user_id, user_id)
    parameters = {"user_id": user_id, "event": event.properties()}
    return viewer_write(viewer, _UNFOLLOW, parameters, found_user(user_id))
