"""Scores of pairs of a true and a given answer, by the libraries that define them.

A score is a number for each pair, or None where it has no meaning there; BLEU of a corpus needs counts
instead, which are summed. Every scorer takes several pairs and says nothing of one that depends on others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from evaluation.vqa.words import closed_answer, exactly, token_recall, words, yes_or_no

ORDERS = 4
COUNTS = "bleu_counts"
"""Matching n-grams of the four orders, n-grams of the four orders, length of the answer, of the reference."""


@dataclass(frozen=True)
class Pair:
    """What was asked, what is true, what was answered."""

    question: str
    reference: str
    answer: str

    @property
    def closed(self) -> str | None:
        """`yes` or `no` where the question is closed."""
        return closed_answer(self.question, self.reference)


Scores = dict[str, Any]


class Scorer(Protocol):
    """Gives the scores of each pair, in order."""

    def __call__(self, pairs: Sequence[Pair]) -> list[Scores]:
        """See above."""


class CorpusBleu:
    """Counts for BLEU as sacrebleu counts them: lower case, tokenised as `13a`."""

    def __init__(self) -> None:
        from sacrebleu.metrics.bleu import BLEU

        self._bleu = BLEU(lowercase=True, tokenize="13a", max_ngram_order=ORDERS)

    def __call__(self, pairs: Sequence[Pair]) -> list[Scores]:
        """The counts of each pair."""
        return [{COUNTS: self._counts(pair)} for pair in pairs]

    def _counts(self, pair: Pair) -> list[int]:
        found = self._bleu.corpus_score([pair.answer], [[pair.reference]])
        return [*found.counts, *found.totals, found.sys_len, found.ref_len]


def bleu_of(counts: Sequence[int], order: int) -> float:
    """BLEU of summed counts up to n-grams of this order, 0 to 1, smoothed as sacrebleu does by itself."""
    from sacrebleu.metrics.bleu import BLEU

    correct, total = list(counts[:order]), list(counts[ORDERS : ORDERS + order])
    found = BLEU.compute_bleu(
        correct, total, counts[-2], counts[-1], smooth_method="exp", max_ngram_order=order
    )
    return float(found.score) / 100


class Rouge:
    """F1 of ROUGE-1, ROUGE-2 and ROUGE-L by rouge-score, without stemming."""

    def __init__(self) -> None:
        from rouge_score.rouge_scorer import RougeScorer

        self._scorer: Any = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=False)

    def __call__(self, pairs: Sequence[Pair]) -> list[Scores]:
        """`rouge_1`, `rouge_2`, `rouge_l`."""
        found = [self._scorer.score(pair.reference, pair.answer) for pair in pairs]
        return [{f"rouge_{name[5:].lower()}": s.fmeasure for name, s in scores.items()} for scores in found]


class Meteor:
    """METEOR by nltk, with the WordNet of a folder."""

    def __init__(self, wordnet: Path) -> None:
        from evaluation.vqa.wordnet import wordnet_of

        self._wordnet = wordnet_of(wordnet)

    def __call__(self, pairs: Sequence[Pair]) -> list[Scores]:
        """`meteor`."""
        from nltk.tokenize import wordpunct_tokenize
        from nltk.translate.meteor_score import single_meteor_score

        return [
            {
                "meteor": single_meteor_score(
                    wordpunct_tokenize(pair.reference),
                    wordpunct_tokenize(pair.answer),
                    wordnet=self._wordnet,
                )
            }
            for pair in pairs
        ]


class Plain:
    """`token_recall` of open questions, `yes_no` of closed ones, `exact_match` of all."""

    def __call__(self, pairs: Sequence[Pair]) -> list[Scores]:
        """An answer to a closed question counts by its first word."""
        return [self._one(pair) for pair in pairs]

    def _one(self, pair: Pair) -> Scores:
        closed = pair.closed
        return {
            "token_recall": None if closed else token_recall(pair.reference, pair.answer),
            "yes_no": float(yes_or_no(pair.answer) == closed) if closed else None,
            "exact_match": exactly(pair.reference, pair.answer),
            "words": len(words(pair.answer)),
        }
