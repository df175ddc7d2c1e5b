"""The config.json of an original checkpoint; fields that ask for what is not built are refused."""

import json
import re
from pathlib import Path
from typing import Any

from vlm.errors import BrokenCheckpoint, UnsupportedCheckpoint

KINDS = {"llava_mistral": "mistral", "llava_llama": "llama", "llava": "llama"}
NEEDED = ("vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
TOKENS_IN_TEXT = "it puts further tokens around or in place of the photograph, which this loader does not add"
REFUSED = {
    "mm_use_im_start_end": TOKENS_IN_TEXT,
    "mm_use_im_patch_token": TOKENS_IN_TEXT,
    "quantization_config": "quantised weights are not loaded; use the float version",
    "mm_resampler_type": "a resampler between tower and projector is not built",
    "mm_vision_tower_s2": "several scales of one photograph are not read",
    "s2": "several scales of one photograph are not read",
}


def original_config(folder: Path) -> dict[str, Any]:
    """The fields of the folder's config.json.

    Raises `BrokenCheckpoint` where it is lacking or no JSON object, `UnsupportedCheckpoint` naming the field.
    """
    file = folder / "config.json"
    try:
        config = dict(json.loads(file.read_text()))
    except FileNotFoundError:
        raise BrokenCheckpoint(f"{file} is missing: fetch the whole folder again") from None
    except (ValueError, TypeError) as error:
        raise BrokenCheckpoint(f"{file} is no JSON object ({error}): fetch the file again") from None
    _refuse(file, config)
    return config


def linears(config: dict[str, Any]) -> int:
    """How many linear layers the projector has, with a GELU between each two."""
    kind = str(config.get("mm_projector_type", "linear"))
    match = re.fullmatch(r"mlp(\d+)x_gelu", kind)
    return int(match[1]) if match else 1


def _refuse(file: Path, config: dict[str, Any]) -> None:
    if config.get("model_type") not in KINDS:
        _no(file, config, "model_type", f"only {', '.join(KINDS)} are read")
    for field, reason in REFUSED.items():
        if config.get(field):
            _no(file, config, field, reason)
    if config.get("image_aspect_ratio") == "anyres" or "anyres" in str(config.get("image_aspect_ratio")):
        _no(file, config, "image_aspect_ratio", "photographs in tiles (LLaVA 1.6) are not read")
    if config.get("mm_patch_merge_type", "flat") != "flat":
        _no(file, config, "mm_patch_merge_type", "only flat rows of patches are read")
    if config.get("mm_vision_select_feature", "patch") not in ("patch", "cls_patch"):
        _no(file, config, "mm_vision_select_feature", "only patch and cls_patch are known")
    kind = str(config.get("mm_projector_type", "linear"))
    if kind != "linear" and not re.fullmatch(r"mlp[1-9]\d*x_gelu", kind):
        _no(file, config, "mm_projector_type", "only linear and mlpNx_gelu are built")
    scaling = config.get("rope_scaling")
    if scaling and scaling.get("type", scaling.get("rope_type")) not in ("linear", "dynamic"):
        _no(file, config, "rope_scaling", "only linear and dynamic are known")
    missing = [name for name in (*NEEDED, "mm_vision_tower") if not config.get(name)]
    if missing:
        raise BrokenCheckpoint(f"{file} lacks {', '.join(missing)}: fetch the file again")


def _no(file: Path, config: dict[str, Any], field: str, reason: str) -> None:
    raise UnsupportedCheckpoint(f"{file}: {field} is {config.get(field)!r}: {reason}")
