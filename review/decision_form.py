"""The decision form: what a browser sends, as a request; what is wrong with it, in words."""

from typing import Any, TypeVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from review.schemas import Amendment, Body, DecisionRequest, Reveal
from web.problem import FieldError, Problem, from_validation
from web.texts import refusal_said, said

PLAIN = ("verdict", "level", "diagnosis", "reason")
LABORATORY = ("test", "result", "days_after_onset", "recent_orthopoxvirus_exposure")

FIELD_WORDS = {
    "verdict": _("Decision"),
    "level": _("Level"),
    "blind_level": _("Level"),
    "diagnosis": _("Diagnosis"),
    "blind_diagnosis": _("Diagnosis"),
    "reason": _("Reason"),
    "photographs": _("Photographs"),
    "laboratory": _("Laboratory result for mpox"),
    "second_reading": _("Second reading"),
    "to": _("To whom"),
}

Request = TypeVar("Request", bound=Body)


def decision_from(form: MultiDict[str, str]) -> DecisionRequest:
    """The form as a request; what was left empty is left out. Raises Problem 422."""
    sent = _filled_in(form, PLAIN) | _laboratory(form)
    sent["photographs"] = form.getlist("photographs")
    sent["second_reading"] = bool(form.get("second_reading"))
    return _validated(DecisionRequest, sent)


def reveal_from(form: MultiDict[str, str]) -> Reveal:
    """The form of a blind reading. Raises Problem 422."""
    return _validated(Reveal, _filled_in(form, ("blind_level", "blind_diagnosis")))


def amendment_from(form: MultiDict[str, str]) -> Amendment:
    """The form of a correction. Raises Problem 422."""
    return _validated(Amendment, _filled_in(form, ("level", "diagnosis", "reason")) | _laboratory(form))


def _filled_in(form: MultiDict[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: form[name] for name in names if form.get(name, "").strip()}


def _laboratory(form: MultiDict[str, str]) -> dict[str, Any]:
    given = {name: form[f"laboratory_{name}"] for name in LABORATORY if form.get(f"laboratory_{name}")}
    return {"laboratory": given} if "test" in given or "result" in given else {}


def _validated(model: type[Request], sent: dict[str, Any]) -> Request:
    try:
        return model.model_validate(sent)
    except ValidationError as error:
        raise from_validation(error) from error


def errors_in_words(problem: Problem) -> list[str]:
    """One line an error, for the top of the form."""
    return [_line(error) for error in problem.errors] or [refusal_said(problem.detail)]


def _line(error: FieldError) -> str:
    name = FIELD_WORDS.get(error.field.partition(".")[0].partition("[")[0], error.field)
    return str(gettext("%(field)s: %(remedy)s", field=name, remedy=said(error.remedy or error.detail)))
