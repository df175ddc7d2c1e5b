"""The modality by rules before anything is checked, and by what a person checked afterwards."""

import pytest

from tests.training.textbooks.drawn import drawn
from training.textbooks.checked import read_checked
from training.textbooks.errors import TextbookError
from training.textbooks.modality.confusion import report
from training.textbooks.modality.features import NAMED, features
from training.textbooks.modality.model import FEWEST, Example, ModalityModel, cross_validated
from training.textbooks.modality.rules import probabilities
from training.textbooks.modality.words import words_for
from training.textbooks.records import MODALITIES

RULES = ModalityModel(())


def example(modality, seed, caption="", group=""):
    return Example(features(drawn(modality, seed)), caption, group or f"figure {seed}", modality)


@pytest.fixture(scope="module")
def checked():
    """Twelve of each, from four books."""
    return [example(one, seed, group=f"book {seed % 4}") for one in MODALITIES for seed in range(12)]


@pytest.mark.parametrize("modality", ["clinical", "pathological"])
def test_plain_colours_are_seen_without_words(modality):
    guesses = [RULES.guess(example(modality, seed))[0] for seed in range(8)]
    assert guesses.count(modality) == 8


@pytest.mark.parametrize(
    ("caption", "modality"),
    [
        ("Dermoscopy of a naevus.", "dermoscopic"),
        ("Dermatoscopic view: globules and a blue-white veil.", "dermoscopic"),
        ("Trichoscopy with yellow dots.", "dermoscopic"),
        ("H&E, original magnification x200.", "pathological"),
        ("Histopathology shows acantholysis.", "pathological"),
        ("Immunofluorescence: linear IgG.", "pathological"),
        ("Melanoma, confirmed by histology.", "clinical"),
        ("Naevus of the back, histologically proven.", "clinical"),
        ("A 34-year-old woman with plaques.", "clinical"),
    ],
)
def test_words_of_a_caption_weigh(caption, modality):
    guess, _ = RULES.guess(example("clinical", 1, caption))
    assert guess == modality


def test_probabilities_are_such():
    found = probabilities(features(drawn("dermoscopic", 1)), "")
    assert sum(found.values()) == pytest.approx(1)
    assert set(found) == set(MODALITIES)
    assert words_for("Without histology.") == (0, 0, 0)


def test_features_do_not_depend_on_the_size_and_are_all_finite():
    small, large = features(drawn("clinical", 3)), features(drawn("clinical", 3).resize((960, 720)))
    assert len(small) > 50
    assert small[: len(NAMED)] == pytest.approx(large[: len(NAMED)], abs=0.06)
    assert all(-1 <= number <= 1.5 for number in small)


def test_a_model_learns_what_rules_do_not_see(checked):
    model = ModalityModel(checked)
    unseen = [example(modality, seed) for modality in MODALITIES for seed in range(50, 55)]
    right = sum(model.guess(one)[0] == one.modality for one in unseen)
    by_rule = sum(RULES.guess(one)[0] == one.modality for one in unseen)
    assert right == len(unseen) > by_rule


def test_too_few_checks_leave_the_rules(checked):
    few = [*checked[: FEWEST - 1], *checked[12 : 12 + FEWEST - 1]]
    unseen = example("pathological", 70)
    assert ModalityModel(few).guess(unseen) == RULES.guess(unseen)


def test_a_modality_never_checked_is_still_guessed_by_rule(checked):
    model = ModalityModel([one for one in checked if one.modality != "pathological"])
    assert model.guess(example("pathological", 70))[0] == "pathological"


def test_no_group_is_on_both_sides_of_a_fold(checked):
    """Labels that only the group tells cannot be guessed across groups."""
    told_by_group = [
        Example(one.features, "", f"g{number // 9}", MODALITIES[number // 9 % 2])
        for number, one in enumerate(checked)
    ]
    guessed = cross_validated(told_by_group)
    assert len(guessed) == len(checked)
    assert sum(one.modality == guess for one, guess in guessed) < 0.8 * len(checked)


def test_the_confusion_is_printed(checked):
    lines = report(checked, "book")
    assert "36 checked" in lines[0]
    assert "right on 36 of 36" in lines[1]
    assert lines[-2].split() == ["dermoscopic", "0", "12", "0"]
    assert "no cross-validation" in report([checked[0]], "book")[1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("book,id,modality\na,b,clinical\n", "no column 'caption'"),
        ("book,id,modality,caption\na,b,x-ray,yes\n", "line 2: modality 'x-ray' is none of clinical"),
        ("book,id,modality,caption\na,b,clinical,maybe\n", "line 2: caption 'maybe' is neither yes nor no"),
    ],
)
def test_a_csv_that_is_none_is_named(tmp_path, text, says):
    file = tmp_path / "checked.csv"
    file.write_text(text)
    with pytest.raises(TextbookError, match=says):
        read_checked(file)
