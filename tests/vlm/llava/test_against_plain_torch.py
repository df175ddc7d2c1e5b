"""Llama and Mistral, merged and LoRA, flag on and off: held to the same arithmetic in plain torch."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import CLIPVisionConfig

from tests.vlm.llava.reference import IMAGE, last_logits, vision_of
from tests.vlm.llava.test_recorded_numbers import DATA
from vlm.errors import UnsupportedCheckpoint
from vlm.llava.checkpoint import Checkpoint, load_checkpoint

TOWER = DATA / "openai" / "clip-tiny-parity"
INSIDE = "model.vision_tower.vision_tower.vision_model."
IDS = [1, *range(20, 34), IMAGE, *range(300, 330)]
PIXELS = torch.randn(1, 3, 56, 56, generator=torch.Generator().manual_seed(5))
Tensors = dict[str, Tensor]


def _config(**fields: Any) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((DATA / "llava-mistral-base" / "config.json").read_text())
    return said | fields


def _weights() -> Tensors:
    return {
        k: t for f in (DATA / "llava-mistral-base").glob("*.safetensors") for k, t in load_file(f).items()
    }


def _tower(shift: float = 0.0) -> Tensors:
    """The tower's weights by their names within it, in float16 where shifted."""
    found = load_file(TOWER / "model.safetensors")
    named = {k.removeprefix("vision_model."): t for k, t in found.items() if not k.endswith("position_ids")}
    return {k: (t * (1 + shift)).half().float() for k, t in named.items()} if shift else named


