"""What people show of themselves: the name that others see, a few words, an image."""

from collections.abc import Mapping
from typing import Any, Final, LiteralString

from graph import attachments, ids
from graph.statement import Statement
from graph.text import check_text
from graph.users import LONGEST_NAME
from graph.viewer import Viewer, viewer_write
from graph.words import searchable

LONGEST_BIO: Final = 500

_SET: LiteralString = """\
SET viewer += $profile
SET viewer.display_name = coalesce(viewer.display_name, viewer.username)
SET viewer.words = CASE
  WHEN $words IS NULL THEN viewer.words
  ELSE replace(viewer.username, '_', ' ') + ' ' + $words
END
"""

_UPDATE: LiteralString = "SET viewer.lk = true\n" + _SET + "RETURN [] AS value"

_UPDATE_WITH_AVATAR: LiteralString = f"""\
SET viewer.lk = true
WITH viewer
{attachments.FIND_AVATAR}\
CALL (viewer, attachments) {{
  WITH * WHERE {attachments.ALL_FOUND}
  {_SET}
  WITH viewer, attachments
  {attachments.SET_AVATAR}
  RETURN count(*) AS changed
}}
RETURN {attachments.FAULTS} AS value
"""


def check_profile(changes: Mapping[str, str | None]) -> dict[str, str | None]:
    """Give the properties that a change of profile sets; what is None is cleared.

    Args:
        changes: `display_name` and `bio`, each if it is to be changed.

    Raises:
        InvalidInput: A text breaks a rule.
    """
    rules = {"display_name": ("displayName", LONGEST_NAME), "bio": ("bio", LONGEST_BIO)}
    return {
        name: None if changes[name] is None else check_text(changes[name] or "", *rule)
        for name, rule in rules.items()
        if name in changes
    }


def update_profile(viewer: Viewer, changes: Mapping[str, str | None]) -> Statement[str]:
    """Change what the viewer shows of themselves; what is left out stays as it is.

    Args:
        viewer: Who changes it.
        changes: As `check_profile` takes them, and `avatar_id`: an image, or None for none. Without
            a display name one is shown by username. An avatar that was replaced is removed.

    Raises:
        InvalidInput: A text breaks a rule.
        Conflict: On decoding: a post shows the image.
        NotFound: On decoding: it is not there, or somebody else's.
    """

    def decode(faults: list[dict[str, Any]]) -> str:
        attachments.check_faults(faults, "avatarId")
        return viewer.user_id

    profile = check_profile(changes)
    shown = searchable(profile["display_name"] or "") if "display_name" in profile else None
    parameters: dict[str, Any] = {"profile": profile, "words": shown}
    if "avatar_id" not in changes:
        return viewer_write(viewer, _UPDATE, parameters, decode)
    parameters |= {"avatar_id": changes["avatar_id"], "at": ids.now_ms()}
    return viewer_write(viewer, _UPDATE_WITH_AVATAR, parameters, decode)
