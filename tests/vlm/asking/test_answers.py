"""Free questions: answers of the original code and of `generate`, the same in any company."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from tests.vlm.drawn import photograph
from tests.vlm.local_models import PARITY
from tests.vlm.remote.server import Server, serving
from tests.vlm.standard.tiny import FAMILIES
from vlm import RemoteUnavailable, UnsupportedCheckpoint
from vlm.asking import Answerer, Question, answerer
from vlm.asking.local import LocalAnswerer

LONGEST = 12
QUESTIONS = [
    "What does the image show?",
    "Is the lesion raised above the skin surface?",
    "Can you describe the appearance of the affected area, its borders and its colour, in one sentence?",
    "Why?",
]


@cache
def original(longest: int = LONGEST) -> Answerer:
    return answerer(PARITY / "llava-mistral-base", "cpu", longest)


def family(name: str, folder: Path) -> LocalAnswerer:
    FAMILIES[name](folder)
    found = answerer(folder, "cpu", LONGEST)
    assert isinstance(found, LocalAnswerer)
    return found


def asked(count: int) -> list[Question]:
    return [Question(photograph(n, (300 + 40 * n, 220)), QUESTIONS[n % len(QUESTIONS)]) for n in range(count)]


def test_answers_are_those_of_the_original_code() -> None:
    recorded = json.loads((PARITY / "expected" / "mistral_base.json").read_text())["cases"]
    cases = [case for case in recorded if case["mode"] == "mistral_instruct"]
    way = original(16).provenance["preprocessing"]
    questions = []
    for case in cases:
        with Image.open(PARITY / case["image"]) as image:
            questions.append(Question(image.convert("RGB"), case["question"]))
    found = original(16).answer(questions)
    assert len(found) >= 3
    assert found == [case[way]["greedy_text"].strip() for case in cases]


@pytest.mark.parametrize("name", ["llava_next", "qwen2_vl", "gemma3"])
def test_a_standard_network_writes_what_generate_writes(name: str, tmp_path: Path) -> None:
    model = family(name, tmp_path)
    backend: Any = model._backend
    questions = asked(4)
    expected = []
    for question in questions:
        inputs = backend.inputs(question.image, backend._conversation.asked(question.text))
        with torch.inference_mode():
            made = backend.network.generate(
                **inputs,
                do_sample=False,
                max_new_tokens=LONGEST,
                suppress_tokens=sorted(backend.vocabulary.unwritable),
            )
        written = made[0, inputs["input_ids"].shape[1] :].tolist()
        expected.append(backend.vocabulary.decode(written).strip())
    assert model.answer(questions) == expected
    assert len(set(expected)) > 1


def test_company_and_order_change_no_answer() -> None:
    questions = asked(9)
    alone = [original().answer([question])[0] for question in questions]
    assert original().answer(questions) == alone
    assert original().answer(questions[::-1]) == alone[::-1]


def test_the_question_and_the_photograph_both_count() -> None:
    image = photograph(1)
    others = [
        Question(image, QUESTIONS[0]),
        Question(image, QUESTIONS[1]),
        Question(photograph(2), QUESTIONS[0]),
    ]
    assert len(set(original().answer(others))) == 3


def test_small_memory_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    questions = asked(5)
    whole = original().answer(questions)
    monkeypatch.setattr(original(), "_tokens_at_once", 150)
    assert original().answer(questions) == whole


def test_provenance_says_how_and_claims_no_scoring() -> None:
    provenance = original().provenance
    assert provenance["decoding"] == f"greedy, {LONGEST} tokens at most"
    assert provenance["scoring"] is None
    assert len(str(provenance["weights_sha256"])) == 64


@pytest.mark.parametrize("ref", ["bundled", "simulated:"])
def test_what_does_not_answer_freely_is_refused(ref: str) -> None:
    with pytest.raises(UnsupportedCheckpoint, match="does not answer free questions"):
        answerer(ref, "cpu")


def test_a_server_answers_the_user_s_turn_alone() -> None:
    with serving() as server:
        questions = asked(3)
        found = answerer(server.ref, longest=LONGEST).answer(questions)
        assert found == [said(server, question) for question in questions]
        for chat in server.chats:
            assert [message["role"] for message in chat.json["messages"]] == ["user"]
            assert "continue_final_message" not in chat.json
            assert (chat.json["temperature"], chat.json["max_tokens"]) == (0, LONGEST)


def test_a_server_without_text_is_refused_in_one_line() -> None:
    with serving() as server:
        model = answerer(server.ref, longest=LONGEST)
        server.faults.append(lambda handler, answer: handler.send(200, {"choices": []}))
        with pytest.raises(RemoteUnavailable, match="choices"):
            model.answer(asked(1))


def said(server: Server, question: Question) -> str:
    """What the server's network writes, asked without HTTP."""
    mind = server.brain
    content = [{"type": "image"}, {"type": "text", "text": question.text}]
    ids = mind.prompt([{"role": "user", "content": content}], add_generation_prompt=True)
    return str(mind.tokenizer.decode(mind.greedy(ids, question.image, LONGEST))).strip()
