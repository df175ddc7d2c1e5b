"""Scores as LLaVA-Med's published evaluation of VQA computes them, for numbers to compare with.

It is what MM-Skin's papers and their like report. What differs from the libraries' own ways:
- BLEU-n is nltk's `sentence_bleu` of n-grams of that order alone, words parted at spaces, averaged over rows;
- recall counts a shared word as often as the answer says it;
- "exact match" is the share of the answer's words that are different words of the reference;
- an answer to a closed question is right where the true word is anywhere in it, "no" in "normal" too.
The scripts' lists of contractions, number words and articles are left out.
"""

import warnings
from collections import Counter
from collections.abc import Sequence

from evaluation.vqa.scoring import ORDERS, Pair, Scores

STRIPPED = str.maketrans("", "", ',.;:!?"()[]{}')


class SeedScoring:
    """`bleu_1` to `bleu_4`, `token_recall`, `exact_match`, `yes_no` in these ways."""

    def __call__(self, pairs: Sequence[Pair]) -> list[Scores]:
        """One a pair."""
        with warnings.catch_warnings():
            # nltk warns of every short answer that has no n-gram in common.
            warnings.filterwarnings("ignore", message=r"\s*The hypothesis contains 0 counts")
            return [self._one(pair) for pair in pairs]

    def _one(self, pair: Pair) -> Scores:
        reference, answer = _words(pair.reference), _words(pair.answer)
        closed = pair.closed
        return {
            **{f"bleu_{order}": _bleu(reference, answer, order) for order in range(1, ORDERS + 1)},
            "token_recall": None if closed else _recall(Counter(reference), Counter(answer)),
            "exact_match": sum(word in answer for word in set(reference)) / len(answer) if answer else 0.0,
            "yes_no": float(closed in " ".join(answer)) if closed else None,
            "words": len(answer),
        }


def _words(text: str) -> list[str]:
    return text.lower().translate(STRIPPED).split()


def _bleu(reference: list[str], answer: list[str], order: int) -> float:
    from nltk.translate.bleu_score import sentence_bleu

    weights = tuple(float(order == n) for n in range(1, ORDERS + 1))
    return float(sentence_bleu([reference], answer, weights=weights))


def _recall(reference: Counter[str], answer: Counter[str]) -> float:
    shared = sum(count for word, count in answer.items() if word in reference)
    missed = sum(count for word, count in reference.items() if word not in answer)
    return shared / (shared + missed) if shared else 0.0
