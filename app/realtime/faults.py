"""Faults of ours, as a client may see them."""

import logging
from typing import Any, Final
from uuid import uuid4

_logger = logging.getLogger(__name__)
_RETRY_AFTER_S: Final = 1


def masked(error: Exception) -> dict[str, Any]:
    """Log an exception and give a GraphQL error that tells only where to find it."""
    error_id = uuid4().hex
    _logger.error("An operation on a socket failed (error %s).", error_id, exc_info=error)
    extensions = {"code": "INTERNAL_SERVER_ERROR", "errorId": error_id}
    return {"message": "Internal server error.", "extensions": extensions}


def too_many_operations(limit: int) -> dict[str, Any]:
    """Give the GraphQL error for one operation more than a socket may run."""
    return {
        "message": f"This socket runs {limit} operations, the most it may; complete one first.",
        "extensions": {"code": "RATE_LIMITED", "retryAfter": _RETRY_AFTER_S},
    }
