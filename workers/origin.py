"""The request that a message follows from: its id travels in the message's headers."""

from collections.abc import Mapping
from typing import Any, Final

_HEADER: Final = "request_id"


def request_headers(request_id: str | None) -> dict[str, str]:
    """Give the headers of a message that follows from a request, if it does."""
    return {_HEADER: request_id} if request_id else {}


def request_of(headers: Mapping[str, Any] | None) -> str | None:
    """Give the request that a message names; what is no id is none."""
    named = (headers or {}).get(_HEADER)
    return named if isinstance(named, str) else None
