"""Which web pages may open a socket: browsers send cookies along and ask nobody."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers


def is_trusted(headers: Headers, allowed_origins: Collection[str]) -> bool:
    """Tell whether a handshake comes from a page of ours, one named on the list, or no page at all.

    The cookies of any other page's visitors are not theirs to use, where every page may connect.

    Args:
        headers: Of the handshake.
        allowed_origins: Like `https://example.org`, without a path.
    """
    origin = headers.get("origin")
    if origin is None or origin in allowed_origins:
        return True
    return _host(origin) == headers.get("host", "").lower()


def is_allowed(headers: Headers, allowed_origins: Collection[str]) -> bool:
    """Tell whether a handshake comes from a page of ours, one on the list, or no page at all.

    Args:
        headers: Of the handshake.
        allowed_origins: Like `https://example.org`, without a path; `*` allows every page.

    Source: RFC 6455 section 10.2.
    """
    return "*" in allowed_origins or is_trusted(headers, allowed_origins)


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None
