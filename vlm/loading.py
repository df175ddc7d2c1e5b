"""From a reference to a loaded model. Heavy libraries are imported only by the model that needs them."""

import json
from pathlib import Path

from vlm import simulated
from vlm.errors import UnknownModel
from vlm.model import Model

BUNDLED = Path(__file__).parent / "bundled"


def load(ref: str | Path | None = None, device: str = "auto") -> Model:
    """Load what `ref` names: None or `bundled`, `simulated[:options]`, or a folder with a `config.json`.

    `device` is `auto` (CUDA where there is one), `cpu` or `cuda[:n]`. Raises `UnknownModel` with a remedy.
    """
    if isinstance(ref, str) and ref.partition(":")[0] == simulated.PREFIX:
        return simulated.SimulatedModel.from_reference(ref)
    folder = BUNDLED if ref in (None, "", "bundled") else Path(str(ref))
    model_type = _model_type(folder)
    if model_type != "mpoxvlm":
        raise UnknownModel(
            f"model type {model_type!r} of {ref} is not known; known: mpoxvlm, {simulated.PREFIX}"
        )
    from vlm.mpoxvlm.inference import MpoxVLM

    return MpoxVLM.from_folder(folder, device=device)


def _model_type(folder: Path) -> str:
    """The `model_type` that the folder's configuration states."""
    config = folder / "config.json"
    if not config.is_file():
        raise UnknownModel(
            f"{str(folder)!r} is no model: give 'bundled', 'simulated:...' or a folder with a config.json"
        )
    return str(json.loads(config.read_text()).get("model_type", ""))
