"""Blocks: with whom a user wants nothing to do.

A block hides each from the other and takes nothing away: follows, likes and counts stay, and come
to light again when it is taken back.
"""

from typing import Final, LiteralString

from graph import edges, ids, projections, reads
from graph.connections import newest_first
from graph.events import CREATE_EVENT, EventKind, new_event
from graph.pages import PageRequest
from graph.pairs import LOCK_PAIR, check_other, found_user
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_profile

_BLOCK: LiteralString = (
    LOCK_PAIR
    + f"""\
WITH viewer, other, other IS NOT NULL AND {visible_profile("other")} AS found
CALL (viewer, other, found) {{
  WITH * WHERE found AND NOT {edges.blocks("viewer.id", "other.id")}
  CREATE (viewer)-[blocks:BLOCKS]->(other)
  SET blocks = $blocks
  """
    + CREATE_EVENT
    + """\
  RETURN count(*) AS created
}
RETURN found AS value
"""
)

_UNBLOCK: LiteralString = (
    LOCK_PAIR
    + f"""\
CALL (viewer) {{
  MATCH ()-[blocks:BLOCKS]->() USING INDEX SEEK blocks:BLOCKS(blocker_id, blocked_id)
  WHERE blocks.blocker_id = viewer.id AND blocks.blocked_id = $user_id
  DELETE blocks
  RETURN count(*) AS deleted
}}
RETURN deleted > 0 OR (other IS NOT NULL AND {visible_profile("other")}) AS value
"""
)


def block(viewer: Viewer, user_id: str) -> Statement[str]:
    """Block a user; blocking them again changes nothing.

    Raises:
        InvalidInput: The user is the viewer.
        NotFound: On decoding: no such user for this viewer.
    """
    check_other(viewer, user_id, "block")
    at = ids.now_ms()
    blocks = {
        "blocker_id": viewer.user_id,
        "blocked_id": user_id,
        "at": at,
        "k": ids.key(at, user_id),
    }
    event = new_event(EventKind.USER_BLOCKED, at, viewer.user_id, user_id)
    parameters = {"user_id": user_id, "blocks": blocks, "event": event.properties()}
    return viewer_write(viewer, _BLOCK, parameters, found_user(user_id))


def unblock(viewer: Viewer, user_id: str) -> Statement[str]:
    """Take a block back; without one nothing changes.

    Raises:
        NotFound: On decoding: no such user for this viewer, and no block of theirs.
    """
    return viewer_write(viewer, _UNBLOCK, {"user_id": user_id}, found_user(user_id))


def _blocked(blocker: LiteralString, user: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ()-[{user}_r:BLOCKS]->({user}) "
        f"WHERE {user}_r.blocker_id = {blocker}.id AND {user}_r.k < {path}.k "
        f"AND {visible_profile(user)} "
        f"WITH {user}, [{user}_r.k] AS {user}_at, {user}_r "
        f"ORDER BY {user}_r.blocker_id DESC, {user}_r.k DESC LIMIT {path}.limit"
    )


BLOCKED: Final = newest_first("blocked", _blocked)


def read_page(viewer: Viewer, page: PageRequest, selection: Selection) -> Statement[Row]:
    """Read whom the viewer blocks, newest block first.

    Cost: one index range.
    """
    return reads.read_page(viewer, BLOCKED, page, projections.user(selection, "user", "$s"))
