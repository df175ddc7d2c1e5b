"""BERTScore with an encoder of a folder: Zhang et al., ICLR 2020, arXiv 1904.09675, equations of section 3.

As the authors' own code counts without idf weights: each token of one text is matched with the most similar
token of the other; the first and the last special token may be matched, and have no weight of their own.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from evaluation.errors import EvaluationError
from evaluation.vqa.scoring import Pair, Scores


class BertScore:
    """`bert_precision`, `bert_recall`, `bert_f1`, unscaled. `layer`: whose states count; the last if None."""

    def __init__(self, folder: Path, layer: int | None, device: str) -> None:
        from transformers import AutoModel, AutoTokenizer

        from vlm.devices import place

        if not (folder / "config.json").is_file():
            raise EvaluationError(
                f"{folder} has no config.json: give an encoder's folder with --bertscore-encoder"
            )
        local = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, **local)
            network: Any = AutoModel.from_pretrained(folder, dtype=torch.float32, **local)
        # Foreign files can make transformers raise whatever Python has: that is a finding about the folder.
        except Exception as error:
            said = " ".join(str(error).split())[:200]
            raise EvaluationError(f"{folder} holds no encoder that can be read ({said})") from error
        self.layer = int(network.config.num_hidden_layers) if layer is None else layer
        if not 0 <= self.layer <= network.config.num_hidden_layers:
            raise EvaluationError(
                f"{folder} has {network.config.num_hidden_layers} layers: --bertscore-layer {layer} is none"
            )
        self._longest = int(getattr(network.config, "max_position_embeddings", 512))
        self._device = place(device)
        self._network = network.eval().to(self._device)

    @torch.inference_mode()
    def __call__(self, pairs: Sequence[Pair]) -> list[Scores]:
        """All pairs are encoded together."""
        references = self._encoded([pair.reference for pair in pairs])
        answers = self._encoded([pair.answer for pair in pairs])
        return [self._one(*both) for both in zip(references, answers, strict=True)]

    def _one(self, reference: tuple[Tensor, Tensor], answer: tuple[Tensor, Tensor]) -> Scores:
        similar = answer[0] @ reference[0].T
        precision = _weighted(similar.amax(1), answer[1])
        recall = _weighted(similar.amax(0), reference[1])
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return {"bert_precision": precision, "bert_recall": recall, "bert_f1": f1}

    def _encoded(self, texts: Sequence[str]) -> list[tuple[Tensor, Tensor]]:
        """States of each text's tokens (L, H) of length 1, and which of them have a weight (L)."""
        given = self._tokenizer(
            list(texts), padding=True, truncation=True, max_length=self._longest, return_tensors="pt",
            return_special_tokens_mask=True,
        )  # fmt: skip
        special = given.pop("special_tokens_mask")
        fed = {name: given[name].to(self._device) for name in ("input_ids", "attention_mask")}
        states = self._network(**fed, output_hidden_states=True).hidden_states[self.layer].cpu()
        units = torch.nn.functional.normalize(states, dim=-1)
        kept = given["attention_mask"].bool()
        return [
            (own[there], 1 - marks[there]) for own, there, marks in zip(units, kept, special, strict=True)
        ]


def _weighted(best: Tensor, weights: Tensor) -> float:
    """The mean over tokens that have a weight; 0 where none has: an empty text is like no other."""
    total = int(weights.sum())
    return float((best * weights).sum() / total) if total else 0.0
