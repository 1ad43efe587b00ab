"""Tell addresses that anybody on the Internet may reach from all others."""

import ipaddress
from typing import Final

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_GLOBAL_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that is given to anybody's computers, site-local and translated addresses are not.

Source: IANA, Internet Protocol Version 6 Address Space.
"""

CLOSED: Final = tuple(
    ipaddress.ip_network(each)
    for each in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a provider's customers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays of 6to4, given up
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocols; Teredo, in which an IPv4 address is hidden
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, in which an IPv4 address is hidden
        "3fff::/20",  # documentation
    )
)
"""What is not globally reachable, or leads where nobody can see. Python's own list is not asked: it
differs from version to version.

Source: IANA, IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890), and RFC 5771, 7526, 9637.
"""


def is_open_to_all(address: IpAddress) -> bool:
    """Tell whether an address is one of the Internet's, which anybody may reach."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_open_to_all(address.ipv4_mapped)
        if address not in _GLOBAL_UNICAST:
            return False
    return not any(address in network for network in CLOSED)
