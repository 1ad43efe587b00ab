"""How long to wait before the next attempt."""

import random
from typing import Final

_FIRST_S: Final = 0.05
_LONGEST_S: Final = 2.0


class Backoff:
    """Pauses that double up to two seconds, with full jitter, so that many do not return at once.

    Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
    """

    def __init__(self) -> None:
        self._longest_s = _FIRST_S

    def next_s(self) -> float:
        """Give the next pause in seconds."""
        pause = random.uniform(0, self._longest_s)  # noqa: S311 - jitter, not a secret
        self._longest_s = min(self._longest_s * 2, _LONGEST_S)
        return pause

    def reset(self) -> None:
        """Begin again with a short pause, after a success."""
        self._longest_s = _FIRST_S
