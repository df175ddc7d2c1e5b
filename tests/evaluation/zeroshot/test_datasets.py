"""The seed's data sets are all listed with their classes and sources."""

import pytest

from evaluation.errors import EvaluationError
from evaluation.zeroshot.datasets import data_set, data_sets, listed

SFT = {"HAM10000", "DDI_2class", "Dermnet", "Fitzpatrick", "HIBA_2class", "ISIC", "PAD", "Patch16_2class"}


def test_the_eight_of_the_paper_are_there_and_three_for_zero_shot() -> None:
    assert {name for name, one in data_sets().items() if "sft" in one.used} == SFT
    assert {name for name, one in data_sets().items() if "zeroshot" in one.used} == {
        "HAM10000",
        "PAD",
        "Patch16_2class",
    }


def test_each_has_two_classes_or_more_and_a_source() -> None:
    for one in data_sets().values():
        assert len(set(one.classes)) == len(one.classes) >= 2
        assert one.source.startswith("https://")
        assert one.name in listed()
        assert one.source in listed()


def test_an_unknown_name_is_refused_with_those_known() -> None:
    with pytest.raises(EvaluationError, match="HAM10000"):
        data_set("HAM")
