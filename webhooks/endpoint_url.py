"""Checks the URL of a new endpoint, its addresses too, so that a mistake is told at once.

The address is checked again at each attempt: what a name resolves to may change.
"""

import socket

from web.problem import FieldError, Problem, invalid
from webhooks.address_guard import AddressRefused, resolve_checked
from webhooks.url_check import UrlRefused, parse_url


def check_endpoint_url(url: str, *, allow_private: bool) -> None:
    """Raise Problem (422, naming the field and the remedy) when nothing could ever be sent to this URL."""
    try:
        target = parse_url(url, allow_http=allow_private)
        resolve_checked(target.host, target.port, allow_private=allow_private, resolve=socket.getaddrinfo)
    except UrlRefused as refused:
        raise _problem("This URL cannot be an endpoint.", str(refused)) from None
    except AddressRefused:
        raise _problem(
            "The host is or resolves to an address that is not public.",
            "Use a host that is reachable from the internet and resolves to public addresses only.",
        ) from None
    except (OSError, ValueError):
        raise _problem(
            "The host name cannot be resolved.", "Correct the host name, or wait until it is published."
        ) from None


def _problem(detail: str, remedy: str) -> Problem:
    return invalid("Please correct: url", [FieldError(field="url", detail=detail, remedy=remedy)])
