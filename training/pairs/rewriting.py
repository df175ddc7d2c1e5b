"""Other words for an answer by a language model; what states more than the template did is not taken.

The source of a rewriting is the template's question and answer alone.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training.pairs.building import Pair
from training.textbooks.questions.facts import facts_in
from training.textbooks.questions.language_model import LanguageModel
from training.textbooks.questions.supported import unsupported
from triage.decision import LEVELS
from triage.findings import CONDITION_NAMES

LONGEST_ANSWER = 400
INSTRUCTION = (
    "You reword the answer to a question about a photograph of skin. Say the same in other words: state "
    "nothing that the answer does not state, leave nothing out, and keep every name of a condition, every "
    "number, and every word of doubt such as suspected. Reply with the new answer alone."
)
# A rewriting that lost a word of doubt says more than the template did: of each line one must stay.
DOUBTS = (("suspect", "suspicion"), ("textbook",), ("at most", "no more than"), ("confirm",), ("simulated",))
SAME_DOUBT = " It is a suspicion."
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def rewritten(pair: Pair, model: LanguageModel, cache: Path, seed: int) -> Pair:
    """The pair with the model's answer where that holds; else the pair as it was.

    Raises `vlm.errors.RemoteUnavailable`.
    """
    answer = model.reply(_request(pair, model.model, seed), cache).strip().strip('"')
    if answer == pair.answer or faults(answer, pair):
        return pair
    source = pair.source.model_copy(update={"rewritten_by": model.model})
    return pair.model_copy(update={"answer": answer, "source": source})


def faults(answer: str, pair: Pair) -> list[str]:
    """What speaks against an answer in the template's place; empty where it holds."""
    if not answer or len(answer) > 2 * len(pair.answer) + 80 or "\n" in answer:
        return ["it is no answer of about that length"]
    source = f"{pair.question} {pair.answer}{SAME_DOUBT if 'suspect' in pair.answer.lower() else ''}"
    # What the question gives belongs to the source; the question itself must lend nothing.
    return [*_lost(answer.lower(), pair.answer.lower()), *unsupported(answer, "", source, facts_in(source))]


def _lost(answer: str, before: str) -> Iterator[str]:
    alone = [*CONDITION_NAMES.values(), *LEVELS, *NUMBER.findall(before)]
    for words in (*((word,) for word in alone), *DOUBTS):
        if any(word in before for word in words) and not any(word in answer for word in words):
            yield f"lost: {words[0]}"


def _request(pair: Pair, model: str, seed: int) -> dict[str, Any]:
    return {
        "model": model,
        "messages": [
            {"role": "system", "content": INSTRUCTION},
            {"role": "user", "content": f"Question: {pair.question}\nAnswer: {pair.answer}"},
        ],
        "max_tokens": LONGEST_ANSWER,
        "temperature": 0.7,
        "seed": seed,
        "stream": False,
    }
