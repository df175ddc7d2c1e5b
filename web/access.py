"""Who may call a route. Each view declares it; what declares nothing is refused.

The check runs before the body is read, so a stranger learns nothing from validation errors. The API takes
a bearer token and never a cookie (no forged cross-site request can use it); pages take the cookie.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, TypeVar, get_args
from uuid import UUID

from flask import current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, or_, select

from db.ids import now
from db.models import ApiKey, Clinician, ClinicianSession
from web.grants import GRANTED, Role
from web.problem import forbidden, not_found, unauthorized
from web.services import services

Scope = Literal[
    "cases:write", "cases:read", "cases:preliminary", "cases:erase", "webhooks:manage", "surveillance:read"
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
LOCALES = ("en", "fr")
SESSION_COOKIE = "dermtriage_session"

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
    found = caller_by_session(request.cookies.get(SESSION_COOKIE, ""))
    if found is None:
        return redirect(url_for("review_pages.sign_in", next=request.path))
    g.caller = found
    _check_role(found)
    return None


def _check_role(found: Caller) -> None:
    if found.role not in GRANTED.get(request.endpoint or "", ()):
        raise forbidden(f"This is not open to the role {found.role}. Ask your administrator.")


def _bearer() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise unauthorized("Send the header Authorization: Bearer, followed by the key or session token.")
    return token.strip()


def _caller_by_bearer(token: str) -> Caller:
    found = caller_by_session(token) if token.startswith("dts_") else _caller_by_key(token)
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


def caller_by_session(token: str) -> Caller | None:
    """The clinician who holds this session token, while it is valid."""
    with services().sessions() as session:
        row = session.execute(
            select(
                Clinician.id,
                Clinician.name,
                Clinician.role,
                Clinician.locale,
                ClinicianSession.id.label("session_id"),
            )
            .join(ClinicianSession, ClinicianSession.clinician_id == Clinician.id)
            .where(
                ClinicianSession.token_sha256 == sha256(token.encode()).digest(),
                ClinicianSession.revoked_at.is_(None),
                ClinicianSession.expires_at > now(),
                Clinician.disabled_at.is_(None),
            )
        ).first()
    if row is None:
        return None
    return Caller(
        clinician_id=row.id,
        clinician_name=row.name,
        role=row.role,
        locale=row.locale,
        session_id=row.session_id,
    )
