"""The seed's faults in finding a class in an answer: there in its variant, gone in the repaired one."""

import pytest

from evaluation.zeroshot.datasets import data_sets
from evaluation.zeroshot.matching import match, seed_match

PAD = data_sets()["PAD"].classes
HAM = data_sets()["HAM10000"].classes
BCN = data_sets()["BCN20000"].classes
DDI = data_sets()["DDI_2class"].classes


def test_a_small_actinic_keratosis_is_found_where_the_seed_never_finds_it() -> None:
    answer = "The diagnosis is actinic keratosis."
    assert seed_match(answer, PAD) is None
    assert match(answer, PAD) == "Actinic Keratosis"
    assert match("actinic keratosis", HAM) == seed_match("actinic keratosis", HAM) == "Actinic Keratoses"


def test_a_denied_name_is_not_the_answer_where_the_seed_takes_the_first() -> None:
    answer = "This is not melanoma but a nevus."
    assert seed_match(answer, PAD) == "Melanoma"
    assert match(answer, PAD) == "Nevus"


@pytest.mark.parametrize(
    ("answer", "names", "right"),
    [
        ("melanoma metastasis", BCN, "melanoma metastasis"),
        ("Melanoma was ruled out; it is a seborrheic keratosis", PAD, "Seborrheic Keratosis"),
        ("melanoma is unlikely, basal cell carcinoma", PAD, "Basal Cell Carcinoma"),
        ("Nevus, not melanoma", PAD, "Nevus"),
        ("No signs of melanoma or nevus, this is squamous cell carcinoma", PAD, "Squamous Cell Carcinoma"),
        ("A benign melanocytic naevus", PAD, "Nevus"),
        ("vascular lesion", HAM, "Vascular lesions"),
        ("Non-Malignant", DDI, "Non-Malignant"),
        ("malignant", DDI, "Malignant"),
        ("tumor", ("nontumor", "tumor"), "tumor"),
        ("nontumor", ("nontumor", "tumor"), "nontumor"),
        ("BASAL  CELL\nCARCINOMA", PAD, "Basal Cell Carcinoma"),
    ],
)
def test_the_one_affirmed_name_is_the_answer(answer: str, names: tuple[str, ...], right: str) -> None:
    assert match(answer, names) == right


@pytest.mark.parametrize(
    "answer", ["", "melanoma or nevus", "It is not a melanoma.", "melanomatosis", "unsure"]
)
def test_none_or_several_are_no_answer(answer: str) -> None:
    assert match(answer, PAD) is None


@pytest.mark.parametrize("name", data_sets())
def test_every_class_is_found_as_itself(name: str) -> None:
    classes = data_sets()[name].classes
    for one in classes:
        assert match(f"The diagnosis is {one}.", classes) == one
        assert match(one.lower(), classes) == one
