"""Closed questions, recall and exact match, worked out by hand."""

import pytest

from evaluation.vqa.words import closed_answer, exactly, token_recall, words, yes_or_no


@pytest.mark.parametrize(
    ("question", "answer", "closed"),
    [
        ("Is the lesion raised?", "No, the lesion is flat.", "no"),
        ("Is it contagious?", "Yes", "yes"),
        ("Is it contagious?", "yes it is", "yes"),
        ("Can you see scale? ", "  YES.", "yes"),
        ("How is it treated?", "No treatment is needed.", None),
        ("What does the image show?", "Yes, a cyst.", "yes"),
        ("Is it contagious?", "It is not.", None),
        ("Is it a nodule?", "Nodular melanoma.", None),
        ("Is this normal?", "Normal skin.", None),
    ],
)
def test_a_question_is_closed_where_its_true_answer_is_yes_or_no(
    question: str, answer: str, closed: str | None
) -> None:
    assert closed_answer(question, answer) == closed


@pytest.mark.parametrize(
    ("answer", "said"),
    [("No, it is flat", "no"), ("'Yes'", "yes"), ("It is normal", None), ("Nothing", None), ("", None)],
)
def test_an_answer_says_yes_or_no_by_its_first_word(answer: str, said: str | None) -> None:
    assert yes_or_no(answer) == said


def test_words_lose_case_and_punctuation_and_keep_hyphens_and_apostrophes() -> None:
    assert words("Well-demarcated, pink (5 mm) papules; patient's.") == [
        "well-demarcated", "pink", "5", "mm", "papules", "patient's",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "answer", "recall"),
    [
        ("a pink plaque", "A plaque.", 2 / 3),
        ("the cyst on the finger", "the the the", 2 / 5),
        ("the cyst on the finger", "the cyst", 2 / 5),
        ("a pink plaque", "", 0.0),
        ("...", "anything", None),
    ],
)
def test_recall_counts_each_word_as_often_as_it_is_there(
    reference: str, answer: str, recall: float | None
) -> None:
    assert token_recall(reference, answer) == recall


def test_exact_match_is_of_words_in_order() -> None:
    assert exactly("The plaque is pink.", "the plaque is PINK") == 1.0
    assert exactly("The plaque is pink.", "Pink is the plaque") == 0.0
