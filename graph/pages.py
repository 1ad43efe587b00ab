"""Keyset pages: what a client asks for, the opaque cursor, and the page it gets."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from graph.errors import InvalidInput

LONGEST_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The next `first` items after a cursor.

    Args:
        first: How many items, 1 to 100.
        after: An `end_cursor` or an edge's `cursor`, or None for the first page.

    Raises:
        InvalidInput: `first` is out of range.
    """

    first: int = 20
    after: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.first <= LONGEST_PAGE:
            raise InvalidInput(
                f"`first` is {self.first}; give a number from 1 to {LONGEST_PAGE}.", ("first",)
            )

    @property
    def limit(self) -> int:
        """One more than asked for, which tells whether there is a next page."""
        return self.first + 1

    def position(self, order: str) -> list[Any] | None:
        """Give where the page starts, as the cursor holds it; None for the first page."""
        return None if self.after is None else decode_cursor(order, self.after)


def encode_cursor(order: str, position: Sequence[Any]) -> str:
    """Make an opaque cursor.

    Args:
        order: Name of the order in which the position is meant, so that a cursor of one list
            is not taken for another's.
        position: Values of the sort key, most significant first.
    """
    return base64.urlsafe_b64encode(orjson.dumps([order, *position])).rstrip(b"=").decode()


def decode_cursor(order: str, cursor: str, argument: str = "after") -> list[Any]:
    """Read a cursor that `encode_cursor` made for the same order.

    Args:
        order: Name of the order.
        cursor: What the client gave.
        argument: As what it was given.

    Raises:
        InvalidInput: It was not.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        values: Any = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeEncodeError, binascii.Error, orjson.JSONDecodeError):
        values = None
    if not isinstance(values, list) or not values or values[0] != order:
        raise InvalidInput(
            f"`{argument}` is {cursor!r}, which is no cursor of this list. "
            "Give a `cursor` or `endCursor` that was read from it.",
            (argument,),
        )
    return list(values[1:])
