"""Mutes: whom a user's feed and notifications leave out, untold."""

from typing import Final, LiteralString

from graph import edges, ids, projections, reads
from graph.connections import newest_first
from graph.pages import PageRequest
from graph.pairs import FIND_OTHER, check_other, found_user
from graph.projection import Row
from graph.selection import Selection
from graph.statement import Statement
from graph.viewer import Viewer, viewer_write
from graph.visibility import visible_profile

_LOCK: LiteralString = "SET viewer.lk = true\nWITH viewer\n"
_MUTE: LiteralString = (
    _LOCK
    + FIND_OTHER
    + f"""\
WITH viewer, other, other IS NOT NULL AND {visible_profile("other")} AS found
CALL (viewer, other, found) {{
  WITH * WHERE found AND NOT {edges.mutes("viewer.id", "other.id")}
  CREATE (viewer)-[mutes:MUTES]->(other)
  SET mutes = $mutes
  RETURN count(*) AS created
}}
RETURN found AS value
"""
)

_UNMUTE: LiteralString = (
    _LOCK
    + FIND_OTHER
    + f"""\
CALL (viewer) {{
  MATCH ()-[mutes:MUTES]->() USING INDEX SEEK mutes:MUTES(muter_id, muted_id)
  WHERE mutes.muter_id = viewer.id AND mutes.muted_id = $user_id
  DELETE mutes
  RETURN count(*) AS deleted
}}
RETURN deleted > 0 OR (other IS NOT NULL AND {visible_profile("other")}) AS value
"""
)


def mute(viewer: Viewer, user_id: str) -> Statement[str]:
    """Mute a user; muting them again changes nothing.

    Raises:
        InvalidInput: The user is the viewer.
        NotFound: On decoding: no such user for this viewer.
    """
    check_other(viewer, user_id, "mute")
    at = ids.now_ms()
    mutes = {
        "muter_id": viewer.user_id,
        "muted_id": user_id,
        "at": at,
        "k": ids.key(at, user_id),
    }
    parameters = {"user_id": user_id, "mutes": mutes}
    return viewer_write(viewer, _MUTE, parameters, found_user(user_id))


def unmute(viewer: Viewer, user_id: str) -> Statement[str]:
    """Take a mute back; without one nothing changes.

    Raises:
        NotFound: On decoding: no such user for this viewer, and no mute of theirs.
    """
    return viewer_write(viewer, _UNMUTE, {"user_id": user_id}, found_user(user_id))


def _muted(muter: LiteralString, user: LiteralString, path: LiteralString) -> LiteralString:
    return (
        f"MATCH ()-[{user}_r:MUTES]->({user}) "
        f"WHERE {user}_r.muter_id = {muter}.id AND {user}_r.k < {path}.k "
        f"AND {visible_profile(user)} "
        f"WITH {user}, [{user}_r.k] AS {user}_at, {user}_r "
        f"ORDER BY {user}_r.muter_id DESC, {user}_r.k DESC LIMIT {path}.limit"
    )


MUTED: Final = newest_first("muted", _muted)


def read_page(viewer: Viewer, page: PageRequest, selection: Selection) -> Statement[Row]:
    """Read whom the viewer mutes, newest mute first.

    Cost: one index range.
    """
    return reads.read_page(viewer, MUTED, page, projections.user(selection, "user", "$s"))
