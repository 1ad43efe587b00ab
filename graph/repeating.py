"""When a statement is run again, and what is said when it is not."""

import random
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Final

from neo4j.exceptions import ConnectionPoolError, ConstraintError, DriverError, Neo4jError

from graph.errors import InvalidInput, Unavailable

FIRST_PAUSE_S: Final = 0.01
_LONGEST_PAUSE_S: Final = 0.2
_TRANSACTION: Final = "Neo.ClientError.Transaction."
_ENDED: Final = tuple(
    _TRANSACTION + title for title in ("TransactionTimedOut", "LockClientStopped", "Terminated")
)
"""How codes begin that say that the server ended a transaction; the second does while it waits."""


def pauses(deadline: float) -> Iterator[float]:
    """Yield jittered pauses in seconds, growing, until the deadline would be passed."""
    longest = FIRST_PAUSE_S
    while True:
        pause = random.uniform(0, longest)  # noqa: S311 - jitter, not a secret
        if time.monotonic() + pause >= deadline:
            return
        yield pause
        longest = min(longest * 2, _LONGEST_PAUSE_S)


def is_repeatable(error: DriverError | Neo4jError) -> bool:
    """Tell whether a statement may go well the next time.

    A broken uniqueness constraint is among them: somebody else created the same thing between
    our look and our commit, or we did and lost the answer. Looking again settles it.
    """
    return error.is_retryable() or isinstance(error, ConstraintError)


def is_timeout(error: DriverError | Neo4jError) -> bool:
    """Tell whether the time was up: in Neo4j, or while we waited for one of our connections."""
    is_slow = isinstance(error, Neo4jError) and str(error.code).startswith(_ENDED)
    return is_slow or isinstance(error, ConnectionPoolError)


@contextmanager
def in_our_words() -> Generator[None]:
    """Raise what the driver raises as errors of ours, where users can do something about it.

    Raises:
        Unavailable: It may go well later.
        InvalidInput: A text cannot be sent.
    """
    try:
        yield
    except UnicodeEncodeError as error:
        raise InvalidInput("A text holds half a surrogate pair; send well-formed text.") from error
    except TimeoutError as error:
        raise unavailable() from error
    except (DriverError, Neo4jError) as error:
        if not (is_repeatable(error) or is_timeout(error)):
            raise
        raise unavailable() from error


def unavailable() -> Unavailable:
    """Make the error of a database that did not answer in time."""
    return Unavailable("The database cannot be reached or is too busy. Try again.")
