"""The demo's twelve cases: drawn, invented, valid, and of more than one urgency."""

from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image

from dermtriage.local.drawing import LESIONS, Picture, draw_jpeg
from dermtriage.local.sample_cases import SAMPLE_CASES, SampleCase
from triage import decide, load_policy
from triage.clinical import Clinical


def test_there_are_twelve_with_names_of_their_own() -> None:
    assert len({sample.name for sample in SAMPLE_CASES}) == 12


@pytest.mark.parametrize("sample", SAMPLE_CASES, ids=lambda sample: sample.name)
def test_each_is_valid_and_its_pictures_can_be_decoded(sample: SampleCase) -> None:
    assert Clinical.model_validate(sample.clinical()).patient_ref == sample.name
    for photograph in sample.photographs():
        with Image.open(BytesIO(photograph)) as picture:
            assert picture.format == "JPEG"
            assert picture.size == (640, 640)
            picture.load()


def test_they_show_every_kind_of_lesion_and_every_skin_tone() -> None:
    pictures = [picture for sample in SAMPLE_CASES for picture in sample.pictures]
    assert {picture.kind for picture in pictures} == {None, *LESIONS}
    assert {picture.fitzpatrick for picture in pictures} == {1, 2, 3, 4, 5, 6}


def test_their_urgency_before_any_model_differs() -> None:
    policy = load_policy()
    levels = [decide(None, Clinical.model_validate(each.clinical()), policy).level for each in SAMPLE_CASES]
    assert levels.count("emergency") == 2
    assert len(set(levels)) >= 3


def test_a_picture_is_the_same_each_time_and_another_with_another_seed() -> None:
    first, again, other = (draw_jpeg(Picture(seed, 3, "pustule", 4)) for seed in (1, 1, 2))
    assert sha256(first).digest() == sha256(again).digest()
    assert first != other
