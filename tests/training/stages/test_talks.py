"""Conversations: what is read, what is refused, and which tokens are learnt."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.stages.drawn_data import conversations, talk, talk_settings, write_csv
from tests.vlm.drawn import photograph
from training.config import ProjectorSettings
from training.photographs import DataError
from training.talks.llava_base import LlavaBase
from training.talks.mpoxvlm_base import MpoxVLMBase
from training.talks.reading import talks_of
from training.talks.tokens import LEFT_OUT, TalkSet, collated, tokens
from training.talks.wording import worded
from vlm.llava.templates import SYSTEM_V1, TEMPLATES, prompt
from vlm.loading import BUNDLED

TURNS = (("What is seen?", "Two spots."), ("Is it red?", "Yes, it is."))


@pytest.fixture(scope="module")
def llava(tmp_path_factory: pytest.TempPathFactory) -> LlavaBase:
    data = conversations(tmp_path_factory.mktemp("talks") / "data")
    return LlavaBase(ProjectorSettings.model_validate(talk_settings(data)))


@pytest.mark.parametrize("template", list(TEMPLATES))
def test_only_answers_and_their_ends_are_learnt(template: str, llava: LlavaBase) -> None:
    said = worded(TURNS, template, llava.end, has_image=True)
    ids, targets = tokens(said, llava.ids)
    learnt = [one for one in targets if one != LEFT_OUT]
    wanted = [one for _, answer in TURNS for one in [*_bare_ids(llava, answer), _end(llava)]]
    assert learnt == wanted
    assert all(target in (LEFT_OUT, one) for one, target in zip(ids, targets, strict=True))
    assert ids.count(llava._loaded.image) == llava._loaded.places


@pytest.mark.parametrize("template", list(TEMPLATES))
def test_the_first_question_is_read_as_inference_reads_it(template: str, llava: LlavaBase) -> None:
    said = worded(TURNS, template, llava.end, has_image=True)
    asked = llava.ids(prompt(TURNS[0][0], template))
    ids, targets = tokens(said, llava.ids)
    assert ids[: len(asked)] == asked
    assert targets[len(asked)] == ids[len(asked)] != LEFT_OUT
    assert set(targets[: len(asked)]) == {LEFT_OUT}


def test_v1_is_worded_as_the_original_words_it() -> None:
    said = worded(TURNS, "v1", "</s>", has_image=True)
    assert said.text == (
        f"{SYSTEM_V1} USER: <image>\nWhat is seen? ASSISTANT: Two spots.</s>"
        "USER: Is it red? ASSISTANT: Yes, it is.</s>"
    )
    assert "<image>" not in worded(TURNS, "v1", "</s>", has_image=False).text
    assert worded(TURNS, "plain", "</s>", has_image=True).text == "<image>Two spots.\n"


def test_an_mpoxvlm_reads_its_prompt_as_its_backend_does_and_learns_the_end() -> None:
    base = MpoxVLMBase(BUNDLED)
    said = worded([("Red flags: none reported.\nFinding:", "mpox")], "mpoxvlm", base.end, has_image=True)
    ids, targets = tokens(said, base.ids)
    places = base.network.config.image_seq_length
    image, words = base.network.config.image_token_index, base._words
    assert ids[:places] == [image] * places
    assert ids[places:] == [
        *words.encode("Red flags: none reported.\nFinding:"),
        *words.encode(" mpox"),
        words.end,
    ]
    assert [one for one in targets if one != LEFT_OUT] == [*words.encode(" mpox"), words.end]


def test_a_batch_is_padded_on_the_right_and_photographs_are_squares(llava: LlavaBase, tmp_path: Path) -> None:
    data = conversations(tmp_path / "data")
    rows = TalkSet(talks_of(data / "talks.json", data), llava, "v1", 2048)
    batch = collated([rows.draw(0, None), rows.draw(5, None)], llava.pad)
    assert batch["pixel_values"].shape == (1, 3, 56, 56), "the first conversation has no photograph"
    length = int(batch["attention_mask"][0].sum())
    assert length < batch["input_ids"].shape[1]
    assert batch["attention_mask"][0, :length].all()
    assert (batch["labels"][0, length:] == LEFT_OUT).all()
    image = photograph(0, size=(80, 20))
    padded = llava.pictures(image)["pixel_values"]
    # Above and below the photograph stands the mean colour, which normalisation brings to about 0.
    assert padded[0, :, :10].abs().max() < 0.03
    assert padded[0, :, 28].abs().max() > 0.1


def test_an_answer_that_longest_cuts_off_is_refused(llava: LlavaBase, tmp_path: Path) -> None:
    data = conversations(tmp_path / "data")
    with pytest.raises(DataError, match=r"6 conversations have no answer within longest=20 .* row 0"):
        TalkSet(talks_of(data / "talks.json", data), llava, "v1", 20)


def test_a_csv_is_read_as_one_turn_a_row(tmp_path: Path) -> None:
    photograph(0).save(tmp_path / "a.png")
    row = {"image": "a.png", "question": "<image>\nWhat? ", "answer": ' This, "so"\nand so. '}
    write_csv(tmp_path / "talks.csv", [row])
    (read,) = talks_of(tmp_path / "talks.csv", tmp_path)
    assert read.turns == (("What?", 'This, "so"\nand so.'),)
    assert read.image == tmp_path / "a.png"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [{"image": "gone.png", "conversations": [talk("human", "a"), talk("gpt", "b")]}],
            "1 photographs.*gone",
        ),
        ([{"conversations": [talk("human", "a")]}], "row 0: human and gpt must take turns"),
        ([{"conversations": [talk("human", "a"), talk("gpt", " ")]}], "row 0: an answer is empty"),
        ([{"conversations": [talk("human", "a"), talk("human", "b")]}], "row 0: human and gpt must"),
        ([{"conversations": None}], "row 0: conversations must be a list"),
        (["text"], "row 0 is no object"),
        ([], "holds no conversation"),
        ({"a": 1}, "no list of conversations"),
    ],
)
def test_what_is_no_conversation_is_refused_by_its_row(rows: Any, said: str, tmp_path: Path) -> None:
    (tmp_path / "talks.json").write_text(json.dumps(rows))
    with pytest.raises(DataError, match=said):
        talks_of(tmp_path / "talks.json", tmp_path)


def test_a_csv_without_its_columns_or_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "talks.csv", [{"image": "a.png", "question": "b"}])
    with pytest.raises(DataError, match="lacks the column 'answer'"):
        talks_of(tmp_path / "talks.csv", tmp_path)
    with pytest.raises(DataError, match="is missing: give"):
        talks_of(tmp_path / "none.json", tmp_path)


def _bare_ids(llava: LlavaBase, answer: str) -> list[int]:
    return list(llava._loaded.tokenizer(answer, add_special_tokens=False).input_ids)


def _end(llava: LlavaBase) -> int:
    return int(llava._loaded.tokenizer.eos_token_id)
