"""Questions by templates: of facts that are there, the same each time, yes and no in balance."""

from collections import Counter

import pytest

from tests.training.textbooks.questions.invented import CAPTIONS, book_with, questions_of
from training.textbooks import questions
from training.textbooks.clean.labels import labels
from training.textbooks.questions.drafts import age_in_words, open_drafts, yes_no_drafts
from training.textbooks.questions.facts import facts_in
from training.textbooks.questions.supported import unsupported
from training.textbooks.questions.templates import templates
from training.textbooks.questions.vocabulary import groups, terms
from training.textbooks.records import Cleaned


def modality_of(caption):
    named = {"Dermoscopy": "dermoscopic", "Histology": "pathological"}
    return named.get(caption.split()[0], "clinical")


@pytest.fixture
def book(tmp_path):
    return book_with(tmp_path, CAPTIONS)


def test_facts_become_questions_of_all_three_subsets(book):
    questions.run(book)
    of_first = {(one.subset, one.kind): one.answer for one in questions_of(book) if one.pair == "p0000-f01"}
    assert of_first["C", "caption"] == (
        "A 45-year-old woman with an itchy red plaque on the left forearm. Psoriasis. No ulceration."
    )
    assert "psoriasis" in of_first["O", "diagnosis"].lower()
    assert "plaque" in of_first["O", "morphology"].lower()
    assert "ulcer" not in of_first["O", "morphology"].lower()
    assert "forearm" in of_first["O", "site"].lower()
    assert "45 years" in of_first["D", "age"]
    assert "female" in of_first["D", "sex"].lower()


def test_what_the_caption_does_not_state_is_not_asked(book):
    questions.run(book)
    kinds = {one.kind for one in questions_of(book) if one.pair == "p0008-f01"}
    assert kinds <= {"caption", "morphology", "site", "modality", "is_site", "is_morphology", "is_modality"}
    assert not [one for one in questions_of(book) if one.pair == "p0009-f01"]


def test_other_kinds_of_facts_are_asked_about(book):
    questions.run(book)
    asked = {(one.pair, one.kind): one.answer.lower() for one in questions_of(book)}
    assert "excision" in asked["p0001-f01", "next_step"]
    assert "melanoma" in asked["p0002-f01", "differential"]
    assert "dermoscopic" in asked["p0003-f01", "modality"]
    assert "3 days" in asked["p0005-f01", "age"]


def test_each_sample_is_traceable_and_its_id_is_its_own(book):
    written = questions.run(book)
    asked = questions_of(book)
    assert len(asked) == written == len({one.id for one in asked})
    assert all(one.id.startswith(one.pair) and one.book == "book-1" for one in asked)
    assert all(one.page == int(one.pair[1:5]) + 1 for one in asked)


def test_yes_and_no_are_balanced_over_the_book_and_without_flagged_pairs(tmp_path):
    captions = CAPTIONS * 4
    book = book_with(tmp_path, captions, flagged=tuple(range(0, 40, 3)))
    questions.run(book)
    flagged = {f"p{number:04d}-f01" for number in range(0, 40, 3)}
    for among in (True, False):
        counts = Counter(
            one.answer for one in questions_of(book) if one.yes_no and (one.pair in flagged) is among
        )
        assert counts["Yes"] + counts["No"] > 20
        assert abs(counts["Yes"] - counts["No"]) <= 1


def test_the_same_input_gives_the_same_bytes(book):
    questions.run(book)
    first = book.file("questions.jsonl").read_bytes()
    questions.run(book)
    assert book.file("questions.jsonl").read_bytes() == first


def test_questions_vary_from_pair_to_pair(tmp_path):
    book = book_with(tmp_path, CAPTIONS[:1] * 30)
    questions.run(book)
    wordings = {one.question for one in questions_of(book) if one.kind == "diagnosis"}
    assert len(wordings) >= 4


def test_modality_and_screening_are_not_needed(book):
    book.file("modality.jsonl").unlink()
    book.file("screened.jsonl").unlink()
    questions.run(book)
    assert not [one for one in questions_of(book) if "modality" in one.kind]


@pytest.mark.parametrize("caption", CAPTIONS[:9])
def test_no_template_states_what_its_caption_does_not(caption):
    text = caption.partition(" ")[2].partition(" ")[2]
    facts = facts_in(text, modality_of(text))
    for key in map(str, range(8)):
        cleaned = Cleaned(id="x", text=text)
        for draft in open_drafts(cleaned, facts, key):
            if draft.kind != "caption":
                assert unsupported(draft.answer, draft.question, text, facts) == [], draft
        for draft in yes_no_drafts(facts, key, ("psoriasis", "melanoma")):
            for question, answer in ((draft.yes, "Yes"), (draft.no, "No")):
                if question:
                    assert unsupported(answer, question, text, facts) == [], draft
                    wrong = "No" if answer == "Yes" else "Yes"
                    assert unsupported(wrong, question, text, facts), draft


@pytest.mark.parametrize(
    ("years", "words"),
    [
        (45.0, "45 years"),
        (1.0, "1 year"),
        (2.5, "2.5 years"),
        (1.5, "18 months"),
        (0.5, "6 months"),
        (0.008214, "3 days"),
        (0.114990, "42 days"),
    ],
)
def test_ages_are_put_in_the_unit_a_reader_would_choose(years, words):
    assert age_in_words(years) == words


def test_every_kind_has_several_wordings_and_every_wider_term_is_a_term():
    for template in templates().values():
        assert len(set(template.questions)) >= 2
        assert template.yes_no or template.answers
    for group in groups():
        for term in terms(group).values():
            assert not term.within or term.within in terms(group)
    assert len(labels()) > 150
