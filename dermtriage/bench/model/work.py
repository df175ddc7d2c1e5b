"""The cases that all sides of a bench read, prepared before any clock starts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import ProcessorMixin

from vlm import Presentation
from vlm.engine.assessor import Assessor
from vlm.engine.backend import Backend
from vlm.engine.drafts import Drafts


@dataclass(frozen=True)
class Work:
    """Cases, each with its prompt as text and the tokens of the explanation that `assess` writes."""

    shown: Sequence[Presentation]
    prompts: Sequence[str]
    explanation_tokens: Sequence[int]

    def first(self, count: int) -> "Work":
        """The first so many cases."""
        return Work(self.shown[:count], self.prompts[:count], self.explanation_tokens[:count])

    def batches(self, size: int) -> list["Work"]:
        """The same in batches."""
        return [
            Work(self.shown[n : n + size], self.prompts[n : n + size], self.explanation_tokens[n : n + size])
            for n in range(0, len(self.shown), size)
        ]


def prepare(
    model: Assessor, backend: Backend, processor: ProcessorMixin, shown: Sequence[Presentation]
) -> Work:
    """Make the prompts and count the explanations' tokens, by assessing each case alone once."""
    return Work(
        shown,
        [prompt_text(backend, processor, case) for case in shown],
        [explanation_tokens(model, backend.network, case) for case in shown],
    )


def prompt_text(backend: Backend, processor: Any, shown: Presentation) -> str:
    """The product's prompt of a case as text with one image place.

    Raises ValueError where the processor makes other tokens of it than the product.
    """
    ids = backend.rows(shown.images[:1], shown.clinical)[0].ids
    place = processor.tokenizer.convert_tokens_to_ids(processor.image_token)
    start, end = ids.index(place), len(ids) - ids[::-1].index(place)
    before, behind = (
        processor.tokenizer.decode(part, clean_up_tokenization_spaces=False)
        for part in (ids[:start], ids[end:])
    )
    text = f"{before}{processor.image_token}{behind}"
    made = processor(images=[shown.images[0]], text=[text], return_tensors="pt")["input_ids"][0].tolist()
    if made != ids:
        raise ValueError("the processor's prompt is not the product's: the comparison would be unfair")
    return text


@torch.inference_mode()
def explanation_tokens(model: Assessor, network: nn.Module, shown: Presentation) -> int:
    """How many tokens `assess` writes for this case alone: without drafts it reads one at a time to do so."""
    steps = 0

    def count(_: nn.Module, given: tuple[object, ...], named: dict[str, object]) -> None:
        nonlocal steps
        read = named.get("input_ids", given[0] if given else None)
        steps += isinstance(read, torch.Tensor) and read.shape[1] == 1

    handle = network.register_forward_pre_hook(count, with_kwargs=True)
    drafts, model.drafts = model.drafts, Drafts()
    try:
        model.assess([shown])
    finally:
        model.drafts = drafts
        handle.remove()
    return steps + 1
