"""TCP ports on 127.0.0.1: which are free, and whether those of the settings are."""

import os
import socket
from collections.abc import Mapping

from local.errors import LocalError


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that nothing listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def check_ports(ports: Mapping[str, int]) -> None:
    """Make sure that every port can be listened on.

    Args:
        ports: by the name of the setting that chooses it.

    Raises:
        LocalError: one cannot, or two settings name the same.
    """
    for setting, port in ports.items():
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError as error:
            raise LocalError(
                f"Port {port} cannot be used ({os.strerror(error.errno or 0)}); stop what has "
                f"it, or set {setting} to another port."
            ) from error
    if len(set(ports.values())) < len(ports):
        raise LocalError(f"{', '.join(ports)} must be different ports; two of them are the same.")
