"""The cookie in which a browser keeps the token of its session, and its replacement from time to time."""

from datetime import datetime

from flask import Response, g, request

from db.ids import now
from web.services import services, web_settings
from web.sessions import PAGE, OpenSession, replace_token

SESSION_COOKIE = "dermtriage_session"


def set_session_cookie(response: Response, token: str, ends: datetime) -> None:
    """Give a browser its session's token, hidden from scripts."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int((ends - now()).total_seconds()),
        httponly=True,
        secure=request.is_secure,
        # Lax, not Strict: a link to a case in a message must find the clinician signed in. No GET changes
        # anything, and each form carries its own token.
        samesite="Lax",
    )


def replace_old_token(response: Response) -> Response:
    """After each request: with a page, a token that has grown old is replaced by a new one."""
    found: OpenSession | None = g.get("open_session")
    if found is None or response.mimetype != "text/html" or not g.session_token.startswith(f"{PAGE}_"):
        return response
    if found.is_current and found.rotated_at <= now() - web_settings().rotate_after:
        new = replace_token(services().sessions, g.session_token)
        if new:
            set_session_cookie(response, new, found.expires_at)
    return response
