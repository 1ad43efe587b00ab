"""Positions in the order of all events, as clients hold them."""

import re
from typing import Final

from graph.errors import InvalidInput

_POSITION: Final = re.compile(r"e_([0-9]{1,18})")


def encode_position(position: int) -> str:
    """Give a position as an opaque id."""
    return f"e_{position}"


def decode_position(event_id: str) -> int:
    """Read what `encode_position` gave.

    Raises:
        InvalidInput: It was something else.
    """
    match = _POSITION.fullmatch(event_id)
    if match is None:
        raise InvalidInput(
            f"`after` is {event_id!r}, which is no `eventId`. "
            "Give the last one that you got, or a `streamCursor`.",
            ("after",),
        )
    return int(match[1])
