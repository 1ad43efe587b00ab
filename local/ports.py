"""TCP ports on 127.0.0.1: who has them, which are free."""

import socket


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that nothing listens on."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
