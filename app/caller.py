"""Who a request comes from, by its token."""

from app.errors import Unauthenticated
from app.tokens import Access, Tokens
from graph.viewer import Viewer


def find_caller(authorization: str | None, tokens: Tokens) -> Viewer | Unauthenticated | None:
    """Tell who asks, from an `Authorization` header.

    A token that is no good is told only when something needs it: who trades an expired one for a
    fresh one may well send it along.
    """
    access = find_access(authorization, tokens)
    return access.viewer if isinstance(access, Access) else access


def find_access(authorization: str | None, tokens: Tokens) -> Access | Unauthenticated | None:
    """Tell who asks and until when they may, from an `Authorization` header."""
    if not authorization:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        return Unauthenticated("The `Authorization` header is not `Bearer <token>`.")
    try:
        return tokens.read_access(token.strip())
    except Unauthenticated as error:
        return error
