"""A remote model's findings are those that its weights give, counted by a calculation of our own."""

import subprocess
import sys
from collections.abc import Sequence

import pytest
from PIL import Image

import vlm
from tests.vlm.drawn import clinical, photograph
from tests.vlm.remote.brain import Brain, brain
from tests.vlm.remote.conftest import Connect
from tests.vlm.remote.server import LONGEST, Server, serving
from triage.findings import CONDITIONS, Findings
from vlm.prompting import instruction


def shown(seed: int, images: int = 1, **answers: object) -> vlm.Presentation:
    pictures = tuple(photograph(seed * 10 + n, size=(160, 120)) for n in range(images))
    return vlm.Presentation(pictures, clinical(**answers))


def prompt_ids(mind: Brain, case: vlm.Presentation, said: str) -> list[int]:
    user = [{"type": "image"}, {"type": "text", "text": instruction.question(case.clinical)}]
    before = mind.prompt([{"role": "user", "content": user}], add_generation_prompt=True)
    return [*before, *mind.tokenizer.encode(f" {said}", add_special_tokens=False)]


def counted(mind: Brain, case: vlm.Presentation, images: Sequence[Image.Image]) -> list[float]:
    """Probabilities by a forward pass for each photograph and answer."""
    total = [0.0] * len(CONDITIONS)
    lead = prompt_ids(mind, case, instruction.lead())
    for image in images:
        scores = []
        for answer in instruction.answers():
            ids = mind.tokenizer.encode(answer, add_special_tokens=False)
            logprobs = mind.logprobs(lead + ids, image)[len(lead) - 1 : -1]
            scores.append(float(logprobs.gather(1, _column(ids)).mean()))
        total = [a + b for a, b in zip(total, _log_softmax(scores), strict=True)]
    return _softmax([value / len(images) for value in total])


def _column(ids: list[int]):  # type: ignore[no-untyped-def]
    import torch

    return torch.tensor(ids)[:, None]


def _log_softmax(scores: list[float]) -> list[float]:
    import torch

    return torch.tensor(scores, dtype=torch.float64).log_softmax(0).tolist()


def _softmax(scores: list[float]) -> list[float]:
    import torch

    return torch.tensor(scores, dtype=torch.float64).softmax(0).tolist()


def in_order(findings: Findings) -> list[float]:
    return [findings.probability_of(condition) for condition in CONDITIONS]


def test_most_answers_take_several_tokens_of_the_tested_model() -> None:
    lengths = [len(brain().tokenizer.encode(answer)) for answer in instruction.answers()]
    assert max(lengths) > 4
    assert len(set(lengths)) > 3


@pytest.mark.parametrize("images", [1, 3])
def test_findings_are_the_mean_log_probabilities_of_the_answers(connect: Connect, images: int) -> None:
    case = shown(1, images, symptoms={"fever": {"present": "yes"}})
    (findings,) = connect().assess([case])
    assert in_order(findings) == pytest.approx(counted(brain(), case, case.images), abs=1e-5)
    assert sum(in_order(findings)) == pytest.approx(1)
    assert [f.probability for f in findings.findings] == sorted(in_order(findings), reverse=True)
    assert findings.classifier == ()


def test_a_photograph_that_cannot_be_graded_does_not_count_beside_one_that_can(connect: Connect) -> None:
    dark = photograph(4, size=(160, 120)).point(lambda value: value // 16)
    good = shown(5)
    both = vlm.Presentation((dark, *good.images), good.clinical)
    (findings,) = connect().assess([both])
    assert [quality.gradable for quality in findings.image_quality] == [False, True]
    assert in_order(findings) == pytest.approx(counted(brain(), both, good.images), abs=1e-5)


def test_the_explanation_goes_on_greedily_behind_the_most_probable_answer(connect: Connect) -> None:
    case = shown(2)
    (findings,) = connect().assess([case])
    answer = instruction.answers()[CONDITIONS.index(findings.top.condition)]
    ids = prompt_ids(brain(), case, instruction.lead() + answer + instruction.after_answer())
    written = brain().greedy(ids, case.images[0], LONGEST)
    assert findings.explanation == str(brain().tokenizer.decode(written)).strip() != ""


def test_the_photograph_that_speaks_most_for_the_answer_is_explained(
    connect: Connect, server: Server
) -> None:
    case = shown(3, images=3)
    (findings,) = connect().assess([case])
    alone = [counted(brain(), case, [image]) for image in case.images]
    choice = CONDITIONS.index(findings.top.condition)
    speaker = max(range(3), key=lambda n: alone[n][choice])
    (asked,) = [seen for seen in server.chats if instruction.after_answer() in seen.said]
    assert asked.picture.tobytes() == case.images[speaker].tobytes()


def test_a_batch_gives_what_its_members_give_alone_in_order(connect: Connect, server: Server) -> None:
    batch = [shown(n, images=1 + n % 3, red_flags={"eye": "yes" if n % 2 else "no"}) for n in range(4)]
    model = connect()
    together = model.assess(batch)
    assert server.most_under_way > 1
    assert together == [model.assess([case])[0] for case in batch]
    assert len({findings.findings for findings in together}) == 4


def test_image_dependence_is_what_the_findings_move_without_the_photograph(connect: Connect) -> None:
    case = shown(6, images=2)
    (findings,) = connect(vlm_image_dependence=1).assess([case])
    seen = counted(brain(), case, case.images)
    means = [image.resize((1, 1), Image.Resampling.BOX) for image in case.images]
    unseen = counted(brain(), case, [mean.resize((160, 120)) for mean in means])
    moved = sum(abs(a - b) for a, b in zip(seen, unseen, strict=True)) / 2
    assert findings.image_dependence == pytest.approx(moved, abs=0.01)
    assert moved > 0.05
    assert not findings.image_ignored


@pytest.mark.parametrize(("fever", "conflict"), [("yes", True), ("no", False)])
def test_an_explanation_that_contradicts_an_answer_gets_the_flag(
    connect: Connect, server: Server, fever: str, conflict: bool
) -> None:
    server.explanation = "The patient has no fever."
    (findings,) = connect().assess([shown(2, symptoms={"fever": {"present": fever}})])
    assert findings.explanation == server.explanation
    assert findings.explanation_conflict == conflict


def test_a_model_blind_to_photographs_gets_the_flag_on_every_case() -> None:
    from vlm.remote.backend import load

    with serving(brain=brain(sighted=False)) as server:
        found = load(server.ref, "cpu").assess([shown(n) for n in range(3)])
    assert [findings.image_ignored for findings in found] == [True] * 3
    assert [findings.image_dependence for findings in found] == pytest.approx([0] * 3, abs=1e-6)


def test_only_the_set_share_of_cases_is_read_once_more_whatever_the_company(connect: Connect) -> None:
    model = connect(vlm_image_dependence=0.5)
    cases = [shown(n) for n in range(5)]
    measured = [findings.image_dependence is not None for findings in model.assess(cases)]
    assert 0 < sum(measured) < 5
    assert measured == [model.assess([case])[0].image_dependence is not None for case in cases]


def test_loading_and_asking_a_server_imports_neither_torch_nor_transformers(server: Server) -> None:
    code = (
        "import sys, vlm; from PIL import Image; from tests.vlm.drawn import clinical, photograph\n"
        f"model = vlm.load({server.ref!r})\n"
        "assert isinstance(model, vlm.Model)\n"
        "(found,) = model.assess([vlm.Presentation((photograph(1),), clinical())])\n"
        "assert found.explanation\n"
        "assert not {'torch', 'transformers', 'tokenizers'} & set(sys.modules), 'heavy import'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
