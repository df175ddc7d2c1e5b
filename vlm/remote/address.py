"""Where a remote model is: `openai:URL#MODEL`, and whether photographs may go there in plain text."""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from vlm.errors import RemoteUnavailable, UnknownModel

FORM = "openai:http://HOST:PORT/v1#MODEL"
Reach = Literal["loopback", "private", "public"]


@dataclass(frozen=True)
class Address:
    """The server's base URL without a slash at its end, and the model's name as the server knows it."""

    url: str
    model: str

    @classmethod
    def from_reference(cls, reference: str) -> "Address":
        """Raises `UnknownModel` for a reference of another form."""
        url, _, model = reference.partition(":")[2].partition("#")
        try:
            parts = urlsplit(url)
            sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound or parts.query or not model:
            raise UnknownModel(f"a remote model is given as {FORM}; this reference has another form")
        if parts.username or parts.password:
            raise UnknownModel(
                "the URL of a remote model holds a user or password: set VLM_REMOTE_KEY instead"
            )
        return cls(url.rstrip("/"), model)

    @property
    def is_plain(self) -> bool:
        """True where nothing on the way is encrypted."""
        return urlsplit(self.url).scheme == "http"

    def reach(self) -> Reach:
        """How far away the host is, by all addresses that its name has now. Raises `RemoteUnavailable`."""
        parts = urlsplit(self.url)
        try:
            answer = socket.getaddrinfo(parts.hostname, parts.port or 80, type=socket.SOCK_STREAM)
        except OSError:
            raise RemoteUnavailable(f"{self.url}: the host's name has no address") from None
        addresses = [ipaddress.ip_address(str(found[4][0]).partition("%")[0]) for found in answer]
        if all(address.is_loopback for address in addresses):
            return "loopback"
        return "private" if all(map(_is_private, addresses)) else "public"


def _is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.is_loopback or any(
        address in network for network in PRIVATE if network.version == address.version
    )


# RFC 1918, RFC 6598 excluded: shared address space of carriers is nobody's own network. RFC 4193, RFC 4291.
PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "169.254.0.0/16",
        "fc00::/7",
        "fe80::/10",
    )
)
