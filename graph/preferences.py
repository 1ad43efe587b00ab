"""Which kinds of notifications a person wants."""

from enum import StrEnum
from typing import Any, Final, LiteralString

from graph.errors import InvalidInput
from graph.statement import Statement
from graph.viewer import Viewer, viewer_read, viewer_write


class NotificationKind(StrEnum):
    """What a notification may be about."""

    LIKE = "LIKE"
    COMMENT = "COMMENT"
    REPLY = "REPLY"
    SHARE = "SHARE"
    QUOTE = "QUOTE"
    MENTION = "MENTION"
    FOLLOW = "FOLLOW"
    MODERATION = "MODERATION"


ALWAYS_TOLD: Final = NotificationKind.MODERATION
"""Whose post was removed learns it, and why."""

_UNWANTED: LiteralString = "coalesce(viewer.unwanted_kinds, [])"
_SET: LiteralString = f"""\
SET viewer.lk = true
WITH viewer, [kind IN {_UNWANTED} WHERE kind <> $kind] AS others
SET viewer.unwanted_kinds = CASE WHEN $enabled THEN others ELSE others + $kind END
RETURN {_UNWANTED} AS value
"""


def _preferences(unwanted: list[str]) -> list[dict[str, Any]]:
    return [
        {"kind": kind.value, "enabled": kind not in unwanted}
        for kind in NotificationKind
        if kind != ALWAYS_TOLD
    ]


def read_preferences(viewer: Viewer) -> Statement[list[dict[str, Any]]]:
    """Read of which kinds of deeds the viewer wants to be told.

    Rows: each kind that can be turned off, in the order of `NotificationKind`.
    """
    return viewer_read(viewer, _UNWANTED, {}, _preferences)


def set_preference(viewer: Viewer, kind: str, *, enabled: bool) -> Statement[list[dict[str, Any]]]:
    """Turn a kind of notifications on or off, from now on; twice is once.

    Rows: as of `read_preferences`, afterwards.

    Raises:
        InvalidInput: The kind cannot be turned off.
    """
    if kind == ALWAYS_TOLD:
        raise InvalidInput(
            f"`kind` is {kind}, which is always told; choose another kind.", ("kind",)
        )
    return viewer_write(viewer, _SET, {"kind": kind, "enabled": enabled}, _preferences)
