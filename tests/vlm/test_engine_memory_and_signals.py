"""The engine gets by with little memory, and tells a model that ignores its photographs."""

from typing import Any

import pytest
import torch

import vlm
from tests.vlm.drawn import clinical, photograph
from tests.vlm.local_models import loaded
from vlm.engine.assessor import Assessor
from vlm.engine.calibration import NONE, Calibration, Conformal, calibration_of
from vlm.errors import BrokenCheckpoint


@pytest.fixture
def model() -> Assessor:
    """The bundled model, one for each test to change; without overlays, which take most of its time."""
    own = vlm.load(device="cpu")
    assert isinstance(own, Assessor)
    own.settings = own.settings.model_copy(update={"vlm_saliency": False})
    return own


def shown(seed: int, images: int = 1) -> vlm.Presentation:
    return vlm.Presentation(tuple(photograph(seed * 10 + i) for i in range(images)), clinical())


def too_small_for(model: Assessor, rows: int, seen: list[int]) -> None:
    def hook(module: Any, args: Any, kwargs: dict[str, Any]) -> None:
        seen.append(len(kwargs["input_ids"]))
        if seen[-1] > rows:
            raise torch.OutOfMemoryError("too many rows")

    model.backend.network.register_forward_pre_hook(hook, with_kwargs=True)


def test_a_batch_that_does_not_fit_is_halved_and_the_size_is_remembered(model: Assessor) -> None:
    cases = [shown(seed) for seed in range(8)]
    expected = [findings.findings for findings in model.assess(cases)]
    seen: list[int] = []
    too_small_for(model, 2, seen)
    for _ in range(2):
        found = model.assess(cases)
        for findings, other in zip(found, expected, strict=True):
            assert [f.condition for f in findings.findings] == [f.condition for f in other]
    assert sorted({size for size in seen if size > 2}) == [4, 8]
    assert seen.count(8) == seen.count(4) == 1


def test_a_single_case_that_does_not_fit_raises(model: Assessor) -> None:
    too_small_for(model, 2, [])
    with pytest.raises(torch.OutOfMemoryError):
        model.assess([shown(1, images=3)])


def test_a_network_that_cannot_see_is_said_to_ignore_the_photographs(model: Assessor) -> None:
    inner = model.backend.network.model
    with torch.no_grad():
        for part in (inner.multi_modal_projector, inner.lesion_projector):
            for parameter in part.parameters():
                parameter.zero_()
    found = model.assess([shown(seed) for seed in range(100)])
    assert sum(findings.image_ignored for findings in found) >= 99


def test_a_calibration_sharpens_or_shifts_the_findings(tmp_path: Any) -> None:
    scores = torch.zeros(1, 10)
    (tmp_path / "calibration.json").write_text('{"version": "1", "bias": {"mpox": 1.0}}')
    assert int(calibration_of(tmp_path, "x").applied(scores).argmax()) == 0
    flat = Calibration(version="1", temperature=2).applied(torch.arange(10.0)[None])
    assert float(flat.exp().max()) < float(torch.arange(10.0).softmax(-1).max())


def test_a_calibration_for_other_weights_is_refused(tmp_path: Any) -> None:
    (tmp_path / "calibration.json").write_text('{"version": "1", "weights_sha256": "other"}')
    with pytest.raises(BrokenCheckpoint, match="weights_sha256"):
        calibration_of(tmp_path, "these")


def test_a_prediction_set_holds_what_reaches_the_threshold_by_falling_probability() -> None:
    sets = Calibration(version="1", conformal=Conformal(coverage=0.8, threshold=0.2, n=30))
    probabilities = [0.2, 0.19, 0.5, *[0.11 / 7] * 7]
    assert sets.prediction_set(probabilities) == ("measles", "mpox")
    assert sets.prediction_set([0.1] * 10) == (), "nothing known fits"
    assert Calibration(version="1").prediction_set(probabilities) is None


def test_findings_carry_what_the_calibration_promises(model: Assessor) -> None:
    model.calibration = NONE
    (before,) = model.assess([shown(1)])
    assert (before.prediction_set, before.set_coverage, before.operating_points) == (None, None, {})
    least = before.findings[2].probability
    model.calibration = Calibration(
        version="1",
        operating_points={"mpox": 0.25},
        conformal=Conformal(coverage=0.9, threshold=least - 1e-6, n=99),
    )
    (after,) = model.assess([shown(1)])
    assert after.prediction_set == tuple(finding.condition for finding in after.findings[:3])
    assert (after.set_coverage, after.operating_points) == (0.9, {"mpox": 0.25})


def test_each_photograph_gets_an_overlay_where_the_setting_says_so(model: Assessor) -> None:
    cases = [shown(1, images=2), shown(2)]
    assert [findings.saliency for findings in model.assess(cases)] == [(), ()]
    model.settings = model.settings.model_copy(update={"vlm_saliency": True})
    drawn = [findings.saliency for findings in model.assess(cases)]
    assert [len(overlays) for overlays in drawn] == [2, 1]
    assert all(overlay and overlay.startswith(b"\x89PNG") for overlays in drawn for overlay in overlays)


def test_a_network_without_a_classifier_has_no_overlay() -> None:
    assert loaded("original llava").assess([shown(1)])[0].saliency == (None,)


def test_an_explanation_that_denies_what_was_answered_is_marked(
    model: Assessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    feverish = vlm.Presentation((photograph(1),), clinical(symptoms={"fever": {"present": "yes"}}))
    assert not model.assess([feverish])[0].explanation_conflict
    monkeypatch.setattr(model.backend.vocabulary, "decode", lambda ids: "The patient has no fever.")
    denied, unknown = model.assess([feverish, shown(1)])
    assert (denied.explanation_conflict, unknown.explanation_conflict) == (True, False)
