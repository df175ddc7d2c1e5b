"""What a model makes of a photograph before its decoder reads it, as one vector: the input of a probe."""

from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from vlm.engine.assessor import Assessor
from vlm.engine.backend import Backend, Row
from vlm.errors import UnsupportedCheckpoint
from vlm.model import Model


class FeatureReader:
    """Reads photographs with a model's eyes and projector.

    Raises `UnsupportedCheckpoint` for a model that has none here: a remote server, the simulated one.
    """

    def __init__(self, model: Model) -> None:
        if not isinstance(model, Assessor):
            raise UnsupportedCheckpoint(
                f"{model.provenance['model']} shows no image features: give a folder of a local model, "
                "or 'bundled'"
            )
        self.backend: Backend = model.backend

    def ready(self, image: Image.Image) -> Row:
        """The photograph as the network takes it. CPU work only, in any thread."""
        return self.backend.naming_row(image, "")

    @torch.inference_mode()
    def features(self, rows: Sequence[Row]) -> Tensor:
        """(N, D), float32, on the CPU: the mean of each photograph's image tokens behind the projector.

        Image tokens are all that the decoder is given of a photograph; an MpoxVLM's soft prompt is one of
        them. What else is in the batch moves a number by less than 1e-5.
        """
        return torch.stack([_pooled(tokens) for tokens in self.backend.image_features(rows)])


def image_features(model: Model, images: Sequence[Image.Image]) -> Tensor:
    """(N, D): the features of photographs that are open already."""
    reader = FeatureReader(model)
    return reader.features([reader.ready(image) for image in images])


def _pooled(tokens: Any) -> Tensor:
    """(D): the mean over tokens of (..., D), or of several such tensors, as tiles of one photograph are."""
    parts = tokens if isinstance(tokens, list | tuple) else [tokens]
    return torch.cat([part.reshape(-1, part.shape[-1]) for part in parts]).float().mean(dim=0).cpu()
