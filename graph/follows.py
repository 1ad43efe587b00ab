"""Follows: whose posts a user wants to read.

A command about a pair of people locks both in the order of their ids, so that two of them never
wait for each other.
"""

from collections.abc import Callable
from typing import LiteralString

from graph import edges, ids
from graph.errors import InvalidInput, NotFound
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_user

_LOCK_PAIR: LiteralString = f"""\
OPTIONAL MATCH (followee:User {{id: $user_id}}) WHERE {visible_user("followee")}
CALL (viewer, followee) {{
  UNWIND [viewer, followee] AS person
  WITH person WHERE person IS NOT NULL ORDER BY person.id
  SET person.lk = true
  RETURN count(*) AS locked
}}
"""

_FOLLOW: LiteralString = (
    _LOCK_PAIR
    + f"""\
CALL (viewer, followee) {{
  WITH * WHERE followee IS NOT NULL AND NOT {edges.follows("viewer.id", "followee.id")}
  CREATE (viewer)-[follows:FOLLOWS]->(followee)
  SET follows = $follows
  """
    + CREATE_EVENT
    + """\
  RETURN count(*) AS created
}
RETURN followee IS NOT NULL AS value
"""
)

_UNFOLLOW: LiteralString = (
    _LOCK_PAIR
    + """\
CALL (viewer) {
  MATCH ()-[follows:FOLLOWS]->() USING INDEX SEEK follows:FOLLOWS(follower_id, followee_id)
  WHERE follows.follower_id = viewer.id AND follows.followee_id = $user_id
  DELETE follows
  RETURN count(*) AS deleted
}
RETURN followee IS NOT NULL OR deleted > 0 AS value
"""
)


def follow(viewer: Viewer, user_id: str) -> Statement[str]:
    """Follow a user; following them again changes nothing.

    Raises:
        InvalidInput: The user is the viewer.
        NotFound: On decoding: no such user for this viewer.
    """
    if user_id == viewer.user_id:
        raise InvalidInput(f"{user_id!r} is yourself; follow somebody else.", ("userId",))
    at = ids.now_ms()
    follows = {
        "follower_id": viewer.user_id,
        "followee_id": user_id,
        "at": at,
        "k": ids.key(at, f"{viewer.user_id}:{user_id}"),
    }
    event = new_event(EventKind.USER_FOLLOWED, at, viewer.user_id, user_id)
    parameters = {"user_id": user_id, "follows": follows, "event": event.properties()}
    return viewer_write(viewer, _FOLLOW, parameters, _found(user_id))


def unfollow(viewer: Viewer, user_id: str) -> Statement[str]:
    """Stop following a user; who does not follow them changes nothing.

    Raises:
        NotFound: On decoding: no such user for this viewer.
    """
    return viewer_write(viewer, _UNFOLLOW, {"user_id": user_id}, _found(user_id))


def _found(user_id: str) -> Callable[[bool], str]:
    def decode(found: bool) -> str:
        if not found:
            raise NotFound(f"There is no user {user_id!r}.", ("userId",))
        return user_id

    return decode
