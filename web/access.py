"""Who may call a route. Each view declares it; what declares nothing is refused.

The check runs before the body is read, so a stranger learns nothing from validation errors. The API takes
a bearer token and never a cookie (no forged cross-site request can use it); pages take the cookie. A session
that still awaits its second factor opens nothing but the pages where that is given or set up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, TypeVar, get_args
from uuid import UUID

from flask import Response, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, or_, select

from db.ids import now
from db.models import ApiKey
from web.grants import AWAITED_AT, OPEN_WHILE, UNATTENDED, Role, may_open
from web.page_cookie import SESSION_COOKIE as SESSION_COOKIE
from web.problem import forbidden, not_found, unauthorized
from web.services import services, web_settings
from web.sessions import PROGRAM, Awaits, OpenSession, find_session, remember_use
from web.texts import marked as _l

Scope = Literal[
    "cases:write", "cases:read", "cases:preliminary", "cases:erase", "webhooks:manage", "surveillance:read"
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
LOCALES = ("en", "fr")
PAGES = ("/review", "/surveillance")
NEEDS_SECOND_FACTOR = "Your role needs a second factor. Set it up on the pages: sign in at /review/sign-in."

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Access:
    """What opens a route: nothing (`public`), an API key's scope, a clinician's token, the page cookie."""

    public: bool = False
    scope: Scope | None = None
    clinician: bool = False
    page: bool = False

    def __call__(self, view: View) -> View:
        """Declare this access on a view; put it below the route's decorator."""
        view.access = self  # type: ignore[attr-defined]
        return view


public = Access(public=True)
clinician = Access(clinician=True)
page = Access(page=True)


def scope(name: Scope) -> Access:
    """A platform's API key with this scope."""
    return Access(scope=name)


@dataclass(frozen=True)
class Caller:
    """Who calls: a platform by its key, or a clinician."""

    platform_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    clinician_id: UUID | None = None
    clinician_name: str = ""
    role: Role | None = None
    locale: str = "en"
    session_id: UUID | None = None
    awaits: Awaits | None = None

    @property
    def actor(self) -> str:
        """The caller as the audit trail names it."""
        return f"platform:{self.platform_id}" if self.platform_id else f"clinician:{self.clinician_id}"


def caller() -> Caller:
    """Who makes this request; only on routes that are not public."""
    found: Caller = g.caller
    return found


def caller_locale() -> str:
    """The language of the pages: the person's own, before sign-in the browser's wish among those we have."""
    if not request.path.startswith(PAGES):
        return LOCALES[0]  # programs read English
    if "caller" in g:
        return caller().locale
    return request.accept_languages.best_match(LOCALES) or LOCALES[0]


def platform_id() -> UUID:
    """The platform that makes this request; only on routes with a scope."""
    found = caller().platform_id
    if found is None:
        raise forbidden("This needs a platform's API key.")
    return found


def clinician_id() -> UUID:
    """The clinician who makes this request; only on clinicians' routes and pages."""
    found = caller().clinician_id
    if found is None:
        raise forbidden("This needs a clinician's sign-in.")
    return found


def check_access() -> ResponseReturnValue | None:
    """Before each request: let through what the view's declaration allows."""
    if request.endpoint is None or request.endpoint.endswith("static"):
        return None
    access: Access | None = getattr(current_app.view_functions[request.endpoint], "access", None)
    if access is None:
        raise not_found()
    if access.public:
        return None
    if access.page:
        return _check_page()
    found = _caller_by_bearer(_bearer())
    if access.clinician and found.clinician_id:
        _check_second_factor(found)
        _check_role(found)
        g.caller = found
    elif access.scope and found.platform_id:
        if access.scope not in found.scopes:
            raise forbidden(f"This API key lacks the scope {access.scope}. Create a key that has it.")
        g.caller = found
    else:
        raise forbidden(
            "This credential is of another kind: keys are for platforms, sessions for clinicians."
        )
    return None


def _check_page() -> ResponseReturnValue | None:
    token = request.cookies.get(SESSION_COOKIE, "")
    found = find_session(services().sessions, token)
    if found is None or found.seen_at <= now() - web_settings().idle_limit:
        return _sent_to(url_for("review_pages.sign_in", next=request.path))
    g.session_token, g.open_session, g.caller = token, found, _person(found)
    if request.headers.get("HX-Trigger") not in UNATTENDED:
        remember_use(services().sessions, found)
    awaits = caller().awaits
    if awaits and request.endpoint not in OPEN_WHILE[awaits]:
        return redirect(url_for(AWAITED_AT[awaits], next=request.path))
    _check_role(caller())
    return None


def _sent_to(address: str) -> ResponseReturnValue:
    """A redirect; for a part of a page that is asked for anew, of the whole page that holds it."""
    if request.method == "GET" and "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def _check_second_factor(found: Caller) -> None:
    if request.endpoint == "reviews.end_session":
        return
    if found.awaits == "code":
        raise unauthorized("Sign in again, with a code of your authenticator in `code`.", field="code")
    if found.awaits == "enrolment":
        raise forbidden(NEEDS_SECOND_FACTOR)


def _check_role(found: Caller) -> None:
    if not may_open(found.role, request.endpoint or ""):
        raise forbidden(_l("This is not open to your role. Ask your administrator."))


def _bearer() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise unauthorized("Send the header Authorization: Bearer, followed by the key or session token.")
    return token.strip()


def _caller_by_bearer(token: str) -> Caller:
    found = _caller_by_session(token) if token.startswith(f"{PROGRAM}_") else _caller_by_key(token)
    if found is None:
        raise unauthorized("This key or token is unknown, revoked or expired. Ask for a new one.")
    return found


# Asked in every request of every platform, so it is put together once.
_OWNER_OF_KEY = select(ApiKey.platform_id, ApiKey.scopes).where(
    ApiKey.secret_sha256 == bindparam("secret"),
    or_(ApiKey.revoked_at.is_(None), ApiKey.revoked_at > bindparam("at")),
)


def _caller_by_key(token: str) -> Caller | None:
    asked = {"secret": sha256(token.encode()).digest(), "at": now()}
    with services().sessions() as session:
        # One statement needs no BEGIN and no ROLLBACK around it, each a round trip.
        connection = session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
        row = connection.execute(_OWNER_OF_KEY, asked).first()
    return Caller(platform_id=row.platform_id, scopes=frozenset(row.scopes)) if row else None


def _caller_by_session(token: str) -> Caller | None:
    found = find_session(services().sessions, token)
    return _person(found) if found else None


def _person(found: OpenSession) -> Caller:
    return Caller(
        clinician_id=found.clinician_id,
        clinician_name=found.name,
        role=found.role,
        locale=found.locale,
        session_id=found.id,
        awaits=found.awaits(web_settings().second_factor_roles),
    )
