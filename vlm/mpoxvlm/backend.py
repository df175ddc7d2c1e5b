"""Loads an MpoxVLM folder."""

from pathlib import Path

from vlm.model import Model


def load(folder: Path, device: str) -> Model:
    """The model of this folder on `device`."""
    from vlm.mpoxvlm.inference import MpoxVLM

    return MpoxVLM.from_folder(folder, device=device)
