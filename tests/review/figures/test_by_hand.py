"""Every figure of a random world of reviews is what plain Python makes of the raw rows."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.models import ModelVersion
from review.figures.drift import weekly
from review.figures.figure import Figure
from review.figures.groups import Group, performance_groups, reading_groups
from review.figures.window import window_until
from tests.review.figures.by_hand import ByHand, Told
from tests.review.figures.world import World

AT = datetime(2026, 3, 18, 12, tzinfo=UTC)
WINDOW = window_until(AT, 8)
TABLES = ("reviews", "cases", "assessments", "platforms", "known_cases")


@pytest.fixture
def by_hand(session: Session) -> ByHand:
    """A random world, and its raw rows for plain Python."""
    World(session, AT).fill(420)
    tables = {
        name: [dict(row._mapping) for row in session.execute(text(f"SELECT * FROM {name}"))]
        for name in TABLES
    }
    assert len(tables["reviews"]) > 700
    return ByHand(tables, WINDOW.start, WINDOW.end)


def test_all_figures_are_those_made_by_hand(session: Session, by_hand: ByHand) -> None:
    groups = reading_groups(session, WINDOW)
    readers = {(it.id, it.kind): it for it in groups if it.section == "reader"}
    models = {it.id: it for it in groups if it.section == "model"}
    assert_same(readers, by_hand.readers())
    assert_same(models, by_hand.models())
    finals = {(it.section, it.id): it for it in performance_groups(session, WINDOW, AT)}
    assert_same(finals, by_hand.performance(AT))
    told = [it.figures[name].value for it in [*readers.values(), *models.values()] for name in it.figures]
    assert sum(value is not None for value in told) > 100, "the world is too small to tell anything"

    revisions = {str(version.id): version.revision for version in session.query(ModelVersion)}
    counted = {(revisions[model], week): counts for (model, week), counts in by_hand.override_weeks().items()}
    weeks = weekly(session, WINDOW, AT)
    assert {(it.revision, it.week): (it.overridden, it.n) for it in weeks} == counted


def assert_same(groups: dict[Any, Group], expected: dict[Any, dict[str, Told]]) -> None:
    """The same groups with the same figures; for kappa, whose interval has its own test, the value."""
    assert set(groups) == set(expected)
    for key, group in groups.items():
        assert set(group.figures) == set(expected[key])
        for name, figure in group.figures.items():
            shown = Figure(figure.value, None, None, figure.n) if name.endswith("kappa") else figure
            assert tuple(shown) == pytest.approx(expected[key][name], abs=1e-6), (key, name)
