"""Errors of a socket's own."""

from typing import Any, Final

_RETRY_AFTER_S: Final = 1


def too_many_operations(limit: int) -> dict[str, Any]:
    """Give the GraphQL error for one operation more than a socket may run."""
    return {
        "message": f"This socket runs {limit} operations, the most it may; complete one first.",
        "extensions": {"code": "RATE_LIMITED", "retryAfter": _RETRY_AFTER_S},
    }


def login_ended(reason: str) -> dict[str, Any]:
    """Give the GraphQL error for a stream that outlived the right to it."""
    return {"message": f"{reason}. Log in again.", "extensions": {"code": "UNAUTHENTICATED"}}
