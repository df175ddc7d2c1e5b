"""The decoder learns to read the classifier's probabilities together with the facts, and to explain.

While it learns it never sees what the classifier makes of a photograph: probabilities are drawn at random and
the answer's right distribution is worked out (`Evidence`). So it cannot learn a photograph by heart, and what
it says later is what the probabilities and the facts say. The CLIP tower, which is still, tells it how the
picture looks.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from training.appearance import appearance
from training.augmentation import normalise
from training.bundled.evidence import Evidence, evidence_from
from training.bundled.parts import fingerprint, generator, running
from training.bundled.plan import Plan
from training.bundled.views import view
from training.bundled.whole_model import untrained, with_clip
from training.explanations import explanation
from training.photographs import Photographs
from training.running.prepared import Item, Prepared
from training.running.run import run_prepared
from training.simulated_clinical import draw_clinical
from triage.findings import CONDITIONS
from vlm.mpoxvlm.architecture import (
    LEAST_LOG_PROBABILITY,
    MpoxVLMForConditionalGeneration,
    TowerViews,
    image_outputs,
)
from vlm.mpoxvlm.prompt import prompt, wording
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer

# So often the answer that is explained is any condition: the text follows the answer, whatever the picture.
OTHER_ANSWER_SHARE = 0.3
# The answer is one token among a hundred, and it decides.
ANSWER_WEIGHT = 2.0


@dataclass(frozen=True)
class Example:
    """One text: token ids, where the answer stands, where the explanation begins, the right answers (10,)."""

    ids: list[int]
    answer_at: int
    explained_from: int
    right: NDArray[np.float64]


def train_decoder(
    plan: Plan, photographs: Photographs, tokenizer: MpoxVLMTokenizer, data: Path, run: Path
) -> None:
    """Train it over the CLIP tower of `run`; the network ends in `run`/decoder/model."""

    def prepare() -> Prepared:
        model = untrained(plan, tokenizer)
        with_clip(model, run / "clip" / "model")
        model.model.lesion_classifier.requires_grad_(False)
        return Prepared(
            model=model,
            train=_Texts(plan, model.config.image_seq_length, photographs, tokenizer, data),
            validation=None,
            collate=lambda items: _together(items, tokenizer.pad),
            save=lambda network, folder: cast(Any, network).save_pretrained(folder),
            loss=lambda network, item: _loss(cast(Any, network), item, answers),
        )

    answers = torch.tensor([tokens[0] for tokens in tokenizer.answers])
    settings = running(plan, plan.decoder, plan.seed % 2**30, data)
    run_prepared("decoder", prepare, settings, run / "decoder")


class _Texts:
    """Random views, probabilities that have nothing to do with them, and a text about both."""

    def __init__(
        self, plan: Plan, places: int, photographs: Photographs, tokenizer: MpoxVLMTokenizer, data: Path
    ) -> None:
        self.plan, self.places, self.photographs, self.tokenizer = plan, places, photographs, tokenizer
        self.evidence, self.fingerprint = evidence_from(data, plan.evidence), fingerprint(photographs)

    def __len__(self) -> int:
        return len(self.photographs)

    def draw(self, row: int, chance: torch.Generator | None) -> Item:
        """`pixel_values` (3, S, S), `log_probabilities` (10,) and the `example`."""
        drawn = generator(chance)
        pixels = torch.from_numpy(self.photographs.pixels[row])[None]
        seen = normalise(view(pixels, self.plan.side, self.plan.views, drawn))
        told = drawn_log_probabilities(1, drawn)[0]
        words = random.Random(int(torch.randint(2**31, (1,), generator=drawn)))
        looks = appearance(seen)[0]
        facts = self.photographs.rows[row]
        text = example(told.numpy(), facts, looks, self.tokenizer, self.places, self.evidence, words)
        return {"pixel_values": seen[0], "log_probabilities": told, "example": text}


def _together(items: Sequence[Item], pad: int) -> Item:
    examples: list[Example] = [item["example"] for item in items]
    ids = [torch.tensor(one.ids) for one in examples]
    return {
        **{
            name: torch.stack([item[name] for item in items])
            for name in ("pixel_values", "log_probabilities")
        },
        "ids": pad_sequence(ids, batch_first=True, padding_value=pad),
        "lengths": torch.tensor([len(one.ids) for one in examples]),
        "answer_at": torch.tensor([one.answer_at for one in examples]),
        "explained_from": torch.tensor([one.explained_from for one in examples]),
        "right": torch.from_numpy(np.stack([one.right for one in examples])).float(),
    }


def drawn_log_probabilities(count: int, chance: torch.Generator) -> Tensor:
    """(B, 10): from no idea at all to hardly a doubt, any condition first."""
    spread = 0.3 + 2.2 * torch.rand(count, 1, generator=chance)
    lead = 5.0 * torch.rand(count, 1, generator=chance)
    first = torch.randint(len(CONDITIONS), (count, 1), generator=chance)
    scores = spread * torch.randn(count, len(CONDITIONS), generator=chance)
    return scores.scatter_add(1, first, lead).log_softmax(-1)


def example(
    log_probabilities: NDArray[np.float32],
    row: dict[str, str],
    seen: tuple[str, ...],
    tokenizer: MpoxVLMTokenizer,
    places: int,
    evidence: Evidence,
    chance: random.Random,
) -> Example:
    """One text for probabilities (10,) and a photograph that looks like `seen` and takes so many places."""
    (believed,) = chance.choices(CONDITIONS, weights=np.exp(log_probabilities).tolist())
    clinical = draw_clinical(believed, row, chance, wide=True)
    scores = log_probabilities.clip(min=LEAST_LOG_PROBABILITY) + evidence.of(clinical)
    right = np.exp(scores - scores.max())
    right /= right.sum()
    (answer,) = chance.choices(CONDITIONS, weights=right.tolist())
    if chance.random() < OTHER_ANSWER_SHARE:
        answer = chance.choice(CONDITIONS)
    question = [tokenizer.image] * places + tokenizer.encode(prompt(clinical).text)
    given = [*tokenizer.answers[CONDITIONS.index(answer)], *tokenizer.encode(str(wording()["answer_end"]))]
    written = [*tokenizer.encode(explanation(answer, clinical, seen)), tokenizer.end]
    return Example(question + given + written, len(question), len(question) + len(given), right)


def _loss(model: MpoxVLMForConditionalGeneration, item: Item, answers: Tensor) -> Tensor:
    """The answer's distribution, and the explanation's words."""
    ids, lengths = item["ids"], item["lengths"][:, None]
    places = torch.arange(ids.shape[1], device=ids.device)
    hidden = model.model(
        input_ids=ids,
        attention_mask=(places < lengths).long(),
        mm_encoder_outputs={"image": image_outputs(_image_tokens(model, item))},
        use_cache=False,
    ).last_hidden_state
    before = hidden[torch.arange(len(ids)), item["answer_at"] - 1]
    said = model.lm_head(before).log_softmax(-1)[:, answers.to(ids.device)]
    explained = (places[1:] >= item["explained_from"][:, None]) & (places[1:] < lengths)
    text = functional.cross_entropy(model.lm_head(hidden[:, :-1][explained]), ids[:, 1:][explained])
    loss: Tensor = ANSWER_WEIGHT * -(item["right"] * said).sum(-1).mean() + text
    return loss


def _image_tokens(model: MpoxVLMForConditionalGeneration, item: Item) -> Tensor:
    with torch.no_grad():
        clip = model.model.vision_tower(item["pixel_values"], output_hidden_states=True)
        patches = clip.hidden_states[model.config.vision_feature_layer][:, 1:]
    nothing = item["log_probabilities"].new_zeros(len(patches), 0)
    tokens: Tensor = model.model.fuse(TowerViews(patches, nothing, item["log_probabilities"]))
    return tokens
