"""Keeps webhooks from reaching what is not public: checks each address and connects to no other.

A host name is resolved once, every address of the answer is checked, and the connection goes to a checked
address, so an answer that changes afterwards changes nothing. Knows nothing of HTTP or events.
"""

import socket
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

Resolve = Callable[..., list[tuple[Any, ...]]]

# IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast (RFC 5771), reserved (RFC 1112). A table
# of our own, since `ipaddress.is_global` differs between versions of Python and misses some of these.
REFUSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # public by number, yet the inside of one cloud: its host's control channel
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Only global unicast (RFC 4291) is left, so loopback, link-local, unique local, multicast, IPv4-mapped,
# IPv4-compatible and NAT64 addresses fall out; within it, what embeds an IPv4 address or is special.
GLOBAL_V6 = IPv6Network("2000::/3")
REFUSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, among them Teredo
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
# ISATAP (RFC 5214) embeds an IPv4 address behind one of these in the lower half of any prefix.
ISATAP_MARKS = (0x0000_5EFE, 0x0200_5EFE)


class AddressRefused(Exception):
    """The host is or resolves to an address that is not public."""


def is_public(address: str) -> bool:
    """True when this IP address (a zone such as %eth0 is ignored) may be reached by a webhook."""
    ip = ip_address(address.partition("%")[0])
    if ip.version == 4:
        return not any(ip in network for network in REFUSED_V4)
    embeds_isatap = (int(ip) >> 32 & 0xFFFF_FFFF) in ISATAP_MARKS
    return ip in GLOBAL_V6 and not embeds_isatap and not any(ip in network for network in REFUSED_V6)


def resolve_checked(
    host: str, port: int, *, allow_private: bool, resolve: Resolve = socket.getaddrinfo
) -> list[tuple[Any, ...]]:
    """The answer of one resolution, in the form of `socket.getaddrinfo`.

    Raises AddressRefused when any address of the answer is not public (unless `allow_private`), since a
    mixed answer is how a guard is tricked; OSError when the host cannot be resolved.
    """
    answer = resolve(host, port, type=socket.SOCK_STREAM)
    if not answer:
        raise OSError("no address")
    if not allow_private and not all(is_public(found[4][0]) for found in answer):
        raise AddressRefused
    return answer


def connect_to_any(answer: Iterable[tuple[Any, ...]], deadline: float) -> socket.socket:
    """A connection to the first address of the answer that takes one, before `deadline` (`time.monotonic`).

    Nothing is resolved here. Raises OSError, TimeoutError among it, when none takes a connection.
    """
    failure: OSError = TimeoutError()
    for family, kind, protocol, _, address in answer:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(left)
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = error
        else:
            return connection
    raise failure
