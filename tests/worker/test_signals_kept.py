"""What is measured beside the findings is kept with the assessment, and leaves with the case."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Assessment, Case, SaliencyMap
from tests.worker.conftest import MakePipeline, PlaceCase

OVERLAY = b"\x89PNG drawn by the test"


@pytest.fixture
def kept(session: Session, place_case: PlaceCase, make_pipeline: MakePipeline) -> Assessment:
    """The assessment of a case whose second photograph alone has an overlay."""
    place_case()
    pipeline = make_pipeline()
    batch = pipeline.load()
    assert batch
    result = pipeline.compute(batch)
    (read,) = result.read
    measured = {"saliency": (None, OVERLAY), "image_dependence": 0.25}
    result.read = [replace(read, findings=read.findings.model_copy(update=measured))]
    pipeline.commit(result)
    return session.scalars(select(Assessment)).one()


def test_the_numbers_behind_the_flags_are_kept(kept: Assessment) -> None:
    assert set(kept.signals) == {"entropy", "disagreement", "image_dependence"}
    assert kept.signals["image_dependence"] == 0.25
    assert kept.signals["disagreement"] == 0, "the simulated model has one view"
    assert 0 < kept.signals["entropy"] <= 1


def test_an_overlay_is_kept_for_each_photograph_that_has_one(kept: Assessment, session: Session) -> None:
    (row,) = session.scalars(select(SaliencyMap))
    assert (row.assessment_id, row.position, row.png) == (kept.id, 1, OVERLAY)


def test_an_erased_case_leaves_no_overlay(kept: Assessment, session: Session) -> None:
    case = session.get(Case, kept.case_id)
    session.delete(case)
    session.commit()
    assert session.scalars(select(SaliencyMap)).all() == []


def test_a_prediction_set_is_kept_with_its_coverage(
    session: Session, place_case: PlaceCase, make_pipeline: MakePipeline
) -> None:
    place_case()
    pipeline = make_pipeline()
    batch = pipeline.load()
    assert batch
    result = pipeline.compute(batch)
    (read,) = result.read
    told = {"prediction_set": ("mpox", "chickenpox"), "set_coverage": 0.9}
    result.read = [replace(read, findings=read.findings.model_copy(update=told))]
    pipeline.commit(result)
    kept = session.scalars(select(Assessment)).one()
    assert kept.signals["prediction_set"] == ["mpox", "chickenpox"]
    assert kept.signals["coverage"] == 0.9
