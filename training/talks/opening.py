"""From the settings to a base and its conversations."""

import json
from pathlib import Path

from training.config import Talking
from training.stages.bases import BaseError
from training.talks.base import Base
from training.talks.llava_base import LlavaBase
from training.talks.mpoxvlm_base import MpoxVLMBase
from training.talks.reading import talks_of
from training.talks.tokens import TalkSet


def base_of(settings: Talking) -> Base:
    """The base that the settings name, with projectors trained before where they are given."""
    base = MpoxVLMBase(settings.base) if _is_mpoxvlm(settings.base) else LlavaBase(settings)
    if settings.projector:
        base.load_projectors(settings.projector)
    return base


def sets_of(settings: Talking, base: Base) -> tuple[TalkSet, TalkSet | None]:
    """Training and validation conversations."""

    def read(file: Path) -> TalkSet:
        return TalkSet(talks_of(file, settings.images), base, settings.template, settings.longest)

    return read(settings.data), read(settings.validation) if settings.validation else None


def _is_mpoxvlm(folder: Path) -> bool:
    file = folder / "config.json"
    if not file.is_file():
        raise BaseError(f"base {folder} is no folder with a config.json; nothing is fetched: give a folder")
    try:
        return bool(json.loads(file.read_text()).get("model_type") == "mpoxvlm")
    except (ValueError, AttributeError) as error:
        raise BaseError(f"{file} is no JSON object ({error}): fetch the folder again") from None
