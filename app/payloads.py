"""Mutation payloads: what a user can mend is data beside the result, not an error."""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, Final

from app.context import Info
from graph.errors import (
    Conflict,
    Forbidden,
    GraphError,
    InvalidCredentials,
    InvalidInput,
    NotFound,
)

_CODES: Final[dict[type[GraphError], str]] = {
    InvalidInput: "VALIDATION",
    NotFound: "NOT_FOUND",
    Forbidden: "FORBIDDEN",
    Conflict: "CONFLICT",
    InvalidCredentials: "INVALID_CREDENTIALS",
}

Payload = dict[str, Any]
Resolver = Callable[..., Awaitable[Payload]]


def payload(resolver: Resolver) -> Resolver:
    """Make a mutation's resolver answer with `userErrors` for what a user can mend."""

    @wraps(resolver)
    async def resolve(root: Any, info: Info, **arguments: Any) -> Payload:
        try:
            return {**await resolver(root, info, **arguments), "user_errors": []}
        except tuple(_CODES) as error:
            within = ("input",) if "input" in arguments else ()
            return {"user_errors": [_user_error(error, within)]}

    return resolve


def _user_error(error: GraphError, within: tuple[str, ...]) -> Payload:
    path = [*within, *error.path] if error.path else None
    return {"message": error.message, "code": _CODES[type(error)], "path": path}