def _write(folder: Path, config: dict[str, Any], tensors: Tensors) -> Path:
    """Two .bin shards with an index, as LLaVA-1.5 is laid out."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    names = ["pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin"]
    placed = {key: names[number % 2] for number, key in enumerate(tensors)}
    for name in names:
        torch.save({key: tensors[key] for key, place in placed.items() if place == name}, folder / name)
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"weight_map": placed}))
    for name in ("tokenizer.model", "tokenizer_config.json", "special_tokens_map.json"):
        (folder / name).write_bytes((DATA / "llava-mistral-base" / name).read_bytes())
    return folder


@torch.no_grad()
def _ours(checkpoint: Checkpoint) -> Tensor:
    network: Any = checkpoint.network
    expanded = [t for one in IDS for t in ([checkpoint.image] * checkpoint.places if one == IMAGE else [one])]
    logits: Tensor = network(input_ids=torch.tensor([expanded]), pixel_values=PIXELS).logits
    return logits[0, -1, : checkpoint.image]


def _apart(checkpoint: Checkpoint, config: dict[str, Any], weights: Tensors, tower: Tensors) -> float:
    vision = vision_of(CLIPVisionConfig.from_pretrained(TOWER), tower)
    return float((_ours(checkpoint) - last_logits(config, weights, vision, PIXELS, IDS)).abs().max())


@pytest.mark.parametrize("counts", [True, False, None])
def test_vision_weights_inside_a_merged_llama_count_by_the_flag(counts: bool | None, tmp_path: Path) -> None:
    config = _config(model_type="llava_llama", unfreeze_mm_vision_tower=counts, sliding_window=None)
    inside = _tower(0.05)
    held = _weights() | {INSIDE + k: t.half() for k, t in inside.items()}

    checkpoint = load_checkpoint(_write(tmp_path / "merged", config, held), vision_tower=TOWER)

    assert checkpoint.vision_weights == ("checkpoint" if counts else "tower")
    assert checkpoint.used is not None
    assert checkpoint.used.left_out == (0 if counts else len(inside))
    assert _apart(checkpoint, config, _weights(), inside if counts else _tower()) < 1e-4
    assert _apart(checkpoint, config, _weights(), _tower() if counts else inside) > 1e-2


@pytest.mark.parametrize(
    "fields",
    [
        {"model_type": "llava_mistral", "sliding_window": 8},
        {"model_type": "llava_mistral", "sliding_window": None},
        {"model_type": "llava_llama", "rope_scaling": {"type": "linear", "factor": 4.0}},
        {"model_type": "llava", "mm_vision_select_feature": "cls_patch", "mm_vision_select_layer": -1},
    ],
)
def test_window_rope_and_features_are_as_the_configuration_says(
    fields: dict[str, Any], tmp_path: Path
) -> None:
    config = _config(**fields)

    checkpoint = load_checkpoint(_write(tmp_path / "model", config, _weights()), vision_tower=TOWER)

    assert _apart(checkpoint, config, _weights(), _tower()) < 1e-4


def _lora(folder: Path, config: dict[str, Any] | None, beside: Tensors, **fields: Any) -> Tensors:
    """A LoRA folder with a safetensors adapter over q_proj; returns its two matrices."""
    folder.mkdir()
    drawn = torch.Generator().manual_seed(3)
    pair = {"A": torch.randn(4, 128, generator=drawn) / 8, "B": torch.randn(128, 4, generator=drawn) / 8}
    name = "base_model.model.model.layers.1.self_attn.q_proj.lora_{}.weight"
    save_file({name.format(k): t for k, t in pair.items()}, folder / "adapter_model.safetensors")
    torch.save({f"base_model.model.{k}": t for k, t in beside.items()}, folder / "non_lora_trainables.bin")
    said = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "bias": "none"} | fields
    (folder / "adapter_config.json").write_text(json.dumps(said))
    if config:
        (folder / "config.json").write_text(json.dumps(config))
    return pair


@pytest.mark.parametrize("rslora", [False, True])
def test_a_lora_is_configured_by_its_own_folder_and_brings_what_its_base_lacks(
    rslora: bool, tmp_path: Path
) -> None:
    """As LLaVA-1.5's LoRA over a plain Vicuna: no projector and no photograph in the base."""
    plain = {"model_type": "llama", "vocab_size": 640}
    projector = {k: t for k, t in _weights().items() if "mm_projector" in k}
    words = {k: t for k, t in _weights().items() if "mm_projector" not in k}
    base = _write(tmp_path / "vicuna", plain, words)
    inside = _tower(0.05)
    beside = projector | {INSIDE + k: t.half() for k, t in inside.items()}
    config = _config(model_type="llava_llama", unfreeze_mm_vision_tower=True, mm_vision_select_layer=-1)
    pair = _lora(tmp_path / "llava-lora", config, beside, use_rslora=rslora)

    checkpoint = load_checkpoint(tmp_path / "llava-lora", base=base, vision_tower=TOWER)

    changed = "model.layers.1.self_attn.q_proj.weight"
    update = 8 / (math.sqrt(4) if rslora else 4) * (pair["B"] @ pair["A"])
    merged = words | projector | {changed: words[changed] + update.half()}
    assert checkpoint.vision_weights == "checkpoint"
    assert checkpoint.used is not None
    assert checkpoint.used.lora_updates == 1
    assert _apart(checkpoint, config, merged, inside) < 1e-4


def test_a_lora_without_config_is_configured_by_its_base(tmp_path: Path) -> None:
    base = _write(tmp_path / "base", _config(mm_vision_select_layer=-1), _weights())
    _lora(tmp_path / "lora", None, {})

    checkpoint = load_checkpoint(tmp_path / "lora", base=base, vision_tower=TOWER)

    assert checkpoint.original["mm_vision_select_layer"] == -1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rank_pattern", {"q_proj": 2}),
        ("alpha_pattern", {"q_proj": 2}),
        ("use_dora", True),
        ("modules_to_save", ["lm_head"]),
        ("bias", "all"),
    ],
)
def test_other_kinds_of_lora_are_refused_by_their_field(field: str, value: Any, tmp_path: Path) -> None:
    _lora(tmp_path / "lora", _config(), {}, **{field: value})

    with pytest.raises(UnsupportedCheckpoint, match=rf"adapter_config.json: .*{field}"):
        load_checkpoint(tmp_path / "lora", base=DATA / "llava-mistral-base", vision_tower=TOWER)
