"""Which of given names fits a photograph best: each name scored as the answer to a question in free words."""

from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor

from vlm.engine.assessor import Assessor
from vlm.engine.backend import Row
from vlm.engine.batching import PHOTOGRAPHS_AT_ONCE
from vlm.engine.reading import read_prefix
from vlm.engine.scoring import score_answers
from vlm.errors import UnsupportedCheckpoint
from vlm.model import Model


class Naming:
    """One question about every photograph, and the names that may answer it.

    Raises `UnsupportedCheckpoint` for a model whose tokens are not read here: a remote server, the simulated
    model.
    """

    def __init__(self, model: Model, question: str, names: Sequence[str]) -> None:
        if not isinstance(model, Assessor):
            raise UnsupportedCheckpoint(
                f"{model.provenance['model']} does not let names be scored: give a folder of a local model, "
                "or 'bundled'"
            )
        self.backend, self.question, self.names = model.backend, question, tuple(names)
        self._answers = [self.backend.vocabulary.encode(f" {name}") for name in names]

    def ready(self, image: Image.Image) -> Row:
        """The photograph with the question, ready for the network. CPU work only, in any thread."""
        return self.backend.naming_row(image, self.question)

    @torch.inference_mode()
    def scores(self, rows: Sequence[Row]) -> Tensor:
        """(N, K), float32, on the CPU: the mean log-probability of each name's tokens behind the question.

        The mean, so that a name's length does not count. At most `PHOTOGRAPHS_AT_ONCE` are read together;
        what else is in the batch moves a score by less than 1e-4.
        """
        parts = [rows[at : at + PHOTOGRAPHS_AT_ONCE] for at in range(0, len(rows), PHOTOGRAPHS_AT_ONCE)]
        return torch.cat([self._together(part) for part in parts])

    def _together(self, rows: Sequence[Row]) -> Tensor:
        prefix = read_prefix(self.backend, rows)
        return score_answers(self.backend, prefix, self._answers).float().cpu()
