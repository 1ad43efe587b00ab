"""Nothing but the Internet is open to all, whichever Python says so."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.addresses import CLOSED, IpAddress, is_open_to_all

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("93.184.216.34", True),
        ("1.1.1.1", True),
        ("192.0.1.255", True),
        ("223.255.255.255", True),
        ("2606:2800:220:1::1", True),
        ("2001:4860:4860::8888", True),
        ("::ffff:93.184.216.34", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("192.0.0.9", False),
        ("192.0.0.170", False),
        ("192.88.99.1", False),
        ("198.18.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - an address to refuse
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::7f00:1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("feff::1", False),
        ("ff0e::1", False),
        ("100::1", False),
        ("100:0:0:1::1", False),
        ("5f00::1", False),
        ("4000::1", False),
        ("3fff::1", False),
        ("3fff:fff::1", False),
        ("2001:2::1", False),
        ("2001:10::1", False),
        ("2001:db8::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:0:7f00:1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
    ],
)
def test_only_addresses_of_the_internet_are_open(address: str, is_open: bool) -> None:
    assert is_open_to_all(ipaddress.ip_address(address)) is is_open


@pytest.mark.parametrize("network", CLOSED, ids=str)
def test_what_is_closed_is_so_from_the_first_address_to_the_last(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> None:
    assert not is_open_to_all(network[0])
    assert not is_open_to_all(network[-1])


@given(st.ip_addresses())
def test_what_this_python_calls_special_is_closed(address: IpAddress) -> None:
    """Pythons differ in what they know; none of them knows of more than is closed here."""
    is_mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped
    if not address.is_global or address.is_multicast or (address.is_reserved and not is_mapped):
        assert is_mapped or not is_open_to_all(address)
