"""MpoxVLM as a base: what it writes is again a whole MpoxVLM folder."""

from pathlib import Path
from typing import Any

from PIL import Image
from torch import Tensor

from training.errors import TrainingError
from training.stages.bases import BaseError, pretrained
from training.talks.base import Base
from training.talks.files import copy_words
from vlm.mpoxvlm.architecture import MpoxVLMForConditionalGeneration
from vlm.mpoxvlm.lora import merge
from vlm.mpoxvlm.pixels import Pixels
from vlm.mpoxvlm.tokenizer import FILE, MpoxVLMTokenizer


class MpoxVLMBase(Base):
    """Raises `BaseError` for a folder that is no whole MpoxVLM."""

    projectors = ("multi_modal_projector", "lesion_projector")

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.network = pretrained(MpoxVLMForConditionalGeneration, folder)
        if not (folder / FILE).is_file():
            raise BaseError(f"base {folder} holds no {FILE}: give a whole MpoxVLM folder")
        self._words = MpoxVLMTokenizer.from_folder(folder)
        self._pixels = Pixels.of_folder(folder, self.network.config)
        self.pad = self._words.pad
        self.end = str(self._words.tokenizer.id_to_token(self._words.end))

    def ids(self, text: str) -> list[int]:
        """The image places, then the words, with nothing put before them: as the backend reads."""
        image, places = self._words.image, self.network.config.image_seq_length
        encoded = self._words.encode(text)
        return [one for word in encoded for one in ([word] * places if word == image else [word])]

    def pictures(self, image: Image.Image) -> dict[str, Tensor]:
        """Pixels for one tower or both."""
        return self._pixels.inputs([image])

    def save_projectors(self, folder: Path) -> None:
        """The whole model."""
        self.network.save_pretrained(folder)
        copy_words(self.folder, folder)

    def save_tuned(self, model: Any, folder: Path) -> None:
        """The whole model, with low-rank updates merged into it."""
        if model is not self.network:
            self.network = merge(model)
        self.save_projectors(folder)

    def load_projectors(self, file: Path) -> None:
        """Not needed: the stage projector wrote a whole folder."""
        raise TrainingError(f"projector {file}: give the folder that the stage projector wrote as base")
