"""Image features are those behind the projector, of each photograph by itself whatever is beside it."""

import json

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

import vlm
from tests.vlm.drawn import photograph
from tests.vlm.local_models import LOCAL_MODELS, PARITY, loaded
from vlm.errors import UnsupportedCheckpoint
from vlm.features import image_features

SIZES = [(320, 240), (200, 260), (128, 128)]
PHOTOGRAPHS = [photograph(seed, size) for seed, size in enumerate(SIZES)]


@pytest.mark.parametrize("name", LOCAL_MODELS)
def test_company_changes_nothing(name: str) -> None:
    together = image_features(loaded(name), PHOTOGRAPHS)
    alone = torch.cat([image_features(loaded(name), [one]) for one in PHOTOGRAPHS])
    assert together.shape[0] == 3
    assert torch.equal(torch.isfinite(together), torch.ones_like(together, dtype=torch.bool))
    assert (together - alone).abs().max() < 1e-5
    assert (together[0] - together[1]).abs().max() > 1e-3


def test_they_are_the_mean_of_what_the_original_code_recorded() -> None:
    record = PARITY / "expected" / "mistral_base.json"
    numbers = load_file(record.with_suffix(".safetensors"))
    case = json.loads(record.read_text())["cases"][0]
    model = loaded("original llava")
    way = model.provenance["preprocessing"]
    with Image.open(PARITY / case["image"]) as image:
        found = image_features(model, [image.convert("RGB")])[0]
    recorded = numbers[f"{case['case']}.{way}.image_features"].mean(dim=0)
    assert (found - recorded).abs().max() < 1e-5


def test_an_mpoxvlms_are_the_mean_of_all_its_image_tokens() -> None:
    model = loaded("mpoxvlm")
    backend = model.backend  # type: ignore[attr-defined]
    with torch.inference_mode():
        tokens = backend.network.model.get_image_features(**backend.pixels.inputs(PHOTOGRAPHS)).pooler_output
    assert torch.allclose(image_features(model, PHOTOGRAPHS), torch.stack(list(tokens)).mean(1), atol=1e-5)


def test_a_model_without_eyes_here_is_refused() -> None:
    with pytest.raises(UnsupportedCheckpoint, match="simulated shows no image features"):
        image_features(vlm.load("simulated"), PHOTOGRAPHS[:1])
