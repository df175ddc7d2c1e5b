"""The three ways from a case to its label and explanation that are measured beside each other.

All three use the same network, in the same precision, on the same device and threads, read the same
photographs and prompts, decode greedily, and write as many tokens of explanation as `assess` did.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from transformers import Pipeline, ProcessorMixin, pipeline

from dermtriage.bench.model.work import Work
from vlm import Model, Presentation
from vlm.engine.backend import Backend


def assess(model: Model, size: int, work: Work) -> None:
    """The product's way: batches of `size`."""
    for batch in work.batches(size):
        model.assess(batch.shown)


class SeedWay:
    """What the inference of LLaVA and of SkinVL does: one case at a time, a `generate` for each question.

    The photograph is prepared once. The label is generated, at most as many tokens as the longest answer;
    then the whole prompt is read anew, photograph included, with the label behind it, and the explanation
    generated.
    """

    def __init__(self, backend: Backend, processor: ProcessorMixin) -> None:
        self.backend, self.processor = backend, processor
        self.network: Any = backend.network

    @torch.inference_mode()
    def read(self, work: Work) -> list[tuple[str, str]]:
        """Label and explanation of each case."""
        cases = zip(work.shown, work.prompts, work.explanation_tokens, strict=True)
        return [self._case(*case) for case in cases]

    def _case(self, shown: Presentation, prompt: str, explanation_tokens: int) -> tuple[str, str]:
        words = self.backend.vocabulary
        prepared = self.processor(images=[shown.images[0]], text=[prompt], return_tensors="pt")
        ids = prepared.pop("input_ids")[0].tolist()
        pictures = self._pictures(prepared)
        label = self._generate(ids, pictures, max_new_tokens=max(map(len, self.backend.answers)))
        label = [token for token in label if token not in words.ends]
        told = self._generate(
            ids + label + self.backend.after_answer,
            pictures,
            min_new_tokens=explanation_tokens,
            max_new_tokens=explanation_tokens,
        )
        return words.decode(label), words.decode(told)

    def _pictures(self, prepared: Any) -> dict[str, Tensor]:
        """What the processor made of the photograph, where the network is and in its precision."""
        floats = {name: part for name, part in prepared.items() if part.is_floating_point()}
        return {name: part.to(self.network.device, self.network.dtype) for name, part in floats.items()}

    def _generate(self, ids: list[int], pictures: dict[str, Tensor], **lengths: int) -> list[int]:
        prompt = torch.tensor([ids], device=self.network.device)
        written = self.network.generate(
            input_ids=prompt,
            attention_mask=torch.ones_like(prompt),
            **pictures,
            **greedily(self.backend),
            **lengths,
        )
        return list(written[0, len(ids) :].tolist())


class PipelineWay:
    """transformers' own `pipeline("image-text-to-text")`, batched: label and explanation in one `generate`.

    A batch writes as many tokens as the longest answer, what stands behind it, and its longest explanation.
    """

    def __init__(self, backend: Backend, processor: ProcessorMixin) -> None:
        self.backend = backend
        self.pipe: Pipeline = pipeline(
            "image-text-to-text", model=backend.network, processor=processor, device=backend.network.device
        )

    def read(self, size: int, work: Work) -> list[str]:
        """What was written for each case, in batches of `size`."""
        return [text for batch in work.batches(size) for text in self._batch(batch)]

    def _batch(self, batch: Work) -> list[str]:
        longest = max(map(len, self.backend.answers)) + len(self.backend.after_answer)
        longest += max(batch.explanation_tokens)
        answered = self.pipe(
            _asked(batch),
            batch_size=len(batch.shown),
            return_full_text=False,
            generate_kwargs={
                **greedily(self.backend),
                "min_new_tokens": longest,
                "max_new_tokens": longest,
            },
        )
        return [one[0]["generated_text"] for one in answered]


def _asked(batch: Work) -> Iterator[dict[str, Any]]:
    """An iterator, because a list of these would be taken for a chat."""
    for shown, prompt in zip(batch.shown, batch.prompts, strict=True):
        yield {"images": shown.images[0], "text": prompt}


def greedily(backend: Backend) -> dict[str, Any]:
    """How both other ways generate."""
    words = backend.vocabulary
    return {"do_sample": False, "eos_token_id": sorted(words.ends), "pad_token_id": words.pad}
