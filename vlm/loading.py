"""From a reference to a loaded model. Each backend is a module with `load`; only the one needed is imported.

To add a backend, write such a module and name it in one of the tables below.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from vlm.errors import BrokenCheckpoint, UnknownModel
from vlm.model import Model

BUNDLED = Path(__file__).parent / "bundled"

# `word:rest` goes as a whole to `load(ref, device)` of the module.
BY_WORD = {"simulated": "vlm.simulated", "openai": "vlm.remote.backend"}
# A folder goes to `load(folder, device)` of the module.
BY_MODEL_TYPE = {"mpoxvlm": "vlm.mpoxvlm.backend", "dermtriage_llava": "vlm.llava.backend"}
ORIGINAL_LLAVA = "vlm.llava.backend"
STANDARD = "vlm.standard.backend"


def load(ref: str | Path | None = None, device: str = "auto") -> Model:
    """Load what `ref` names: None or `bundled`, `simulated[:options]`, `openai:URL#MODEL`, or a folder.

    A folder holds an MpoxVLM, an original LLaVA checkpoint (or a LoRA of one), or any other
    `AutoModelForImageTextToText`. `device` is `auto` (CUDA where there is one), `cpu` or `cuda[:n]`.
    Raises `ModelError`, its text with a remedy.
    """
    word = ref.partition(":")[0] if isinstance(ref, str) else ""
    if word in BY_WORD:
        return _load(BY_WORD[word], ref, device)
    folder = BUNDLED if ref in (None, "", "bundled") else Path(str(ref))
    return _load(_module_for(folder), folder, device)


def _load(module: str, ref: Any, device: str) -> Model:
    return cast(Model, import_module(module).load(ref, device))


def _module_for(folder: Path) -> str:
    if any((folder / name).is_file() for name in ("adapter_config.json", "import_report.json")):
        return ORIGINAL_LLAVA
    config = _configuration(folder)
    if "mm_vision_tower" in config or str(config.get("model_type", "")).startswith("llava_"):
        # transformers' own llava_next and llava_onevision name no tower either: they state a vision_config.
        return STANDARD if "vision_config" in config else ORIGINAL_LLAVA
    return BY_MODEL_TYPE.get(str(config.get("model_type", "")), STANDARD)


def _configuration(folder: Path) -> dict[str, Any]:
    file = folder / "config.json"
    if not file.is_file():
        raise UnknownModel(
            f"{str(folder)!r} is no model: give 'bundled', 'simulated:...', 'openai:URL#MODEL' "
            "or a folder with a config.json"
        )
    try:
        return dict(json.loads(file.read_text()))
    except ValueError as error:
        raise BrokenCheckpoint(f"{file} is no JSON object ({error}): fetch the file again") from None
