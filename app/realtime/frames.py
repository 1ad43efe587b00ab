"""WebSocket frames as they go over the wire, made once for all who get the same."""

from struct import Struct
from typing import Final

_FINAL_TEXT: Final = 0x81
_EXTENDED: Final = Struct(">BBH").pack
_LONG: Final = Struct(">BBQ").pack


def text_frame(payload: bytes, head: bytes = b"", tail: bytes = b"") -> bytes:
    """Make a server's unfragmented, uncompressed text frame.

    Args:
        payload: What all who get the same share.
        head: What comes before it.
        tail: What comes after it.

    Source: RFC 6455 section 5.2.
    """
    size = len(head) + len(payload) + len(tail)
    if size < 126:  # noqa: PLR2004 - the numbers of the RFC
        start = bytes((_FINAL_TEXT, size))
    elif size < 1 << 16:
        start = _EXTENDED(_FINAL_TEXT, 126, size)
    else:
        start = _LONG(_FINAL_TEXT, 127, size)
    return b"".join((start, head, payload, tail))
