"""A small run of `make chaos` each time: every fault once, with the simulated and with the bundled model."""

import json
import subprocess
import sys
from typing import Any

import pytest


def run(*options: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, the JSON of the last line, and all that was said."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *options], capture_output=True, text=True, timeout=170
    )
    said = done.stdout + done.stderr
    assert done.stdout.strip(), said
    return done.returncode, json.loads(done.stdout.strip().splitlines()[-1]), said


@pytest.mark.timeout(180)
def test_every_fault_once_loses_and_doubles_nothing() -> None:
    code, verdict, said = run("--cases", "60", "--rounds", "1", "--poison", "1", "--batch-size", "4")
    assert code == 0, said
    assert " 2 models read them" in said
    assert verdict == {
        "accepted": 60,
        "assessed": 57,
        "failed_visible": 3,
        "lost": 0,
        "duplicated": 0,
        "faults": 5,
        "inserted": 3,
        "audit_faults": 0,
    }


@pytest.mark.timeout(180)
def test_the_bundled_model_goes_through_the_same_faults() -> None:
    code, verdict, said = run("--model", "bundled", "--cases", "20", "--rounds", "1", "--poison", "1")
    assert code == 0, said
    assert (verdict["accepted"], verdict["assessed"], verdict["failed_visible"]) == (20, 19, 1)
