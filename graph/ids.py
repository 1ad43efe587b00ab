"""Ids, instants and keyset keys: made before a transaction, so that a repeat writes the same."""

import time
from enum import StrEnum
from typing import Final

from ulid import ULID

KEY_FIRST: Final = ""
"""Sorts before every key."""
KEY_LAST: Final = "~"
"""Sorts after every key."""
_MS_DIGITS: Final = 15
LATEST_MS: Final = 10**_MS_DIGITS - 1
"""The last instant of which a key can be made."""


class Prefix(StrEnum):
    """The first letters of an id, which tell its type."""

    USER = "u_"
    POST = "p_"
    COMMENT = "c_"
    MEDIA = "m_"
    NOTIFICATION = "n_"
    SESSION = "s_"
    EVENT = "e_"
    REFRESH = "t_"
    AUDIT_ENTRY = "a_"
    REVISION = "v_"
    REPORT = "r_"
    DEAD_LETTER = "d_"
    ATTEMPT = "x_"
    WEBHOOK = "w_"


def new_id(prefix: Prefix) -> str:
    """Make an id that no other call makes: the prefix and a ULID."""
    return f"{prefix}{ULID()}"


def made_at(made_id: str) -> int | None:
    """Give when an id was made, in ms since 1970 UTC; None of one that `new_id` did not make."""
    try:
        return ULID.from_str(made_id[2:]).milliseconds
    except ValueError:
        return None


def now_ms() -> int:
    """Give the present instant in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def key(at_ms: int, unique: str) -> str:
    """Join an instant and an id to one string that sorts by time, then by id.

    Args:
        at_ms: Milliseconds since 1970 UTC, not negative.
        unique: What breaks ties between equal instants.
    """
    return f"{at_ms:0{_MS_DIGITS}d}{unique}"


def unique_of(key: str) -> str:
    """Give what breaks ties in a key: the id of which it was made."""
    return key[_MS_DIGITS:]


def instant_of(key: str) -> int:
    """Give the instant of which a key was made.

    Raises:
        ValueError: It is no key.
    """
    return int(key[:_MS_DIGITS])
