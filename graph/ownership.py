"""What a command on a post or comment found out about whose it is."""

from graph.errors import Forbidden, NotFound


def check_own(outcome: str, kind: str, object_id: str, act: str) -> None:
    """Refuse an act on what is not there, or is somebody else's.

    Args:
        outcome: `OK`, `NOT_FOUND`, `GONE` (deleted by its author), `REMOVED` (by a moderator),
            `HIDDEN` (one's own, below what one may not see) or `FORBIDDEN`.
        kind: The word for it.
        object_id: Its id.
        act: What was to be done to it.

    Raises:
        NotFound: No such thing for this viewer.
        Forbidden: It is somebody else's.
    """
    if outcome in ("NOT_FOUND", "GONE", "REMOVED", "HIDDEN"):
        raise NotFound(f"There is no {kind} {object_id!r}, or you may not see it.", ("id",))
    if outcome == "FORBIDDEN":
        raise Forbidden(f"Only its author may {act} {kind} {object_id!r}.", ("id",))


def check_deletable(outcome: str, kind: str, object_id: str) -> None:
    """Refuse to delete as `check_own` does; twice is once, and what is removed or hidden goes."""
    check_own(
        "OK" if outcome in ("GONE", "REMOVED", "HIDDEN") else outcome, kind, object_id, "delete"
    )
