"""The administrator's pages: who signs in, what they may do, which cases they read."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import structlog
from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Clinician, Platform
from review.own_pages import LANGUAGES
from review.pages import pages
from review.role_words import ROLE_WORDS
from web import people as persons
from web.access import clinician_id, page
from web.grants import READERS, ROLES
from web.person import Person, person_from
from web.problem import Problem, conflict, not_found
from web.services import services

log = structlog.get_logger(__name__)


@pages.get("/people")
@page
def people() -> ResponseReturnValue:
    """Everybody, by address."""
    with services().sessions() as session:
        found = session.scalars(
            select(Clinician).order_by(Clinician.disabled_at.is_not(None), Clinician.email)
        )
        rows = [(each, persons.as_person(session, each)) for each in found]
    return render_template("review/people.html", rows=rows, role_words=ROLE_WORDS, readers=READERS)


@pages.get("/people/new")
@page
def new_person() -> ResponseReturnValue:
    """An empty form."""
    return _form(None, Person.model_construct(email="", name="").model_dump())


@pages.post("/people/new")
@page
def add_person() -> ResponseReturnValue:
    """Add a person with a password that is shown this once."""
    given, password = _given(), persons.made_up_password()
    try:
        person = person_from(given)
        with services().sessions.begin() as session:
            added = persons.add_person(session, person, password)
    except Problem as problem:
        return _form(None, given, problem)
    _log(added.id)
    return _password_shown(person.email, password)


@pages.get("/people/<uuid:person_id>")
@page
def person(person_id: UUID) -> ResponseReturnValue:
    """What a person may do, to be changed."""
    with services().sessions() as session:
        found = _found(session, person_id)
        return _form(found, persons.as_person(session, found).model_dump())


@pages.post("/people/<uuid:person_id>")
@page
def change_person(person_id: UUID) -> ResponseReturnValue:
    """Store the form; another role signs the person out everywhere."""
    given = _given()
    with services().sessions() as session:
        found = _found(session, person_id)
        given["email"] = found.email
        if person_id == clinician_id() and given["role"] != found.role:
            return _form(found, given, conflict(gettext("Another administrator changes your role, not you.")))
        try:
            persons.change_person(session, found, person_from(given))
        except Problem as problem:
            session.rollback()
            return _form(_found(session, person_id), given, problem)
        session.commit()
    _log(person_id)
    flash(gettext("%(email)s is changed.", email=given["email"]))
    return redirect(url_for("review_pages.people"))


@pages.post("/people/<uuid:person_id>/disable")
@page
def disable_person(person_id: UUID) -> ResponseReturnValue:
    """Sign the person out everywhere and let them in no more."""
    if person_id == clinician_id():
        flash(gettext("Another administrator disables you, not you."))
        return redirect(url_for("review_pages.people"))
    return _done(person_id, persons.disable, gettext("The person is disabled and signed out everywhere."))


@pages.post("/people/<uuid:person_id>/enable")
@page
def enable_person(person_id: UUID) -> ResponseReturnValue:
    """Let a disabled person in again."""
    return _done(person_id, persons.enable, gettext("The person may sign in again."))


@pages.post("/people/<uuid:person_id>/reset-second-factor")
@page
def reset_second_factor(person_id: UUID) -> ResponseReturnValue:
    """For a person who lost their authenticator."""
    done = gettext("The second factor is reset: the password is enough until it is set up again.")
    return _done(person_id, persons.reset_second_factor, done)


@pages.post("/people/<uuid:person_id>/reset-password")
@page
def reset_password(person_id: UUID) -> ResponseReturnValue:
    """A new password, shown this once; it signs the person out everywhere."""
    password = persons.made_up_password()
    with services().sessions.begin() as session:
        found = _found(session, person_id)
        persons.set_password(session, found, password)
    _log(person_id)
    return _password_shown(found.email, password)


def _done(person_id: UUID, what: Callable[[Session, Clinician], None], message: str) -> ResponseReturnValue:
    with services().sessions.begin() as session:
        what(session, _found(session, person_id))
    _log(person_id)
    flash(message)
    return redirect(url_for("review_pages.people"))


def _log(person_id: UUID) -> None:
    """Who changed whom, and how; what was changed stands in the database."""
    log.info("person_changed", how=request.endpoint, person=str(person_id), by=str(clinician_id()))


def _found(session: Session, person_id: UUID) -> Clinician:
    found = session.get(Clinician, person_id, with_for_update=request.method == "POST")
    if found is None:
        raise not_found("No person")
    return found


def _given() -> dict[str, Any]:
    """The form's fields. Regions and languages are typed with commas or spaces between them."""
    form = request.form
    return {
        **{name: form.get(name, "") for name in ("email", "name", "role", "locale")},
        "all_platforms": form.get("all_platforms") == "yes",
        "platforms": form.getlist("platforms"),
        "regions": form.get("regions", "").upper().replace(",", " ").split(),
        "languages": form.get("languages", "").lower().replace(",", " ").split(),
    }


def _form(
    found: Clinician | None, given: dict[str, Any], problem: Problem | None = None
) -> ResponseReturnValue:
    with services().sessions() as session:
        platforms = list(session.scalars(select(Platform.name).order_by(Platform.name)))
    return make_response(
        render_template(
            "review/person.html",
            found=found,
            given=given,
            platforms=platforms,
            roles=ROLES,
            role_words=ROLE_WORDS,
            languages=LANGUAGES,
            me=clinician_id(),
            problem=problem,
        ),
        problem.status if problem else 200,
    )


def _password_shown(email: str, password: str) -> ResponseReturnValue:
    return render_template("review/new_password.html", email=email, password=password)
