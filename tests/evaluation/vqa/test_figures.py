"""Figures from sums are those of `with_interval`, row by row."""

import numpy as np
import pytest

from evaluation.intervals import with_interval
from evaluation.vqa.figures import Tally
from evaluation.vqa.scoring import COUNTS, CorpusBleu, Pair, bleu_of

GROUPS = ["b", "a", "a", "c", "b", "d", "d", "d"]
RECALL = [0.5, 1.0, None, 0.0, 0.25, None, 0.75, 1.0]
PAIRS = [Pair("?", "a pink plaque on the skin", "a pink plaque on skin"[: 4 + 2 * n]) for n in range(8)]


def tally() -> Tally:
    found = Tally()
    counts = CorpusBleu()(PAIRS)
    for group, recall, own in zip(GROUPS, RECALL, counts, strict=True):
        found.add(group, {"token_recall": recall, **own})
    return found


def test_a_mean_has_the_interval_of_with_interval() -> None:
    values = np.array([np.nan if value is None else value for value in RECALL])
    expected = with_interval(lambda rows: float(np.nanmean(values[rows])), GROUPS)
    found = tally().figures()["token_recall"]
    assert found == expected.as_dict() | {"n": 6}


def test_bleu_has_the_interval_of_with_interval() -> None:
    counts = np.array([scores[COUNTS] for scores in CorpusBleu()(PAIRS)])
    for order in (1, 4):
        expected = with_interval(
            lambda rows, order=order: bleu_of(counts[rows].sum(0).tolist(), order), GROUPS
        )
        assert tally().figures()[f"bleu_{order}"] == expected.as_dict()


def test_the_order_of_rows_does_not_count() -> None:
    turned = Tally()
    counts = CorpusBleu()(PAIRS)
    for group, recall, own in reversed(list(zip(GROUPS, RECALL, counts, strict=True))):
        turned.add(group, {"token_recall": recall, **own})
    assert turned.figures() == tally().figures()


def test_groups_and_not_rows_are_drawn() -> None:
    alone, together = Tally(), Tally()
    for number in range(40):
        scores = {"exact_match": float(number % 2)}
        alone.add(str(number), scores)
        together.add(str(number % 2), scores)
    width = [
        found["high"] - found["low"] for found in (t.figures()["exact_match"] for t in (alone, together))
    ]
    assert width[0] < 0.4
    assert width[1] == 1.0


def test_what_has_no_rows_is_not_there() -> None:
    found = Tally()
    found.add("a", {"yes_no": None, "exact_match": 1.0})
    assert found.figures() == {"exact_match": {"value": 1.0, "low": 1.0, "high": 1.0, "n": 1}}
    assert found.figures()["exact_match"]["value"] == pytest.approx(1.0)
