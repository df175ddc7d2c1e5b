"""The pre-trained parts of an MpoxVLM, each from its own folder. Nothing is ever fetched.

What cannot be used raises `BrokenCheckpoint` or `UnsupportedCheckpoint`, naming the folder and the remedy.
"""

import json
import pickle
from pathlib import Path
from typing import Any

import torch
import transformers
from safetensors import SafetensorError
from transformers import AutoConfig, AutoTokenizer, ViTConfig, ViTForImageClassification

from vlm.errors import BrokenCheckpoint, UnsupportedCheckpoint
from vlm.mpoxvlm.sizes import labels
from vlm.mpoxvlm.tokenizer import IMAGE

# The class that a folder's config.json names, and where in it the part lies.
CLIP = {"CLIPModel": "vision_model", "CLIPVisionModelWithProjection": "vision_model", "CLIPVisionModel": ""}
CLASSIFIER = {"ViTForImageClassification": ""}
PRETRAINED = {"ViTMAEForPreTraining": "vit", "ViTMAEModel": ""}
LLAMA = {"LlamaForCausalLM": ""}
# What a ViTMAE's encoder says as a ViT does.
SHARED = (
    "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "hidden_act",
    "hidden_dropout_prob", "attention_probs_dropout_prob", "initializer_range", "layer_norm_eps",
    "image_size", "patch_size", "num_channels", "qkv_bias",
)  # fmt: skip
# Tables that old checkpoints stored and that are counted anew today.
COUNTED = ("position_ids", "rotary_emb.inv_freq")


def clip_tower(folder: Path, dtype: torch.dtype) -> Any:
    """The vision tower of a CLIP, with or without its text tower."""
    return _part(folder, CLIP, dtype)


def lesion_tower(folder: Path, dtype: torch.dtype) -> Any:
    """A ViT classifier; or the encoder of a ViTMAE with a new, random head, one label per condition."""
    if _kind(folder, CLASSIFIER | PRETRAINED) in CLASSIFIER:
        return _part(folder, CLASSIFIER, dtype)
    encoder = _part(folder, PRETRAINED, dtype)
    told = {name: value for name, value in encoder.config.to_dict().items() if name in SHARED}
    classifier = ViTForImageClassification._from_config(ViTConfig(**told, **labels()), dtype=dtype)
    classifier.vit.load_state_dict(encoder.state_dict())
    return classifier


def llama(folder: Path, dtype: torch.dtype) -> Any:
    """A Llama with its language head."""
    return _part(folder, LLAMA, dtype)


def llama_words(folder: Path) -> Any:
    """The Llama's tokenizer with one token more, `<image>`; batches are padded on the left."""
    try:
        words = AutoTokenizer.from_pretrained(
            _folder(folder), local_files_only=True, padding_side="left",
            extra_special_tokens={"image_token": IMAGE},
        )  # fmt: skip
    except (OSError, ValueError, ImportError) as error:
        raise _broken(folder, error) from None
    if words.pad_token is None:
        words.pad_token = words.unk_token or words.eos_token
    return words


def colours(folder: Path) -> tuple[list[float], list[float]]:
    """Mean and standard deviation that the tower's pictures were normalised with in training."""
    file = _folder(folder) / "preprocessor_config.json"
    try:
        told = json.loads(file.read_text())
        return [float(value) for value in told["image_mean"]], [float(value) for value in told["image_std"]]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BrokenCheckpoint(
            f"{file} does not say image_mean and image_std ({error!r}): fetch it; without these numbers the "
            "tower sees other colours than in training"
        ) from None


def _part(folder: Path, known: dict[str, str], dtype: torch.dtype) -> Any:
    kind = _kind(folder, known)
    try:
        whole, report = getattr(transformers, kind).from_pretrained(
            folder, local_files_only=True, dtype=dtype, output_loading_info=True
        )
    except (OSError, RuntimeError, ValueError, SafetensorError, pickle.UnpicklingError) as error:
        raise _broken(folder, error) from None
    foreign = [name for name in report["unexpected_keys"] if not name.endswith(COUNTED)]
    if wrong := sorted([*report["missing_keys"], *foreign]):
        raise BrokenCheckpoint(
            f"{folder}: {len(wrong)} weights are missing or unknown to {kind}, first {wrong[0]!r}: "
            "fetch the folder again"
        )
    return getattr(whole, known[kind]) if known[kind] else whole


def _kind(folder: Path, known: dict[str, str]) -> str:
    try:
        config = AutoConfig.from_pretrained(_folder(folder), local_files_only=True)
    except (OSError, ValueError) as error:
        raise _broken(folder, error) from None
    kind = (config.architectures or ["none"])[0]
    if kind not in known:
        raise UnsupportedCheckpoint(
            f"{folder / 'config.json'}: architectures names {kind}: give one of {', '.join(known)}"
        )
    return str(kind)


def _folder(folder: Path) -> Path:
    if not (folder / "config.json").is_file():
        raise BrokenCheckpoint(
            f"{folder} is no folder with a config.json. Models are never fetched by name: download it "
            "yourself, under its licence, and give the folder"
        )
    return folder


def _broken(folder: Path, error: Exception) -> BrokenCheckpoint:
    return BrokenCheckpoint(f"{folder} cannot be read ({str(error)[:300]}): fetch the folder again")
