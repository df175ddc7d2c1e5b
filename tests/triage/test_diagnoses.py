"""The coded list of diagnoses: the default names every condition, and a faulty list is refused in words."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from triage import CONDITIONS, PolicyError, load_diagnoses
from triage.diagnoses import DEFAULT_DIAGNOSES

Edit = Callable[[dict[str, Any]], object]


def written(tmp_path: Path, edit: Edit) -> Path:
    data = yaml.safe_load(DEFAULT_DIAGNOSES.read_text(encoding="utf-8"))
    edit(data)
    path = tmp_path / "diagnoses.yaml"
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return path


def test_the_default_list_names_each_condition_by_its_own_id() -> None:
    found = load_diagnoses()
    assert [found.of_condition(condition).id for condition in CONDITIONS] == list(CONDITIONS)
    assert len(found.diagnoses) > len(CONDITIONS)


def test_without_a_laboratory_result_mpox_is_called_suspected() -> None:
    assert load_diagnoses().by_id["mpox"].label == "Suspected mpox"


def test_no_code_is_given_that_no_source_was_read_for() -> None:
    assert {(entry.icd10, entry.snomed) for entry in load_diagnoses().diagnoses} == {(None, None)}


def test_a_site_can_have_its_own_names_and_codes(tmp_path: Path) -> None:
    codes = {"icd10": "X00.0", "snomed": "123456789"}
    path = written(tmp_path, lambda data: data["diagnoses"].append({"id": "own", "label": "Own", **codes}))
    own = load_diagnoses(path).by_id["own"]
    assert (own.label, own.condition, own.icd10, own.snomed) == ("Own", None, "X00.0", "123456789")


REFUSED: dict[str, tuple[Edit, str]] = {
    "an id that stands twice": (
        lambda data: data["diagnoses"].append({"id": "mpox", "label": "Mpox again"}),
        "ids used twice: mpox",
    ),
    "the id that is built in": (
        lambda data: data["diagnoses"].append({"id": "other", "label": "Other"}),
        "ids used twice: other",
    ),
    "a condition without entry": (
        lambda data: data["diagnoses"].pop(0),
        "no entry for the condition mpox; add one with condition: mpox",
    ),
    "an unknown condition": (
        lambda data: data["diagnoses"][0].update(condition="flu"),
        "diagnoses[0].condition: Input should be 'mpox'",
    ),
    "a code that is none of ICD-10": (
        lambda data: data["diagnoses"][0].update(icd10="mpox"),
        "diagnoses[0].icd10: String should match pattern",
    ),
    "a code that is none of SNOMED CT": (
        lambda data: data["diagnoses"][0].update(snomed="12"),
        "diagnoses[0].snomed: String should match pattern",
    ),
    "a misspelt key": (
        lambda data: data["diagnoses"][0].update(icd="X00"),
        "diagnoses[0].icd: unknown key",
    ),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_list_is_refused_for(fault: str, tmp_path: Path) -> None:
    edit, message = REFUSED[fault]
    path = written(tmp_path, edit)
    with pytest.raises(PolicyError) as refused:
        load_diagnoses(path)
    assert str(refused.value).startswith(str(path))
    assert message in str(refused.value)
