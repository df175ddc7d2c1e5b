"""A cookie that tells in which browsers a person signed in before; their attempts are counted for themselves.

It opens nothing. It holds a random name of the browser, and for each of the last persons a signature over
that name and theirs, so that it tells nobody who they are and cannot be made for another person.
"""

import re
import secrets

from flask import Response, current_app, request
from itsdangerous import Signer

from review.failed_sign_ins import BROWSER, Attempt, origin_of

BROWSER_COOKIE = "dermtriage_browser"
PERSONS = 8
NAME = re.compile(r"[\w-]{16}", flags=re.ASCII)
LASTS_S = 180 * 86_400


def attempt_of(who: bytes) -> Attempt:
    """An attempt to be this person, made by the present request."""
    name, signatures = _read()
    if any(_signer().verify_signature(_message(name, who), signature) for signature in signatures):
        return Attempt(who, f"{BROWSER}{name}")
    return Attempt(who, origin_of(request.remote_addr or ""))


def remember_browser(response: Response, *persons: bytes) -> None:
    """This browser is known for the person from now on, under each name by which attempts are counted."""
    name, signatures = _read()
    name = name or secrets.token_urlsafe(12)
    new = [_signer().get_signature(_message(name, who)).decode() for who in persons]
    kept = [*new, *(each for each in signatures if each not in new)][: PERSONS * len(persons)]
    response.set_cookie(
        BROWSER_COOKIE,
        ".".join([name, *kept]),
        max_age=LASTS_S,
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
        path="/review",
    )


def _read() -> tuple[str, list[str]]:
    name, *signatures = request.cookies.get(BROWSER_COOKIE, "").split(".")
    return (name, signatures) if NAME.fullmatch(name) else ("", [])


def _message(name: str, who: bytes) -> str:
    return f"{name} {who.hex()}"


def _signer() -> Signer:
    return Signer(current_app.secret_key or "", salt="known browser", key_derivation="hmac")
