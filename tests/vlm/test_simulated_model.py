"""The simulated model keeps the contract of `Model` without torch."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

import vlm
from tests.vlm.drawn import clinical, photograph


def presentation(seed: int = 0, free_text: str = "") -> vlm.Presentation:
    return vlm.Presentation(images=(photograph(seed),), clinical=clinical(free_text=free_text))


def test_importing_vlm_and_simulating_do_not_import_torch() -> None:
    code = (
        "import sys, vlm; vlm.load('simulated:batch_ms=1');"
        "assert not {'torch', 'transformers', 'numpy'} & set(sys.modules), 'heavy import'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_simulated_model_is_a_model_and_says_that_it_simulates() -> None:
    model = vlm.load("simulated")
    assert isinstance(model, vlm.Model)
    assert model.provenance["simulated"] is True
    assert model.assess([presentation()])[0].provenance["simulated"] is True


def test_probabilities_fall_and_sum_to_one() -> None:
    (findings,) = vlm.load("simulated").assess([presentation()])
    probabilities = [finding.probability for finding in findings.findings]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1)
    assert len(probabilities) == 10


def test_findings_follow_from_the_pixels() -> None:
    model = vlm.load("simulated")
    first, again, other = model.assess([presentation(1), presentation(1), presentation(2)])
    assert first == again
    assert first.findings != other.findings


def test_a_call_takes_the_time_it_was_told() -> None:
    model = vlm.load("simulated:batch_ms=30,case_ms=10")
    started = time.perf_counter()
    model.assess([presentation(), presentation()])
    assert 0.05 <= time.perf_counter() - started < 0.5


def test_loading_takes_the_time_it_was_told() -> None:
    started = time.perf_counter()
    vlm.load("simulated:load_ms=60")
    assert 0.06 <= time.perf_counter() - started < 0.5


def test_the_word_to_raise_on_raises_without_repeating_the_text() -> None:
    model = vlm.load("simulated:raise_on=POISON")
    assert len(model.assess([presentation(free_text="harmless")])) == 1
    with pytest.raises(vlm.SimulatedFault) as fault:
        model.assess([presentation(), presentation(free_text="a POISON note")])
    assert "note" not in str(fault.value)


def test_the_word_to_kill_on_kills_the_process() -> None:
    code = (
        "import vlm; from tests.vlm.drawn import clinical, photograph;"
        "vlm.load('simulated:kill_on=DEADLY').assess("
        "[vlm.Presentation((photograph(0),), clinical(free_text='DEADLY'))])"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == -9


def test_a_presentation_forgets_whose_it_is() -> None:
    shown = vlm.Presentation((photograph(0),), clinical(patient_ref="who-it-is"))
    assert "who-it-is" not in repr(shown)


@pytest.mark.parametrize("ref", ["nowhere/at-all", "simulated:speed=9", "simulated:batch_ms=-1"])
def test_an_unknown_reference_is_a_named_error(ref: str) -> None:
    with pytest.raises(vlm.UnknownModel):
        vlm.load(ref)


def test_a_folder_of_another_model_type_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "horoscope"}')
    with pytest.raises(vlm.UnsupportedCheckpoint, match="horoscope"):
        vlm.load(tmp_path)
