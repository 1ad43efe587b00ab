import socket

import pytest

from local.errors import LocalError
from local.ports import check_ports, free_ports

pytestmark = pytest.mark.unit


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(3)
    assert len(set(ports)) == 3
    check_ports({str(port): port for port in ports})


def test_a_port_in_use_is_named_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(LocalError, match=rf"Port {port} .*in use.* NEXUS_HTTP_PORT"):
            check_ports({"NEXUS_HTTP_PORT": port})


def test_two_settings_with_one_port_are_refused() -> None:
    [port] = free_ports(1)
    with pytest.raises(LocalError, match="A, B must be different"):
        check_ports({"A": port, "B": port})
