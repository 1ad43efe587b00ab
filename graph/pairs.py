"""Two people at once: a command about how they stand to each other.

It locks both in the order of their ids, so that two such commands never wait for each other in a
circle, and asks what holds between them only then: a follow that waited for a block sees it.
"""

from collections.abc import Callable
from typing import LiteralString

from graph.errors import InvalidInput, NotFound
from graph.viewer import Viewer

FIND_OTHER: LiteralString = "OPTIONAL MATCH (other:User {id: $user_id})\n"
LOCK_PAIR: LiteralString = (
    FIND_OTHER
    + """\
CALL (viewer, other) {
  UNWIND [viewer, other] AS person
  WITH person WHERE person IS NOT NULL ORDER BY person.id
  SET person.lk = true
  RETURN count(*) AS locked
}
"""
)
"""Binds `other`, the user with `$user_id` or null, and locks both."""


def check_other(viewer: Viewer, user_id: str, deed: str) -> None:
    """Refuse a command of a person about themselves.

    Args:
        viewer: Who commands.
        user_id: Whom it is about.
        deed: What they would do, as an imperative.

    Raises:
        InvalidInput: The two are one.
    """
    if user_id == viewer.user_id:
        raise InvalidInput(f"{user_id!r} is yourself; {deed} somebody else.", ("userId",))


def found_user(user_id: str) -> Callable[[bool], str]:
    """Make what decodes whether a command found whom it is about.

    Raises:
        NotFound: On decoding: it did not.
    """

    def decode(found: bool) -> str:
        if not found:
            raise NotFound(f"There is no user {user_id!r}.", ("userId",))
        return user_id

    return decode
