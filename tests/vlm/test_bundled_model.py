"""The model that ships with the package keeps the promises of `Model`."""

import itertools
import os
import random
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForImageTextToText

import vlm
from evaluation.explanations.sentences import LEARNT, names_finding, states_only_given_facts
from tests.vlm.drawn import clinical, photograph
from training.bundled.plan import Plan
from training.bundled.tokenizer import train_tokenizer
from training.simulated_clinical import draw_clinical
from triage.clinical import RedFlags
from triage.findings import CONDITION_NAMES, CONDITIONS, Findings
from vlm.engine.assessor import Assessor
from vlm.loading import BUNDLED
from vlm.mpoxvlm.backend import NOTICE, MpoxVLMBackend
from vlm.mpoxvlm.guard import signs_of
from vlm.mpoxvlm.preprocessing import pixel_values
from vlm.mpoxvlm.prompt import prompt, wording

FLAGS = list(RedFlags.model_fields)


@pytest.fixture(scope="module")
def model() -> Assessor:
    """Without overlays, which take most of its time and change nothing here."""
    loaded = vlm.load(device="cpu")
    assert isinstance(loaded, Assessor)
    assert isinstance(loaded.backend, MpoxVLMBackend)
    loaded.settings = loaded.settings.model_copy(update={"vlm_saliency": False})
    return loaded


def shown(seed: int, images: int = 1, **answers: object) -> vlm.Presentation:
    return vlm.Presentation(tuple(photograph(seed * 10 + i) for i in range(images)), clinical(**answers))


def alike(first: Findings, second: Findings) -> bool:
    pairs = zip(first.findings + first.classifier, second.findings + second.classifier, strict=True)
    return first.explanation == second.explanation and all(
        a.condition == b.condition and abs(a.probability - b.probability) < 1e-4 for a, b in pairs
    )


def test_the_default_model_is_the_bundled_one_and_says_what_it_is(model: Assessor) -> None:
    assert isinstance(model, vlm.Model)
    assert model.provenance["notice"] == NOTICE == "research demonstration, not for clinical use"
    assert model.provenance["weights_sha256"] == model.revision
    assert model.provenance["prompt_version"] == wording()["version"]
    assert {"model", "version", "decoding", "dtype", "torch", "transformers", "seed"} <= set(model.provenance)


def test_the_weights_are_small_enough_to_ship() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) <= 30 * 2**20


def test_threads_are_what_the_setting_says(model: Assessor) -> None:
    assert torch.get_num_threads() == int(os.environ.get("VLM_THREADS", "1"))


def test_findings_and_classifier_are_distributions_over_the_ten_conditions(model: Assessor) -> None:
    (findings,) = model.assess([shown(1)])
    for view in (findings.findings, findings.classifier):
        assert {finding.condition for finding in view} == set(CONDITIONS)
        assert sum(finding.probability for finding in view) == pytest.approx(1)
        assert [f.probability for f in view] == sorted((f.probability for f in view), reverse=True)


def test_a_batch_gives_what_its_members_give_alone(model: Assessor) -> None:
    batch = [
        shown(1),
        shown(2, images=3, symptoms={"fever": {"present": "yes"}, "rash": {"present": "yes"}}),
        shown(3, red_flags=dict.fromkeys(FLAGS, "yes")),
        shown(4, images=2, lesions={"sites": ["palm", "sole"], "grew": "yes"}),
    ]
    together = model.assess(batch)
    assert all(
        alike(findings, model.assess([case])[0]) for findings, case in zip(together, batch, strict=True)
    )


def test_the_same_case_gives_the_same_findings(model: Assessor) -> None:
    assert model.assess([shown(5)]) == model.assess([shown(5)])


def test_other_photographs_give_other_findings(model: Assessor) -> None:
    found = model.assess([shown(seed) for seed in range(6)])
    assert len({findings.findings for findings in found}) == 6
    assert len({findings.explanation for findings in found}) > 1


def test_identity_and_free_text_change_nothing(model: Assessor) -> None:
    plain, named = shown(1), shown(1, patient_ref="somebody", free_text="a long story")
    assert model.assess([plain])[0].findings == model.assess([named])[0].findings


def test_the_order_of_photographs_does_not_change_the_findings(model: Assessor) -> None:
    case = shown(6, images=3)
    turned = vlm.Presentation(case.images[::-1], case.clinical)
    assert alike(*model.assess([case, turned]))


