"""Why a socket ends."""

from enum import IntEnum
from typing import Final

_REASON_BYTES: Final = 123


class CloseCode(IntEnum):
    """Codes of a close frame.

    Source: RFC 6455 section 7.4.1 (below 4000), graphql-ws PROTOCOL.md (from 4000).
    """

    NORMAL = 1000
    INTERNAL_ERROR = 1011
    TRY_AGAIN_LATER = 1013
    BAD_REQUEST = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL_NOT_ACCEPTABLE = 4406
    CONNECTION_INIT_TIMEOUT = 4408
    SUBSCRIBER_ALREADY_EXISTS = 4409
    TOO_MANY_INIT_REQUESTS = 4429


class SocketEnd(Exception):  # noqa: N818 - an end, not always an error
    """The socket ends; everything that runs on it ends with it."""


class Closing(SocketEnd):
    """We close it.

    Args:
        code: What the client's program is told.
        reason: What its author is told.
    """

    def __init__(self, code: CloseCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class ClientGone(SocketEnd):
    """The client has left."""


class ClientStalled(SocketEnd):
    """The client does not read what we send."""


def fit_reason(reason: str) -> str:
    """Cut a reason to the bytes that a close frame has room for.

    Source: RFC 6455 section 5.5.
    """
    return reason.encode()[:_REASON_BYTES].decode(errors="ignore")
