"""The pixels that an MpoxVLM's towers read: their sides and colours are those of the folder's processor."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from vlm.mpoxvlm.configuration import MpoxVLMConfig
from vlm.mpoxvlm.image_processor import MpoxVLMImageProcessor
from vlm.mpoxvlm.preprocessing import pixel_values

PROCESSOR = "processor_config.json"


@dataclass(frozen=True)
class View:
    """What one tower reads: its side in pixels, and mean and standard deviation of each colour."""

    side: int
    mean: NDArray[np.float32]
    std: NDArray[np.float32]

    def of(self, images: Sequence[Image.Image]) -> Tensor:
        """(N, 3, side, side), float32."""
        return torch.from_numpy(pixel_values(images, self.side, self.mean, self.std))


@dataclass(frozen=True)
class Pixels:
    """CLIP's view, and the lesion classifier's own where it is another one."""

    clip: View
    own_lesion: View | None

    @property
    def lesion(self) -> View:
        """What the lesion classifier reads."""
        return self.own_lesion or self.clip

    @classmethod
    def of_folder(cls, folder: Path, config: MpoxVLMConfig) -> "Pixels":
        """As the folder's processor says; the bundled model's colours where it has none."""
        if (folder / PROCESSOR).is_file():
            told = MpoxVLMImageProcessor.from_pretrained(folder, local_files_only=True)
        else:
            told = MpoxVLMImageProcessor(size=config.vision_config.image_size)
        clip = View(config.vision_config.image_size, _colours(told.image_mean), _colours(told.image_std))
        if told.lesion_size is None:
            return cls(clip, None)
        mean = told.lesion_image_mean or told.image_mean
        std = told.lesion_image_std or told.image_std
        return cls(clip, View(config.lesion_config.image_size, _colours(mean), _colours(std)))

    def inputs(self, images: Sequence[Image.Image]) -> dict[str, Tensor]:
        """The network's named inputs for these photographs."""
        clip = {"pixel_values": self.clip.of(images)}
        return clip | ({"lesion_pixel_values": self.own_lesion.of(images)} if self.own_lesion else {})


def _colours(numbers: Sequence[float]) -> NDArray[np.float32]:
    return np.array(list(numbers), dtype=np.float32)
