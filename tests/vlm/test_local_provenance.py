"""Every local backend says all that is needed to make its findings again."""

import pytest

from tests.vlm.local_models import LOCAL_MODELS, loaded
from vlm.prompting import instruction
from vlm.provenance import KEYS, MAY_BE_NONE_LOCALLY, prompt_sha256


@pytest.mark.parametrize("name", sorted(LOCAL_MODELS))
def test_a_local_model_fills_in_every_key(name: str) -> None:
    model = loaded(name)
    said = model.provenance
    assert list(said)[: len(KEYS)] == list(KEYS)
    assert {key for key, value in said.items() if value in (None, "")} <= MAY_BE_NONE_LOCALLY
    assert said["weights_sha256"] == model.revision
    assert said["prompt_sha256"] == prompt_sha256(str(said["prompt_version"]))
    assert all(len(str(said[key])) == 64 for key in KEYS if key.endswith("sha256"))


def test_models_without_words_of_ours_are_asked_by_the_same_instruction() -> None:
    others = [loaded(name).provenance for name in LOCAL_MODELS if name != "mpoxvlm"]
    assert {said["prompt_version"] for said in others} == {instruction.VERSION}
    assert len({said["weights_sha256"] for said in others}) == len(others)
