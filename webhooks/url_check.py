"""What an endpoint's URL must look like. Where its host leads is the matter of the address guard."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

LONGEST = 2048
# One reading only: no white space, no backslash, nothing beyond ASCII, so no two parsers see two hosts.
PLAIN = re.compile(r"[!-\[\]-~]+")
HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
DEFAULT_PORTS = {"http": 80, "https": 443}


class UrlRefused(ValueError):
    """The URL cannot be an endpoint; the text says why and what to do."""


class Target(NamedTuple):
    """An endpoint's URL taken apart: `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str


def parse_url(url: str, *, allow_http: bool) -> Target:
    """Take an endpoint's URL apart.

    Raises UrlRefused for another scheme than https (or http where `allow_http`), credentials, fragments,
    and whatever could be read in two ways.
    """
    if len(url) > LONGEST or not PLAIN.fullmatch(url):
        raise UrlRefused(
            f"Use at most {LONGEST} characters of printable ASCII without spaces or backslashes; "
            "write an international host name as xn--..."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UrlRefused("The host or port cannot be read. Write https://host/path.") from None
    schemes = ("https", "http") if allow_http else ("https",)
    if parts.scheme not in schemes:
        raise UrlRefused("Use https: events are sent over encrypted connections only.")
    if "@" in parts.netloc or parts.fragment:
        raise UrlRefused("Leave out user names, passwords and fragments; signatures prove the sender.")
    if not HOST.fullmatch(host) or port == 0:
        raise UrlRefused("The host or port cannot be used. Write https://host/path.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme], path)
