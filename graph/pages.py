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

    def position(self, order: str, start: Sequence[Any]) -> list[Any]:
        """Give where the page starts, as the cursor holds it.

        Args:
            order: Name of the order.
            start: Where the first page starts; every position is like it.

        Raises:
            InvalidInput: The cursor is not one of this order.
        """
        if self.after is None:
            return list(start)
        position = decode_cursor(order, self.after)
        if [_kind(value) for value in position] != [_kind(value) for value in start]:
            raise no_cursor(self.after)
        return [float(value) if _kind(value) is float else value for value in position]


def _kind(value: object) -> type[object]:
    """Tell text from numbers; JSON does not keep 3 and 3.0 apart, and no database holds 2^64."""
    return float if type(value) in (int, float) else type(value)


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
        raise no_cursor(cursor, argument)
    return list(values[1:])  # pyright: ignore[reportUnknownArgumentType] - JSON is of any type


def no_cursor(cursor: str, argument: str = "after") -> InvalidInput:
    """Make the error that says that something is no cursor of the list."""
    return InvalidInput(
        f"`{argument}` is {cursor!r}, which is no cursor of this list. "
        "Give a `cursor` or `endCursor` that was read from it.",
        (argument,),
    )
