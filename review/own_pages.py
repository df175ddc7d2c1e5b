"""A person's own page: password, language of the pages, second factor."""

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import update
from sqlalchemy.orm import Session

from db.ids import now
from db.models import Clinician
from review.blueprint import settings
from review.failed_sign_ins import who_is_meant
from review.known_browser import remember_browser
from review.pages import pages
from review.role_words import ROLE_WORDS
from review.sign_in import WRONG_CODE, check_password
from web import second_factor as factor
from web.access import LOCALES, caller, clinician_id, page
from web.navigation import first_page
from web.page_cookie import SESSION_COOKIE, set_session_cookie
from web.people import SHORTEST_PASSWORD, set_password
from web.problem import Problem
from web.services import services
from web.sessions import end_all_sessions, raise_session

LANGUAGES = {"en": "English", "fr": "Français"}


@pages.get("/me")
@page
def me() -> ResponseReturnValue:
    """What a person may change about themselves."""
    return _own_page(200)


@pages.post("/me/password")
@page
def change_password() -> ResponseReturnValue:
    """A new password, after the old one; it signs the person out everywhere."""
    form = request.form
    if form.get("password", "") != form.get("again", ""):
        return _own_page(422, gettext("The new password was not typed twice alike. Type it again."))
    try:
        limit = settings().review_failed_sign_ins
        check_password(services().sessions, g.open_session.email, form.get("present", "")[:1024], limit)
        with services().sessions.begin() as session:
            set_password(session, _myself(session), form.get("password", ""))
    except Problem as problem:
        return _own_page(problem.status, problem.detail)
    flash(gettext("Your password is changed, and you are signed out everywhere. Sign in with the new one."))
    answer = make_response(redirect(url_for("review_pages.sign_in")))
    answer.delete_cookie(SESSION_COOKIE)
    return answer


@pages.post("/me/locale")
@page
def change_locale() -> ResponseReturnValue:
    """Another language of the pages."""
    wanted = request.form.get("locale", "")
    if wanted in LOCALES:
        with services().sessions.begin() as session:
            session.execute(update(Clinician).where(Clinician.id == clinician_id()).values(locale=wanted))
    return redirect(url_for("review_pages.me"))


@pages.get("/me/second-factor")
@page
def second_factor() -> ResponseReturnValue:
    """Set up the second factor: begin, then read the QR code and confirm with a first code."""
    return _enrolment(200)


@pages.post("/me/second-factor")
@page
def begin_second_factor() -> ResponseReturnValue:
    """Make a new secret for a person who has none that counts."""
    with services().sessions.begin() as session:
        factor.begin(session, clinician_id())
    return redirect(url_for("review_pages.second_factor"))


@pages.post("/me/second-factor/confirm")
@page
def confirm_second_factor() -> ResponseReturnValue:
    """A code from the new secret: this session goes on under a new token, the person's others end."""
    found, at = g.open_session, now()
    with services().sessions.begin() as session:
        confirmed = factor.confirm(session, found.clinician_id, request.form.get("code", "")[:16], at)
        if confirmed:
            end_all_sessions(session, found.clinician_id, but=found.id)
            token = raise_session(session, found.id, found.expires_at)
    if not confirmed:
        return _enrolment(401, str(WRONG_CODE))
    flash(gettext("Your second factor is set up. From now on you need a code to sign in."))
    answer = make_response(redirect(url_for("review_pages.home")))
    set_session_cookie(answer, token, found.expires_at)
    remember_browser(answer, who_is_meant(found.email), who_is_meant(found.email, "code"))
    return answer


def _own_page(status: int, error: str = "") -> ResponseReturnValue:
    return make_response(
        render_template(
            "review/me.html",
            person=g.open_session,
            role=ROLE_WORDS[g.open_session.role],
            languages=LANGUAGES,
            locale=caller().locale,
            shortest=SHORTEST_PASSWORD,
            error=error,
        ),
        status,
    )


def _enrolment(status: int, error: str = "") -> ResponseReturnValue:
    if g.open_session.has_second_factor:
        return redirect(first_page())
    with services().sessions() as session:
        secret = _myself(session).totp_secret
    address = factor.enrolment_address(secret, g.open_session.email) if secret else ""
    return make_response(
        render_template(
            "review/second_factor.html",
            secret=secret,
            picture=factor.qr_code(address) if address else "",
            required=caller().awaits == "enrolment",
            error=error,
        ),
        status,
    )


def _myself(session: Session) -> Clinician:
    return session.get_one(Clinician, clinician_id())
