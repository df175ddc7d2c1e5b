"""The decision form: what a browser sends, as a request; what is wrong with it, in words."""

from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from review.schemas import DecisionRequest
from web.problem import FieldError, Problem, from_validation

PLAIN = ("verdict", "level", "diagnosis", "reason")
LABORATORY = ("test", "result", "days_after_onset", "recent_orthopoxvirus_exposure")


def decision_from(form: MultiDict[str, str]) -> DecisionRequest:
    """The form as a request; what was left empty is left out. Raises Problem 422."""
    sent: dict[str, Any] = {name: form[name] for name in PLAIN if form.get(name, "").strip()}
    sent["photographs"] = form.getlist("photographs")
    laboratory = {name: form[f"laboratory_{name}"] for name in LABORATORY if form.get(f"laboratory_{name}")}
    if "test" in laboratory or "result" in laboratory:
        sent["laboratory"] = laboratory
    try:
        return DecisionRequest.model_validate(sent)
    except ValidationError as error:
        raise from_validation(error) from error


def errors_in_words(problem: Problem) -> list[str]:
    """One line an error, for the top of the form."""
    return [_line(error) for error in problem.errors] or [problem.detail]


def _line(error: FieldError) -> str:
    name = error.field.replace("_", " ").replace(".", ": ").capitalize()
    return f"{name}: {error.remedy or error.detail}"
