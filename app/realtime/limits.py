"""What one socket may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """Limits of one socket or event stream.

    Args:
        operation_count: Most operations that run at a time.
        init_timeout_s: How long the server waits for `connection_init`.
        keep_alive_s: Between two signs of life; less than 20, because GraphQL Playground connects
            anew after 20 s without one.
        send_timeout_s: How long a frame may wait for a client that does not read.
    """

    operation_count: int = 100
    init_timeout_s: float = 5.0
    keep_alive_s: float = 6.5
    send_timeout_s: float = 7.0
