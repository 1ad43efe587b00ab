"""How many sockets each user has open in this process."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager


class TooManySockets(Exception):  # noqa: N818 - named for what it says
    """A user has as many sockets open as they may."""


class Seats:
    """Counts open sockets and event streams by user; those of nobody are not counted.

    Args:
        most: How many one user may have open at a time.
    """

    def __init__(self, most: int = 100) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken(self, user_id: str | None) -> Iterator[None]:
        """Hold a seat.

        Raises:
            TooManySockets: All of the user's are taken.
        """
        if user_id is None:
            yield
            return
        if self._taken[user_id] >= self._most:
            raise TooManySockets(f"This user has {self._most} sockets open; close one first")
        self._taken[user_id] += 1
        try:
            yield
        finally:
            self._taken[user_id] -= 1
            if not self._taken[user_id]:
                del self._taken[user_id]
