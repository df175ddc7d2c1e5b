"""What a network's explanations usually look like, learnt at loading, for `drafts.py` to guess from."""

import torch
from PIL import Image

from triage.clinical import Clinical
from triage.example import example_clinical
from vlm.engine.backend import Backend
from vlm.engine.drafts import Drafts
from vlm.engine.explaining import continue_greedily
from vlm.engine.reading import read

PICTURE = (64, 64)


@torch.inference_mode()
def learnt(backend: Backend) -> Drafts:
    """Let the network explain each answer once, about a grey picture and the example's answers.

    In full precision only: in half precision a pass of several tokens may round to other words than a pass
    of one, and the words must not depend on the guesses.
    """
    if not backend.formulaic or backend.network.dtype != torch.float32:
        return Drafts()
    clinical = Clinical.model_validate(example_clinical())
    rows = backend.rows([Image.new("RGB", PICTURE, "grey")], clinical) * len(backend.answers)
    choices = range(len(backend.answers))
    guards = backend.guards([clinical] * len(rows))
    written = continue_greedily(backend, read(backend, rows).prefix, choices, guards, Drafts())
    end = sorted(backend.vocabulary.ends)[:1]
    return Drafts(
        [
            (choice, [*backend.answers[choice], *backend.after_answer, *tokens, *end])
            for choice, tokens in zip(choices, written, strict=True)
        ]
    )
