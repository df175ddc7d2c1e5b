"""Where the model looked is shown to the clinician who holds the case, and to nobody else."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Assessment, Case, SaliencyMap
from review.wording import prediction_set_in_words, signals_in_words
from tests.factories import make_image
from tests.review.conftest import ApiClient

Waiting = Callable[..., Case]
OVERLAY = b"\x89PNG drawn by the test"


@pytest.fixture
def overlaid(session: Session, waiting: Waiting) -> Case:
    """A waiting case with two photographs, of which the second has an overlay."""
    case = waiting()
    for position in range(2):
        make_image(session, case, sha256=str(position) * 64, position=position)
    assessment = session.scalars(select(Assessment)).one()
    assessment.signals = {"entropy": 0.4, "disagreement": None, "image_dependence": 0.01}
    session.add(SaliencyMap(assessment_id=assessment.id, position=1, png=OVERLAY))
    session.commit()
    return case


def test_the_holder_gets_the_overlay_of_the_photograph_that_has_one(api: ApiClient, overlaid: Case) -> None:
    without, with_one = api.claim()["case"]["photographs"]
    assert without["saliency"] is None
    answer = api.get(with_one["saliency"])
    assert (answer.status_code, answer.mimetype, answer.data) == (200, "image/png", OVERLAY)
    assert answer.headers["Cache-Control"] == "no-store"
    address = without["href"].partition("?")[0]
    assert api.get(f"{address}/saliency").status_code == 404


def test_the_numbers_behind_the_flags_are_told(api: ApiClient, overlaid: Case) -> None:
    told = api.claim()["case"]["ai_result"]["signals"]
    assert told == {"entropy": 0.4, "disagreement": None, "image_dependence": 0.01}


def test_a_prediction_set_is_told_beside_the_numbers_and_in_words(
    api: ApiClient, overlaid: Case, session: Session
) -> None:
    assessment = session.scalars(select(Assessment)).one()
    assessment.signals = {**assessment.signals, "prediction_set": ["mpox", "chickenpox"], "coverage": 0.9}
    session.commit()
    told = api.claim()["case"]["ai_result"]
    assert (told["prediction_set"], told["coverage"]) == (["mpox", "chickenpox"], 0.9)
    assert set(told["signals"]) == {"entropy", "disagreement", "image_dependence"}


def test_a_result_without_a_prediction_set_tells_none(api: ApiClient, overlaid: Case) -> None:
    told = api.claim()["case"]["ai_result"]
    assert (told["prediction_set"], told["coverage"]) == (None, None)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([], "none of the ten conditions"),
        (["mpox"], "mpox"),
        (["mpox", "chickenpox"], "mpox or chickenpox"),
        (["mpox", "nev", "healthy"], "mpox, naevus or healthy skin"),
    ],
)
def test_a_prediction_set_is_said_in_words(members: list[str], words: str) -> None:
    said = prediction_set_in_words({"prediction_set": members, "coverage": 0.9})
    assert said == f"With 90 % coverage: {words}."
    assert prediction_set_in_words({"entropy": 0.4}) is None


def test_nobody_else_gets_it(
    api: ApiClient,
    other_api: ApiClient,
    client: FlaskClient,
    overlaid: Case,
    end_lease: Callable[[UUID], None],
) -> None:
    address = api.claim()["case"]["photographs"][1]["saliency"]
    assert client.get(address).status_code == 401
    assert other_api.get(address).status_code == 404
    page = client.get(address.replace("/v1/reviews", "/review/cases"))
    assert (page.status_code, "sign-in" in page.headers.get("Location", "")) == (302, True)
    end_lease(overlaid.id)
    assert api.get(address).status_code == 409


def test_numbers_are_said_in_words_and_what_was_not_measured_is_not_said() -> None:
    said = signals_in_words({"entropy": 0.9, "disagreement": None, "image_dependence": 0.01})
    assert said == [
        "The findings hardly change without the photograph (0.01).",
        "The probabilities are spread over many conditions (0.90).",
    ]
    assert signals_in_words({"disagreement": 1.0}) == ["The two parts of the model disagree (1.00)."]
