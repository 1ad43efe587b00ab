"""How errors leave the API: a code for programs, a sentence for people, nothing of our inside."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

from graphql import GraphQLError

from graph.errors import Forbidden, GraphError, InvalidInput, SessionEnded, Unavailable

_logger = logging.getLogger(__name__)


class ApiError(Exception):
    """An error with a code of its own.

    Args:
        message: What was wrong and what to do.
    """

    code = "BAD_USER_INPUT"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    @property
    def extensions(self) -> dict[str, Any]:
        """What programs read of it."""
        return {"code": self.code}


class Unauthenticated(ApiError):  # noqa: N818 - named for what it says
    """Nobody is logged in, or the token is no good."""

    code = "UNAUTHENTICATED"


class LacksRole(ApiError):  # noqa: N818
    """The account's role does not allow it."""

    code = "FORBIDDEN"


class RateLimited(ApiError):  # noqa: N818
    """Somebody asked too often.

    Args:
        message: What was wrong and what to do.
        retry_after_s: When to try again, in seconds from now.
    """

    code = "RATE_LIMITED"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

    @property
    def extensions(self) -> dict[str, Any]:
        """What programs read of it: when to try again, too."""
        return {"code": self.code, "retryAfter": self.retry_after_s}


@contextmanager
def as_fault_of_query() -> Generator[None]:
    """Tell of bad input as of a fault of the program, not as of what a user can mend.

    Raises:
        ApiError: In the place of `InvalidInput`.
    """
    try:
        yield
    except InvalidInput as error:
        raise ApiError(error.message) from error


_CODES: Final[dict[type[GraphError], str]] = {
    SessionEnded: "UNAUTHENTICATED",
    Forbidden: "FORBIDDEN",
    Unavailable: "SERVICE_UNAVAILABLE",
}


def format_error(error: GraphQLError) -> dict[str, Any]:
    """Give an error as it is sent: with `extensions.code`, faults of ours masked and logged."""
    cause = error.original_error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    formatted: dict[str, Any] = dict(error.formatted)
    extensions: dict[str, Any] = dict(formatted.get("extensions") or {})
    if cause is None or isinstance(cause, GraphQLError):
        extensions.setdefault("code", "BAD_USER_INPUT")
    elif isinstance(cause, ApiError):
        formatted["message"] = cause.message
        extensions |= cause.extensions
    elif isinstance(cause, GraphError):
        formatted["message"] = cause.message
        extensions["code"] = _CODES.get(type(cause), "BAD_USER_INPUT")
    else:
        return {**formatted, **masked(cause, formatted.get("path"))}
    return {**formatted, "extensions": extensions}


def masked(cause: BaseException, path: Any = None) -> dict[str, Any]:
    """Log a fault of ours, and give the message and extensions that tell where to find it."""
    error_id = uuid4().hex
    _logger.error("An operation failed (error %s) at %s.", error_id, path, exc_info=cause)
    message = f"Something went wrong on our side. Tell us the error id {error_id}."
    return {
        "message": message,
        "extensions": {"code": "INTERNAL_SERVER_ERROR", "errorId": error_id},
    }


def coded(error: GraphQLError, code: str) -> dict[str, Any]:
    """Give an error of a request that was not executed."""
    return {**error.formatted, "extensions": {**(error.extensions or {}), "code": code}}
