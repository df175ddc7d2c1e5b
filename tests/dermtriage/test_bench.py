"""The benches write their own keys and no others, and say plainly whether a goal was reached."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from dermtriage.bench.pipeline import compare
from dermtriage.bench.running import BENCHES, line, write
from dermtriage.bench.shape import Goal, Measured, median_ratio


def test_a_bench_replaces_its_own_keys_and_no_others(tmp_path: Path) -> None:
    file = tmp_path / "build" / "bench.json"
    write("pipeline_vs_limit", Measured(0.9, {"cases": 500, "old": 1}), file)
    write("pipeline_vs_limit_bundled", Measured(0.97), file)
    write("pipeline_vs_limit", Measured(0.99, {"cases": 500}), file)
    assert json.loads(file.read_text()) == {
        "pipeline_vs_limit": 0.99,
        "pipeline_vs_limit.cases": 500,
        "pipeline_vs_limit_bundled": 0.97,
    }


@pytest.mark.parametrize("name", BENCHES)
def test_every_bench_states_its_goal_and_can_be_measured(name: str) -> None:
    bench = import_module(f"dermtriage.bench.{name}")
    assert isinstance(bench.GOAL, Goal)
    assert callable(bench.measure)
    assert name in line(name, Measured(1.0), bench.GOAL)


def test_a_goal_that_is_missed_is_said_to_be_missed() -> None:
    at_least, at_most = Goal("at least", 0.95), Goal("at most", 1.5)
    assert [at_least.reached(0.94), at_least.reached(0.95)] == [False, True]
    assert [at_most.reached(1.5), at_most.reached(1.51)] == [True, False]


def test_the_ratio_is_the_median_of_the_runs() -> None:
    assert median_ratio([1, 4, 9], [1, 2, 3]) == 2


def test_a_small_bench_of_the_pipeline_measures_both_sides() -> None:
    measured = compare("simulated:batch_ms=5", cases=8, batch=4, overlap="on", runs=1)
    assert measured.ratio > 0
    assert measured.figures["pipeline_cases_per_s"] > 0
    assert measured.figures["limit_cases_per_s"] > 0
