"""Storage of media: bytes by key.

What is stored under a key is never changed: it is put, read and at last deleted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

CHUNK_BYTES: Final = 262_144


class StorageUnavailable(Exception):  # noqa: N818 - named for what it says
    """The storage cannot be reached, or refuses us; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes that are there.

    Args:
        size: How many.
        chunks: All of them, piece by piece, once.
    """

    size: int
    chunks: Iterator[bytes]


class Storage(Protocol):
    """Keeps bytes by key; every method may raise `StorageUnavailable`, and may block."""

    def put(self, key: str, content: bytes) -> None:
        """Store bytes, wholly or not at all; again is no harm."""

    def open(self, key: str) -> Stored | None:
        """Give what is stored under a key, or None."""

    def find_size(self, key: str) -> int | None:
        """Give how many bytes are stored under a key, or None."""

    def delete(self, keys: Sequence[str]) -> None:
        """Delete what is stored under these keys; what is not there is no error."""


def read(storage: Storage, key: str) -> bytes | None:
    """Give all bytes that are stored under a key, or None."""
    stored = storage.open(key)
    return None if stored is None else b"".join(stored.chunks)
