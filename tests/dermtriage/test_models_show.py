"""`dermtriage models show` and `verify`: what a model is, and whether it still is that."""

import json
import shutil
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
import torch
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

import vlm
from db.image_store import ImageStore
from db.model_control import put_on_trial
from db.model_versions import register_model
from db.models import Assessment, Case
from dermtriage.bench.model.shapes import processor_for, random_llava
from dermtriage.cli import group
from tests.factories import make_case, make_image, make_platform
from tests.worker.conftest import drawn_jpeg
from triage import Clinical, decide, load_policy
from vlm import Presentation
from vlm.provenance import KEYS, MAY_BE_NONE_LOCALLY, config_sha256, prompt_sha256
from vlm.weights import sha256_of
from worker.loading import decode

SIMULATED = "simulated:case_ms=0"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["models", *arguments])


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LLaVA of a few thousand random weights, as transformers saves it."""
    folder = tmp_path_factory.mktemp("tiny-llava")
    random_llava("tiny", torch.device("cpu"), torch.float32).save_pretrained(folder)
    processor_for("tiny").save_pretrained(folder)
    return folder


@pytest.fixture
def tiny(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return shutil.copytree(tiny_folder, tmp_path / "tiny")


@pytest.fixture
def database(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ImageStore:
    """The commands' database and image store."""
    url = (tmp_path / "images").as_uri()
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("IMAGE_STORE_URL", url)
    monkeypatch.setenv("SECRET_KEY", "0" * 32)
    return ImageStore(url)


def assessed_case(session: Session, store: ImageStore) -> Case:
    """A case with one photograph that the simulated model has read, stored as a worker stores it."""
    data = drawn_jpeg(3)
    case = make_case(session, make_platform(session))
    digest = sha256(data).hexdigest()
    store.put(case.platform_id, digest, data)
    make_image(session, case, sha256=digest)
    model, policy = vlm.load(SIMULATED), load_policy()
    clinical = Clinical.model_validate(case.clinical)
    found = model.assess([Presentation((decode(data, 1, 2048),), clinical)])[0]
    version = register_model(
        session, ref=SIMULATED, revision=model.revision, provenance=dict(model.provenance)
    )
    decision = decide(found, clinical, policy)
    session.add(
        Assessment(
            case_id=case.id, round=0, model_version_id=version,
            findings=[finding.model_dump() for finding in found.findings],
            classifier=[], explanation=found.explanation, image_quality=[], level=decision.level,
            flags=[], reasons=[], provenance={**found.provenance, "policy_version": policy.label},
        )
    )  # fmt: skip
    session.commit()
    return case


def test_without_a_reference_it_says_what_is_wanted_and_what_has_read_cases(
    session: Session, database: ImageStore
) -> None:
    assessed_case(session, database)
    put_on_trial(session, "/models/next", "f" * 64)
    session.commit()
    facts = json.loads(run("show", "--json").output)
    assert (facts["active_revision"], facts["shadow"], facts["paused"]) == (None, "/models/next", False)
    (version,) = facts["versions"]
    assert (version["reference"], version["assessments"], version["in the shadow"]) == (SIMULATED, 1, 0)
    table = run("show").output
    assert "workers:\n  none" in table
    assert SIMULATED in table


def test_with_a_reference_it_prints_provenance_parameters_and_files(tiny: Path) -> None:
    facts = json.loads(run("show", str(tiny), "--device", "cpu", "--json").output)
    assert facts["revision"] == sha256_of(tiny / "model.safetensors") == facts["weights_sha256"]
    assert facts["parameters"] > 10_000
    assert set(KEYS) <= set(facts)
    weights = next(file for file in facts["files"] if file["name"] == "model.safetensors")
    assert weights["size"] == (tiny / "model.safetensors").stat().st_size
    assert facts["revision"] in run("show", str(tiny), "--device", "cpu").output


@pytest.mark.parametrize("ref", ["bundled", "tiny", "simulated"])
def test_every_provenance_has_every_key(ref: str, tiny_folder: Path) -> None:
    said = vlm.load(tiny_folder if ref == "tiny" else ref, device="cpu").provenance
    assert set(KEYS) <= set(said)
    if ref != "simulated":
        assert {key for key in KEYS if said[key] is None} <= MAY_BE_NONE_LOCALLY


