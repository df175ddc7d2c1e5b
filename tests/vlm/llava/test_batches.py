"""A batch of an original checkpoint gives what its members give alone."""

import pytest

import vlm
from tests.vlm.drawn import clinical
from tests.vlm.llava.test_recorded_numbers import DATA
from triage.clinical import Clinical
from vlm.presentation import Presentation

EYE: dict[str, object] = {"red_flags": {"eye": "yes"}}


def _shown() -> list[Presentation]:
    from PIL import Image

    images = [Image.open(DATA / "images" / f"img{n}.png").convert("RGB") for n in range(3)]
    plain = clinical()
    more = Clinical.model_validate(
        {"patient_ref": "-", "consent": {"triage": True}, "region": "XX-1", "age": {"years": 40}} | EYE
    )
    return [
        Presentation(images=(images[0],), clinical=plain),
        Presentation(images=tuple(images[1:]), clinical=more),
    ]


def test_a_batch_gives_what_its_members_give_alone() -> None:
    model = vlm.load(DATA / "llava-mistral-base", device="cpu")
    shown = _shown()

    together = model.assess(shown)

    for case, found in zip(shown, together, strict=True):
        alone = model.assess([case])[0]
        assert alone.explanation == found.explanation
        for finding in alone.findings:
            assert found.probability_of(finding.condition) == pytest.approx(finding.probability, abs=1e-4)
    assert together[0].provenance["prompt_form"] == "mistral_instruct"
    assert together[0].provenance["vision_weights"] == "tower"
