"""Findings and explanations of each family are those of transformers, computed slowly and one by one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

import vlm
from tests.vlm.drawn import clinical, photograph
from tests.vlm.standard.tiny import FAMILIES
from triage.clinical import Clinical
from triage.findings import CONDITIONS, Findings
from vlm import Presentation
from vlm.prompting import instruction

# transformers' PaliGemma processor makes an array of a tensor in a way that newer numpy will not allow.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LONGEST = 12
SIZES = [(320, 240), (200, 420), (300, 300), (640, 200)]
SAID = [
    clinical(),
    clinical(symptoms={"fever": {"present": "yes"}, "rash": {"present": "yes"}}, sex="male"),
    clinical(red_flags={"eye": "yes"}, lesions={"sites": ["palm", "face"], "count": "25-99"}),
]
CASES = [
    Presentation((photograph(1, SIZES[0]),), SAID[0]),
    Presentation((photograph(2, SIZES[1]),), SAID[1]),
    Presentation((photograph(3, SIZES[2]), photograph(4, SIZES[3])), SAID[2]),
    Presentation((photograph(5, SIZES[3]),), SAID[2]),
    Presentation((photograph(6, SIZES[1]), photograph(7, SIZES[0]), photograph(8, SIZES[2])), SAID[0]),
]


@dataclass
class Family:
    """A folder as written, the model that was loaded from it, and the network that was saved into it."""

    folder: Path
    model: Any
    network: Any


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Family:
    folder = tmp_path_factory.mktemp(request.param)
    network = FAMILIES[request.param](folder)
    model = vlm.load(folder, device="cpu")
    model.backend.longest_explanation = LONGEST  # type: ignore[attr-defined]
    return Family(folder, model, network)


def prompt(family: Family, said: Clinical) -> str:
    """The chat as the template of the tiny models writes it."""
    place = family.model.backend._processor.image_token
    return f"<s>user: {place}\n{instruction.question(said)}\nassistant: Finding:"


def inputs(family: Family, image: Image.Image, said: Clinical, then: list[int]) -> dict[str, Tensor]:
    """What transformers' processor makes of it, and tokens behind it that are an answer's."""
    processor = family.model.backend._processor
    made = processor(
        images=[image], text=[prompt(family, said)], return_tensors="pt", add_special_tokens=False
    )
    made.pop("labels", None)
    # In PaliGemma an answer is a suffix (1), which does not see what follows; in the others 1 is a picture.
    kind = 1 if family.network.config.model_type == "paligemma" else 0
    behind = {"input_ids": then, "attention_mask": [1] * len(then)}
    for name in made:
        if name in behind or name.endswith("token_type_ids"):
            more = torch.tensor([behind.get(name, [kind] * len(then))])
            made[name] = torch.cat([made[name], more.to(made[name].dtype)], dim=1)
    return dict(made)


def slow_scores(family: Family, image: Image.Image, said: Clinical) -> Tensor:
    """Mean log-probability of each answer's tokens, by one whole pass without a cache for each."""
    scores = []
    for text in instruction.answers():
        answer = family.model.backend.vocabulary.encode(text)
        with torch.inference_mode():
            logits = family.network(**inputs(family, image, said, answer), use_cache=False).logits[0]
        steps = logits[-len(answer) - 1 : -1].log_softmax(-1)
        scores.append(steps.gather(-1, torch.tensor(answer)[:, None]).mean())
    return torch.stack(scores)


def probabilities(findings: Findings) -> Tensor:
    return torch.tensor([findings.probability_of(condition) for condition in CONDITIONS])


def assert_same(found: list[Findings], expected: list[Findings]) -> None:
    assert [findings.explanation for findings in found] == [findings.explanation for findings in expected]
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(probabilities(one), probabilities(other), atol=1e-4, rtol=0)
        assert one.image_dependence == pytest.approx(other.image_dependence, abs=1e-4)


def test_findings_are_those_of_a_whole_pass_for_each_candidate(family: Family) -> None:
    for case in (CASES[0], CASES[1], CASES[3]):
        found = probabilities(family.model.assess([case])[0])
        expected = slow_scores(family, case.images[0], case.clinical).softmax(-1)
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_the_answers_differ_with_photograph_and_clinical_information(family: Family) -> None:
    shown = [CASES[0], Presentation(CASES[1].images, SAID[0]), Presentation(CASES[0].images, SAID[2])]
    first, other_image, other_words = (probabilities(found) for found in family.model.assess(shown))
    assert (first - other_image).abs().max() > 1e-3
    assert (first - other_words).abs().max() > 1e-3


def test_the_explanation_is_what_generate_writes_after_the_chosen_answer(family: Family) -> None:
    backend = family.model.backend
    for case in (CASES[0], CASES[1], CASES[3]):
        found = family.model.assess([case])[0]
        chosen = backend.answers[CONDITIONS.index(found.top.condition)] + backend.after_answer
        given = inputs(family, case.images[0], case.clinical, chosen)
        written = family.network.generate(
            **given,
            do_sample=False,
            max_new_tokens=LONGEST,
            suppress_tokens=sorted(backend.vocabulary.unwritable),
        )[0, given["input_ids"].shape[1] :].tolist()
        assert found.explanation == backend.vocabulary.decode(written).strip()
        assert found.explanation


def test_a_batch_of_mixed_cases_gives_what_each_gives_alone(family: Family) -> None:
    alone = [family.model.assess([case])[0] for case in CASES]
    assert_same(family.model.assess(CASES), alone)
    assert_same(family.model.assess(CASES[::-1]), alone[::-1])


def test_the_same_cases_give_the_same_findings(family: Family) -> None:
    assert family.model.assess(CASES) == family.model.assess(CASES)


def test_rows_read_one_by_one_give_the_same(family: Family) -> None:
    expected = family.model.assess(CASES)
    family.model.backend.reader.together = False
    try:
        assert_same(family.model.assess(CASES), expected)
    finally:
        family.model.backend.reader.together = True


def test_answers_packed_into_one_row_or_not_score_the_same(family: Family) -> None:
    expected, packs = family.model.assess(CASES), family.model.backend.packs_answers
    # Gemma 3 has a window of attention shorter than the prompt, which a packed mask would not show.
    assert packs == (family.network.config.model_type != "gemma3")
    family.model.backend.packs_answers = False
    try:
        assert_same(family.model.assess(CASES), expected)
    finally:
        family.model.backend.packs_answers = packs


def test_provenance_says_how_it_was_asked_and_read(family: Family) -> None:
    said = family.model.provenance
    assert said["model"] == family.network.config.model_type
    assert said["prompt_version"] == "instruction-1"
    assert said["prompt_form"] == "chat template"
    assert said["reading"] == "rows together"
    assert said["unused_weights"] == "0"
    assert len(str(said["weights_sha256"])) == 64