def test_a_prompts_hash_covers_the_words_that_it_borrows() -> None:
    assert prompt_sha256("instruction-1") != prompt_sha256("mpoxvlm-1")
    assert prompt_sha256("no-such-prompt") is None
    words = Path(vlm.__file__).parent / "prompts" / "mpoxvlm-1.yaml"
    assert prompt_sha256("mpoxvlm-1") == sha256_of(words)


def test_a_configuration_keeps_its_hash_when_its_folder_moves() -> None:
    there = config_sha256({"hidden_size": 8, "_name_or_path": "/a", "transformers_version": "5.1"})
    assert there == config_sha256({"hidden_size": 8, "_name_or_path": "/b"})
    assert there != config_sha256({"hidden_size": 9})


def test_a_sound_model_passes_every_check(tiny: Path) -> None:
    digest = sha256_of(tiny / "model.safetensors")
    (tiny / "SHA256SUMS").write_text(f"{digest}  model.safetensors\n")
    result = run("verify", str(tiny), "--against", digest, "--device", "cpu")
    assert result.exit_code == 0, result.output
    assert [line[:2] for line in result.output.splitlines()] == ["ok"] * 5
    assert "1 files as listed" in result.output


def test_other_weights_than_expected_are_a_miss(tiny: Path) -> None:
    result = run("verify", str(tiny), "--against", "0" * 64, "--device", "cpu")
    assert result.exit_code == 1
    assert "FAIL  weights hash" in result.output


def test_a_file_that_changed_since_its_manifest_is_named(tiny: Path) -> None:
    digest = sha256_of(tiny / "config.json")
    (tiny / "import_report.json").write_text(
        json.dumps({"sha256": {"config.json": digest, "gone.json": digest}})
    )
    (tiny / "config.json").write_text((tiny / "config.json").read_text() + "\n")
    result = run("verify", str(tiny), "--device", "cpu")
    assert result.exit_code == 1
    assert f"config.json has {sha256_of(tiny / 'config.json')[:12]}" in result.output
    assert "gone.json is missing" in result.output


def test_weights_without_a_place_in_the_network_are_a_miss(tiny: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(tiny / "model.safetensors")
    save_file({**weights, "stray.weight": torch.zeros(2)}, tiny / "model.safetensors", {"format": "pt"})
    result = run("verify", str(tiny), "--device", "cpu")
    assert result.exit_code == 1
    assert "1 unexpected_keys" in result.output


def test_a_folder_that_cannot_be_loaded_says_why_and_ends_there(tiny: Path) -> None:
    (tiny / "model.safetensors").write_bytes((tiny / "model.safetensors").read_bytes()[:1000])
    result = run("verify", str(tiny), "--device", "cpu")
    assert result.exit_code == 1
    assert "FAIL  load" in result.output
    assert "self test" not in result.output


def test_a_stored_result_comes_out_again(session: Session, database: ImageStore) -> None:
    case = assessed_case(session, database)
    result = run("verify", SIMULATED, "--case", str(case.id))
    assert result.exit_code == 0, result.output
    assert "same text; probabilities within 0.0e+00" in result.output


def test_a_stored_result_that_does_not_come_out_again_is_a_miss(
    session: Session, database: ImageStore
) -> None:
    case = assessed_case(session, database)
    stored = session.query(Assessment).filter_by(case_id=case.id).one()
    stored.explanation = "Something else was written."
    session.commit()
    result = run("verify", SIMULATED, "--case", str(case.id))
    assert result.exit_code == 1
    assert "another text" in result.output


def test_another_model_than_the_one_that_read_the_case_is_said_to_be_another(
    session: Session, database: ImageStore
) -> None:
    case = assessed_case(session, database)
    result = run("verify", "simulated:case_ms=1", "--case", str(case.id))
    assert result.exit_code == 1
    assert f"read by {vlm.load(SIMULATED).revision[:12]}" in result.output
    assert "has no assessment" in run("verify", SIMULATED, "--case", str(uuid4())).output
