"""Other projectors, decoders and file layouts, held to a calculation of our own."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn.functional import gelu, linear
from transformers import AutoModelForImageTextToText, AutoProcessor, CLIPVisionModel

import vlm
from tests.vlm.llava.test_recorded_numbers import DATA
from vlm.llava.checkpoint import load_checkpoint
from vlm.llava.importing import import_checkpoint

TOWER = DATA / "openai" / "clip-tiny-parity"


def _written(folder: Path, projector: list[str], kind: str, tied: bool = False) -> dict[str, Tensor]:
    """A llava_llama in one .bin file with a drawn projector; returns the projector's tensors."""
    source = DATA / "llava-mistral-base"
    tensors = {
        k: v for f in source.glob("*.safetensors") for k, v in load_file(f).items() if "mm_proj" not in k
    }
    if tied:
        del tensors["lm_head.weight"]
    drawn: dict[str, Tensor] = {}
    for number, place in enumerate(projector):
        drawn[f"{place}weight"] = torch.randn(128, 128 if number else 64) / 8
        drawn[f"{place}bias"] = torch.randn(128)
    folder.mkdir()
    torch.save(
        tensors | {f"model.mm_projector.{k}": v for k, v in drawn.items()}, folder / "pytorch_model.bin"
    )
    fields = {"model_type": "llava_llama", "mm_projector_type": kind, "tie_word_embeddings": tied}
    config = json.loads((source / "config.json").read_text()) | fields
    (folder / "config.json").write_text(json.dumps(config))
    for name in ("tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"):
        (folder / name).write_bytes((source / name).read_bytes())
    return drawn


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("linear", [""]),
        ("mlp1x_gelu", ["0."]),
        ("mlp2x_gelu", ["0.", "2."]),
        ("mlp3x_gelu", ["0.", "2.", "4."]),
    ],
)
@torch.no_grad()
def test_every_projector_gives_its_own_features(tmp_path: Path, kind: str, places: list[str]) -> None:
    torch.manual_seed(1)
    drawn = _written(tmp_path / "checkpoint", places, kind)
    checkpoint = load_checkpoint(tmp_path / "checkpoint", vision_tower=TOWER)
    fed = torch.randn(1, 3, 56, 56)

    network = checkpoint.network
    given = network.get_image_features(pixel_values=fed).pooler_output[0]

    seen = CLIPVisionModel.from_pretrained(TOWER)(fed, output_hidden_states=True).hidden_states[-2][0, 1:]
    for number, place in enumerate(places):
        seen = linear(gelu(seen) if number else seen, drawn[f"{place}weight"], drawn[f"{place}bias"])
    assert torch.allclose(given, seen, atol=1e-5)
    assert checkpoint.template == "v1"


def test_tied_embeddings_are_read_once_for_both_ends(tmp_path: Path) -> None:
    _written(tmp_path / "checkpoint", ["0.", "2."], "mlp2x_gelu", tied=True)

    network = load_checkpoint(tmp_path / "checkpoint", vision_tower=TOWER).network

    assert torch.equal(network.lm_head.weight, network.get_input_embeddings().get_parameter("weight"))
    assert network.lm_head.weight[:-1].abs().sum() > 0


def test_a_deep_projector_is_imported_as_a_model_type_of_our_own(tmp_path: Path) -> None:
    _written(tmp_path / "checkpoint", ["0.", "2.", "4."], "mlp3x_gelu")
    import_checkpoint(tmp_path / "checkpoint", tmp_path / "model", vision_tower=TOWER)
    source = load_checkpoint(tmp_path / "checkpoint", vision_tower=TOWER).network.state_dict()

    loaded: Any = AutoModelForImageTextToText.from_pretrained(tmp_path / "model", dtype=torch.float32)

    assert loaded.config.model_type == "dermtriage_llava"
    assert loaded.state_dict().keys() == source.keys()
    assert all(torch.equal(tensor, source[name]) for name, tensor in loaded.state_dict().items())
    assert AutoProcessor.from_pretrained(tmp_path / "model").tokenizer.convert_tokens_to_ids("<image>") == 640
    assert vlm.load(tmp_path / "model", device="cpu").provenance["prompt_form"] == "v1"
