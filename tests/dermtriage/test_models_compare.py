"""`dermtriage models compare`: figures worked out by hand, and the table that says them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from db.ids import now
from db.model_control import put_on_trial
from db.model_versions import register_model
from db.models import Assessment, Case, Platform, ShadowAssessment
from dermtriage.cli import group
from dermtriage.model_comparison import wilson
from tests.factories import make_case, make_platform

OLD, NEW = "simulated:case_ms=1", "simulated:case_ms=2"


@pytest.fixture(autouse=True)
def database(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", "memory://unused")


@pytest.fixture
def platform(session: Session) -> Platform:
    return make_platform(session)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["models", "compare", *arguments])


def figures(*arguments: str) -> dict[str, Any]:
    result = run("--json", "-", *arguments)
    assert result.exit_code == 0, result.output
    facts: dict[str, Any] = json.loads(result.output)
    return facts


def read(
    session: Session, platform: Platform, active: tuple[str, float] | None, shadow: tuple[str, float] | str,
    *, flags: tuple[list[str], list[str]] = ([], []), by: str = OLD, hours_ago: float = 0, round: int = 0,
    **case: Any,
) -> Case:  # fmt: skip
    """A case read by both: level and probability of mpox, the rest being melanoma; a word for an error."""
    row = make_case(session, platform, status=case.pop("status", "awaiting_review"), **case)
    of_old = register_model(session, ref=by, revision=by, provenance={})
    of_new = register_model(session, ref=NEW, revision=NEW, provenance={})
    at = now() - timedelta(hours=hours_ago)
    if active:
        session.add(
            Assessment(
                case_id=row.id, round=round, model_version_id=of_old, level=active[0], created_at=at,
                findings=_findings(active[1]), flags=flags[0], classifier=[], explanation="",
                image_quality=[], reasons=[], provenance={},
            )
        )  # fmt: skip
    level, mpox, error = (None, None, shadow) if isinstance(shadow, str) else (*shadow, None)
    session.add(
        ShadowAssessment(
            case_id=row.id, round=round, model_version_id=of_new, level=level, error=error, flags=flags[1],
            findings=[] if mpox is None else _findings(mpox), explanation="", provenance={},
        )
    )  # fmt: skip
    session.commit()
    return row


def _findings(mpox: float) -> list[dict[str, Any]]:
    both = [{"condition": "mpox", "probability": mpox}, {"condition": "mel", "probability": 1 - mpox}]
    return sorted(both, key=lambda finding: -float(str(finding["probability"])))


@pytest.fixture
def five(session: Session, platform: Platform) -> None:
    """Four cases that both read and one that made the shadow model raise."""
    final: dict[str, Any] = {"status": "completed", "final_at": now() - timedelta(minutes=1)}
    read(session, platform, ("urgent", 0.9), ("urgent", 0.7), level="urgent", **final)
    read(session, platform, ("routine", 0.4), ("priority", 0.6), flags=([], ["low_confidence"]), **final)
    read(session, platform, ("priority", 0.8), ("self_care", 0.2), flags=(["low_confidence"], []))
    read(session, platform, ("routine", 0.1), ("not_gradable", 0.1), flags=(["red_flag"], ["red_flag"]))
    read(session, platform, ("urgent", 0.9), "SimulatedFault")


@pytest.mark.usefixtures("five")
def test_the_figures_are_those_worked_out_by_hand() -> None:
    facts = figures()
    (found,) = facts["comparisons"]
    assert (facts["shadow"]["ref"], found["active"]["ref"]) == (NEW, OLD)
    assert (found["n"], found["errors"]) == (4, {"SimulatedFault": 1})
    shares = ("same_level", "raised", "lowered", "equally_urgent", "same_top_finding")
    assert [found[name]["cases"] for name in shares] == [1, 1, 1, 1, 2]
    assert found["same_top_finding"]["share"] == 0.5
    # Wilson, by hand for 2 of 4 with z = 1.96: 0.5 -+ 0.35.
    assert found["same_top_finding"]["low"] == pytest.approx(0.150, abs=5e-4)
    assert found["same_top_finding"]["high"] == pytest.approx(0.850, abs=5e-4)
    assert found["mean_total_variation"] == pytest.approx((0.2 + 0.2 + 0.6 + 0) / 4)
    assert found["mean_mpox"]["active"] == pytest.approx((0.9 + 0.4 + 0.8 + 0.1) / 4)
    assert found["mean_mpox"]["shadow"] == pytest.approx((0.7 + 0.6 + 0.2 + 0.1) / 4)
    assert found["flags"] == {
        "low_confidence": {"active": 1, "shadow": 1},
        "red_flag": {"active": 1, "shadow": 1},
    }
    levels = ["urgent", "priority", "not_gradable", "routine", "self_care"]
    assert list(found["levels"]) == list(found["levels"]["routine"]) == levels
    cells = {
        (row, column): n for row, columns in found["levels"].items() for column, n in columns.items() if n
    }
    assert cells == {
        ("urgent", "urgent"): 1,
        ("routine", "priority"): 1,
        ("priority", "self_care"): 1,
        ("routine", "not_gradable"): 1,
    }
    decisions = found["final_decisions"]
    # Decided: urgent, as both said; routine, as the active model said.
    assert (decisions["n"], decisions["active"]["cases"], decisions["shadow"]["cases"]) == (2, 2, 1)


@pytest.mark.usefixtures("five")
def test_the_table_says_the_same_within_100_columns() -> None:
    result = run()
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0].startswith(f"active: {OLD} (")
    assert lines[1].startswith(f"shadow: {NEW} (")
    said = [" ".join(line.split()) for line in lines]
    assert "same top finding 2 50.0 % 15.0 to 85.0 %" in said
    assert "mean probability of mpox 0.5500 0.4000" in said
    assert "routine 0 1 1 0 0" in said
    assert "not read by the shadow model: 1 (SimulatedFault 1)" in lines


def test_each_version_that_was_active_has_its_own_table(session: Session, platform: Platform) -> None:
    read(session, platform, ("urgent", 0.9), ("urgent", 0.9), by="bundled", hours_ago=30)
    read(session, platform, ("urgent", 0.9), ("urgent", 0.9))
    assert [one["active"]["ref"] for one in figures()["comparisons"]] == ["bundled", OLD]
    yesterday = f"{now() - timedelta(hours=24):%Y-%m-%dT%H:%M}"
    assert [one["active"]["ref"] for one in figures("--since", yesterday)["comparisons"]] == [OLD]
    assert figures("--since", "2999-01-01")["comparisons"] == []


def test_only_readings_of_the_same_photographs_are_compared(session: Session, platform: Platform) -> None:
    final: dict[str, Any] = {"status": "completed", "final_at": now() - timedelta(minutes=1)}
    # The decision was made on photographs that came later.
    read(session, platform, ("urgent", 0.9), ("urgent", 0.9), level="routine", round=0, **final).round = 1
    case = read(session, platform, None, ("urgent", 0.9), round=1)
    other = read(session, platform, ("urgent", 0.9), "interrupted")
    session.commit()
    assert case.id != other.id
    (found,) = figures()["comparisons"]
    assert (found["n"], found["errors"], found["final_decisions"]) == (1, {"interrupted": 1}, None)


def test_a_decision_that_can_still_be_undone_does_not_count(session: Session, platform: Platform) -> None:
    later: dict[str, Any] = {"status": "completed", "final_at": now() + timedelta(minutes=1)}
    read(session, platform, ("urgent", 0.9), ("urgent", 0.9), level="urgent", **later)
    (found,) = figures()["comparisons"]
    assert found["final_decisions"] is None


def test_the_model_on_trial_now_is_compared_and_after_the_trial_the_last_one(
    session: Session, platform: Platform
) -> None:
    read(session, platform, ("urgent", 0.9), ("urgent", 0.9))
    assert figures()["shadow"]["ref"] == NEW
    put_on_trial(session, "simulated:case_ms=3", None)
    session.commit()
    assert figures()["shadow"] is None
    put_on_trial(session, None, None)
    session.commit()
    assert figures()["shadow"]["ref"] == NEW


def test_without_a_trial_it_says_what_to_do() -> None:
    result = run()
    assert result.exit_code == 0
    assert "dermtriage models shadow REF" in result.output


@pytest.mark.parametrize(("hits", "n", "low", "high"), [(0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662)])
def test_wilson_gives_the_published_intervals(hits: int, n: int, low: float, high: float) -> None:
    # The second: Newcombe 1998, Statistics in Medicine 17:857-872, table I.
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)
