"""Scalars, and how the type of an abstract field is told."""

from datetime import UTC, datetime
from typing import Any, Final

from ariadne import InterfaceType, ScalarType
from graphql import GraphQLError

from graph.ids import Prefix

_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Later ones could not be rounded up and still be written."""

date_time = ScalarType("DateTime")
subject = InterfaceType("Subject")
node = InterfaceType("Node")


@date_time.serializer
def serialize_date_time(at_ms: int) -> str:
    """Give milliseconds since 1970 UTC as RFC 3339."""
    instant = datetime.fromtimestamp(at_ms / 1000, UTC)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"


@date_time.value_parser
def parse_date_time(value: Any) -> int:
    """Give an RFC 3339 instant as milliseconds since 1970 UTC.

    Raises:
        GraphQLError: It is none, or does not say its offset from UTC.
    """
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None:
        raise GraphQLError(f"{value!r} is no instant; write it as 2026-01-31T12:00:00.000Z.")
    if instant > _LATEST:
        raise GraphQLError(f"{value!r} is too late; give an instant before the year 9999.")
    return round(instant.timestamp() * 1000)


_TYPES = {
    Prefix.POST: "Post",
    Prefix.COMMENT: "Comment",
    Prefix.USER: "User",
    Prefix.MEDIA: "Media",
    Prefix.NOTIFICATION: "Notification",
    Prefix.REPORT: "Report",
}


@subject.type_resolver
@node.type_resolver
def resolve_type(row: dict[str, Any], *_: Any) -> str:
    """Tell a row's type by the prefix of its id."""
    return _TYPES[Prefix(row["id"][:2])]


BINDABLES = [date_time, subject, node]
