"""The decoder learns to read the classifier's probabilities together with the facts, and to explain.

While it learns it never sees what the classifier makes of a photograph: probabilities are drawn at random and
the answer's right distribution is worked out (`Evidence`). So it cannot learn a photograph by heart, and what
it says later is what the probabilities and the facts say. The CLIP tower, which is still, tells it how the
picture looks.
"""

import random
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from training.appearance import appearance
from training.augmentation import normalise
from training.bundled.evidence import Evidence
from training.bundled.plan import Plan
from training.bundled.views import view
from training.explanations import explanation
from training.photographs import Photographs
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


def decoder_loss(
    plan: Plan,
    model: MpoxVLMForConditionalGeneration,
    tokenizer: MpoxVLMTokenizer,
    photographs: Photographs,
    evidence: Evidence,
    chance: torch.Generator,
) -> Tensor:
    """The loss of one freshly drawn batch: the answer's distribution, and the explanation's words."""
    words = random.Random(int(torch.randint(2**31, (1,), generator=chance)))
    chosen = torch.randint(len(photographs), (plan.decoder.batch,), generator=chance)
    views = view(torch.from_numpy(photographs.pixels)[chosen], plan.side, plan.views, chance)
    seen = normalise(views)
    probabilities = drawn_log_probabilities(plan.decoder.batch, chance)
    examples = [
        example(log_probabilities, photographs.rows[row], told, tokenizer, model, evidence, words)
        for log_probabilities, row, told in zip(
            probabilities.numpy(), chosen.tolist(), appearance(seen), strict=True
        )
    ]
    with torch.no_grad():
        patches = model.model.vision_tower(seen, output_hidden_states=True).hidden_states[
            model.config.vision_feature_layer
        ][:, 1:]
    told = TowerViews(patches, torch.zeros(len(patches), 0), probabilities)
    return _loss(model, tokenizer, examples, model.model.fuse(told))


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
    model: MpoxVLMForConditionalGeneration,
    evidence: Evidence,
    chance: random.Random,
) -> Example:
    """One text for probabilities (10,) of a photograph that looks like `seen`."""
    (believed,) = chance.choices(CONDITIONS, weights=np.exp(log_probabilities).tolist())
    clinical = draw_clinical(believed, row, chance, wide=True)
    scores = log_probabilities.clip(min=LEAST_LOG_PROBABILITY) + evidence.of(clinical)
    right = np.exp(scores - scores.max())
    right /= right.sum()
    (answer,) = chance.choices(CONDITIONS, weights=right.tolist())
    if chance.random() < OTHER_ANSWER_SHARE:
        answer = chance.choice(CONDITIONS)
    question = [tokenizer.image] * model.config.image_seq_length + tokenizer.encode(prompt(clinical).text)
    given = [*tokenizer.answers[CONDITIONS.index(answer)], *tokenizer.encode(str(wording()["answer_end"]))]
    written = [*tokenizer.encode(explanation(answer, clinical, seen)), tokenizer.end]
    return Example(question + given + written, len(question), len(question) + len(given), right)


def _loss(
    model: MpoxVLMForConditionalGeneration,
    tokenizer: MpoxVLMTokenizer,
    examples: list[Example],
    image_tokens: Tensor,
) -> Tensor:
    ids = pad_sequence(
        [torch.tensor(one.ids) for one in examples], batch_first=True, padding_value=tokenizer.pad
    )
    places = torch.arange(ids.shape[1])
    lengths = torch.tensor([len(one.ids) for one in examples])
    hidden = model.model(
        input_ids=ids,
        attention_mask=(places < lengths[:, None]).long(),
        mm_encoder_outputs={"image": image_outputs(image_tokens)},
        use_cache=False,
    ).last_hidden_state
    before = torch.tensor([one.answer_at - 1 for one in examples])
    answers = torch.tensor([tokens[0] for tokens in tokenizer.answers])
    said = model.lm_head(hidden[torch.arange(len(ids)), before]).log_softmax(-1)[:, answers]
    right = torch.from_numpy(np.stack([one.right for one in examples])).float()
    begun = torch.tensor([one.explained_from for one in examples])
    explained = (places[1:] >= begun[:, None]) & (places[1:] < lengths[:, None])
    text = functional.cross_entropy(model.lm_head(hidden[:, :-1][explained]), ids[:, 1:][explained])
    loss: Tensor = ANSWER_WEIGHT * -(right * said).sum(-1).mean() + text
    return loss
