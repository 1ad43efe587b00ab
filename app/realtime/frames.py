"""WebSocket frames as they go over the wire, made once for all who get the same."""

from struct import Struct
from typing import Final

_FINAL_TEXT: Final = 0x81
_EXTENDED: Final = Struct(">BBH").pack
_LONG: Final = Struct(">BBQ").pack


def text_frame(payload: bytes) -> bytes:
    """Make a server's unfragmented, uncompressed text frame.

    Source: RFC 6455 section 5.2.
    """
    size = len(payload)
    if size < 126:  # noqa: PLR2004 - the numbers of the RFC
        return bytes((_FINAL_TEXT, size)) + payload
    if size < 1 << 16:
        return _EXTENDED(_FINAL_TEXT, 126, size) + payload
    return _LONG(_FINAL_TEXT, 127, size) + payload