def test_a_photograph_that_cannot_be_graded_does_not_count_beside_one_that_can(model: Assessor) -> None:
    dark = photograph(1).point(lambda value: value // 16)
    good = shown(7)
    both = vlm.Presentation((dark, *good.images), good.clinical)
    alone, together = model.assess([good, both])
    assert [quality.gradable for quality in together.image_quality] == [False, True]
    assert alone.top.probability == pytest.approx(together.top.probability, abs=1e-4)


def test_the_explanation_names_the_finding_it_was_scored_with(model: Assessor) -> None:
    for findings in model.assess([shown(seed) for seed in range(8)]):
        assert f"Fits best: {CONDITION_NAMES[findings.top.condition]}." in findings.explanation


def red_flag_combinations() -> list[tuple[str, ...]]:
    chance = random.Random(7)
    several = [tuple(chance.sample(FLAGS, size)) for size in (3, 4, 5, 8) for _ in range(4)]
    return [(), *((flag,) for flag in FLAGS), *itertools.combinations(FLAGS, 2), *several, tuple(FLAGS)]


def test_every_red_flag_answered_yes_is_named_and_no_other(model: Assessor) -> None:
    """All fields alone, all pairs, some larger sets and all together, beside other facts."""
    combinations = red_flag_combinations()
    cases = [
        shown(
            number % 5,
            red_flags=dict.fromkeys(flags, "yes"),
            symptoms={"fever": {"present": "yes"}} if number % 2 else {},
            lesions={"count": "25-99", "sites": ["face"]} if number % 3 else {},
        )
        for number, flags in enumerate(combinations)
    ]
    words = wording()["red_flags"]
    for flags, findings in zip(combinations, model.assess(cases), strict=True):
        sentence = findings.explanation.partition("Red flags answered yes: ")[2].partition(".")[0]
        expected = {words[flag] for flag in flags} or {wording()["none"]}
        assert set(sentence.split("; ")) == expected, flags


def test_no_fact_is_named_that_was_not_given(model: Assessor) -> None:
    chance = random.Random(3)
    cases = [
        vlm.Presentation((photograph(number % 5),), draw_clinical(condition, {}, chance, wide=True))
        for number, condition in enumerate(CONDITIONS * 4)
    ]
    for case, findings in zip(cases, model.assess(cases), strict=True):
        assert LEARNT.fullmatch(findings.explanation)
        assert names_finding(findings.explanation, CONDITION_NAMES[findings.top.condition])
        assert states_only_given_facts(findings.explanation, case.clinical)


def test_a_tokenizer_that_cannot_name_a_phrase_in_one_token_is_refused(model: Assessor) -> None:
    other = train_tokenizer(Plan(vocabulary=400))
    with pytest.raises(vlm.ModelError, match="do not belong together"):
        signs_of(other)


def test_saved_and_loaded_again_it_is_the_same_to_the_bit(model: Assessor, tmp_path: Path) -> None:
    model.backend.network.save_pretrained(tmp_path)
    model.backend.vocabulary.save(tmp_path)
    again = AutoModelForImageTextToText.from_pretrained(tmp_path, dtype=torch.float32)
    kept = model.backend.network.state_dict()
    assert type(again) is type(model.backend.network)
    assert all(torch.equal(kept[name], value) for name, value in again.state_dict().items())
    assert (
        vlm.load(tmp_path, device="cpu").assess([shown(1)])[0].findings
        == model.assess([shown(1)])[0].findings
    )


@torch.inference_mode()
def test_without_the_guard_the_explanation_is_what_generate_of_transformers_writes(model: Assessor) -> None:
    case = shown(3, red_flags={"eye": "yes"})
    model.guarded = False
    try:
        (findings,) = model.assess([case])
    finally:
        model.guarded = True
    network, tokenizer = model.backend.network, model.backend.vocabulary
    places = [tokenizer.image] * network.config.image_seq_length
    answer = tokenizer.answers[CONDITIONS.index(findings.top.condition)]
    row = (
        places
        + tokenizer.encode(prompt(case.clinical).text)
        + answer
        + tokenizer.encode(wording()["answer_end"])
    )
    written = network.generate(
        input_ids=torch.tensor([row]),
        attention_mask=torch.ones(1, len(row), dtype=torch.long),
        pixel_values=torch.from_numpy(pixel_values(case.images, network.config.vision_config.image_size)),
        max_new_tokens=160,
        do_sample=False,
    )
    assert tokenizer.decode(written[0, len(row) :].tolist()).strip() == findings.explanation
