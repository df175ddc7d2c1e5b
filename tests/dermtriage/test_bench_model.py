"""The bench of models compares equal work, counts its operations as torch does, and says what it found."""

import json
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch.utils.flop_counter import FlopCounterMode

from dermtriage.bench.model.compare import Comparison
from dermtriage.bench.model.flops import matrix_flops_per_s, prefill_flops
from dermtriage.bench.model.prefill import prompts_of
from dermtriage.bench.model.results import key_of, slug
from dermtriage.bench.model.shapes import processor_for, random_llava
from dermtriage.bench.model.shown import HEIGHT, WIDTH, presentations
from dermtriage.bench.model.sides import PipelineWay, SeedWay
from dermtriage.bench.model.subjects import RANDOM_EXPLANATION, Subject, random_llava_subject
from dermtriage.bench.model.work import prepare, prompt_text
from dermtriage.cli import group

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def tiny() -> Subject:
    return random_llava_subject("tiny", "cpu")


def test_the_operations_of_a_prefill_are_those_that_torch_counts() -> None:
    network = random_llava("tiny", CPU, torch.float32)
    network.set_attn_implementation("eager")  # which computes both halves of the decoder's attention
    inputs = processor_for("tiny")(
        images=[presentations(1)[0].images[0]], text=["<image>\nFinding:"], return_tensors="pt"
    )
    with torch.no_grad(), FlopCounterMode(display=False) as counted:
        network(**inputs, logits_to_keep=1)
    flops = prefill_flops(network, inputs["input_ids"].shape[1])
    assert flops.matrices + flops.tower_attention + flops.decoder_attention == counted.get_total_flops()
    assert flops.total == counted.get_total_flops() - flops.decoder_attention // 2


def test_the_large_shape_has_seven_billion_parameters_and_takes_twice_as_many_operations_a_token() -> None:
    network = random_llava("7b", torch.device("meta"), torch.bfloat16)
    parameters = sum(p.numel() for p in network.parameters())
    assert 7.4e9 < parameters < 7.7e9
    assert {p.dtype for p in network.parameters()} == {torch.bfloat16}
    thousand = prefill_flops(network, 2000).matrices - prefill_flops(network, 1000).matrices
    decoder = sum(p.numel() for p in network.model.language_model.layers.parameters())
    assert thousand == pytest.approx(2 * 1000 * decoder, rel=1e-3)


def test_the_rate_of_matrices_is_measured() -> None:
    assert matrix_flops_per_s(CPU, torch.float32) > 1e8


def test_cases_are_photographs_of_one_size_with_mixed_clinical_information() -> None:
    shown = presentations(6)
    assert {case.images[0].size for case in shown} == {(WIDTH, HEIGHT)}
    assert len({case.clinical.model_dump_json() for case in shown}) == 6
    assert presentations(6)[3].clinical == shown[3].clinical


def test_all_three_ways_read_the_same_prompt_and_write_as_many_tokens(
    tiny: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = presentations(3)
    work = prepare(tiny.plain, tiny.backend, tiny.processor, shown)
    assert list(work.explanation_tokens) == [RANDOM_EXPLANATION] * 3
    assert all(prompt.count("<image>") == 1 for prompt in work.prompts)

    lengths: list[tuple[int, int]] = []
    generate = tiny.backend.network.generate

    def watched(**named: object) -> torch.Tensor:
        written = generate(**named)
        assert isinstance(written, torch.Tensor)
        lengths.append((written.shape[0], written.shape[1] - named["input_ids"].shape[1]))  # type: ignore[attr-defined]
        return written

    monkeypatch.setattr(tiny.backend.network, "generate", watched)
    answer = max(map(len, tiny.backend.answers))
    SeedWay(tiny.backend, tiny.processor).read(work)
    assert lengths == [(1, answer), (1, RANDOM_EXPLANATION)] * 3
    lengths.clear()
    PipelineWay(tiny.backend, tiny.processor).read(2, work)
    whole = answer + len(tiny.backend.after_answer) + RANDOM_EXPLANATION
    assert lengths == [(2, whole), (1, whole)]


def test_a_processor_that_makes_another_prompt_is_refused(tiny: Subject) -> None:
    other = processor_for("tiny")
    other.num_additional_image_tokens = 2  # one image place more than the network has patches
    with pytest.raises(ValueError, match="unfair"):
        prompt_text(tiny.backend, other, presentations(1)[0])


def test_rows_of_a_prefill_have_one_length_and_different_photographs(tiny: Subject) -> None:
    prompts = prompts_of(tiny, 2)
    assert prompts.ids.shape == prompts.attention.shape
    assert bool(prompts.attention.all())
    pixels = prompts.pictures["pixel_values"].chunk(2)
    assert not torch.equal(pixels[0], pixels[1])


def test_the_best_batches_are_compared_by_the_median_of_the_runs() -> None:
    found = Comparison(
        cases=4,
        explanation_tokens=30,
        assess={1: [2, 2, 2], 4: [8, 9, 10]},
        without_signals={1: [4, 4, 4], 4: [16, 16, 16]},
        pipeline={1: [3, 3, 3], 4: [4, 3, 4]},
        seed=[1, 1, 2],
    )
    seed, piped = found.against_seed(), found.against_pipeline()
    assert (seed.ratio, seed.figures["best_batch"], seed.figures["as_shipped"]) == (16, 4, 8)
    assert (piped.ratio, piped.figures["best_batch_of_pipeline"], piped.figures["as_shipped"]) == (4, 4, 2.5)
    assert piped.figures["pipeline_batch_1_cases_per_s"] == 3


def test_only_the_bundled_model_has_keys_without_a_name() -> None:
    assert key_of("assess_vs_seed", "bundled") == "assess_vs_seed"
    assert key_of("prefill", "7b") == "prefill_7b"
    assert slug("/models/SkinVL v1.5/") == "skinvl_v1_5"


def test_the_command_measures_writes_its_keys_and_tells_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["bench", "model", "--size", "tiny", "--cases", "2", "--batches", "1,2", "--device", "cpu"]
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == 0, result.output
    written = json.loads((tmp_path / "build" / "bench.json").read_text())
    assert {"assess_vs_seed_tiny", "assess_vs_pipeline_tiny", "prefill_tiny"} <= set(written)
    assert written["assess_vs_seed_tiny.assess_batch_2_cases_per_s"] > 0
    assert written["prefill_tiny"] > 0
    assert "run 3 of 3" in result.stderr
    assert "run 3 of 3" not in result.stdout


@pytest.mark.parametrize("arguments", [["--size", "13b"], ["--batches", "0"], ["--batches", "many"]])
def test_what_cannot_be_measured_is_refused_before_anything_runs(arguments: list[str]) -> None:
    assert CliRunner().invoke(group, ["bench", "model", *arguments]).exit_code == 2
