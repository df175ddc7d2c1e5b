"""The processor makes of a prompt's text the very ids that the product reads."""

import random
from pathlib import Path

import pytest
import torch
from transformers import AutoProcessor

from tests.vlm.drawn import clinical, photograph
from training.simulated_clinical import draw_clinical
from triage.clinical import Clinical, RedFlags
from triage.findings import CONDITIONS
from vlm.loading import BUNDLED
from vlm.mpoxvlm.backend import MpoxVLMBackend
from vlm.mpoxvlm.processor import MpoxVLMProcessor, processor_of
from vlm.mpoxvlm.prompt import prompt
from vlm.mpoxvlm.tokenizer import MpoxVLMTokenizer

FILES = {"processor_config.json", "tokenizer.json", "tokenizer_config.json"}


def told() -> list[Clinical]:
    """Nothing, everything, and much between."""
    chance = random.Random(5)
    drawn = [draw_clinical(condition, {}, chance, wide=True) for condition in CONDITIONS * 2]
    return [clinical(), clinical(red_flags=dict.fromkeys(RedFlags.model_fields, "yes")), *drawn]


def texts(cases: list[Clinical]) -> list[str]:
    return [f"<image>{prompt(case).text}" for case in cases]


def test_ids_and_pixels_are_those_of_the_product(
    processor: MpoxVLMProcessor, backend: MpoxVLMBackend
) -> None:
    for number, (case, text) in enumerate(zip(told(), texts(told()), strict=True)):
        image = photograph(number)
        (row,) = backend.rows([image], case)
        made = processor(images=image, text=text, return_tensors="pt")
        assert set(made) == {"input_ids", "attention_mask", "pixel_values"}
        assert made["input_ids"].tolist() == [row.ids]
        assert bool(made["attention_mask"].all())
        assert torch.equal(made["pixel_values"], row.pictures["pixel_values"])


def test_a_batch_is_padded_on_the_left(processor: MpoxVLMProcessor, backend: MpoxVLMBackend) -> None:
    cases = told()
    images = [photograph(number) for number in range(len(cases))]
    made = processor(images=images, text=texts(cases), padding=True, return_tensors="pt")
    rows = [backend.rows([image], case)[0].ids for image, case in zip(images, cases, strict=True)]
    longest = max(map(len, rows))
    assert min(map(len, rows)) < longest
    pad = backend.vocabulary.pad
    assert made["input_ids"].tolist() == [[pad] * (longest - len(ids)) + ids for ids in rows]
    assert made["attention_mask"].tolist() == [[0] * (longest - len(ids)) + [1] * len(ids) for ids in rows]


def test_texts_and_photographs_must_be_as_many(processor: MpoxVLMProcessor) -> None:
    for text in ("Findings:", "<image><image>Findings:"):
        with pytest.raises(ValueError, match="number of <image> tokens"):
            processor(images=photograph(1), text=text)


def test_ids_become_the_product_s_text_again(processor: MpoxVLMProcessor, backend: MpoxVLMBackend) -> None:
    ids = [*backend.vocabulary.encode("Fits best: mpox. Seen: some redness."), backend.vocabulary.end]
    assert processor.decode(ids, skip_special_tokens=True) == backend.vocabulary.decode(ids)


def test_saved_and_loaded_again_it_is_the_same_whatever_it_read(
    processor: MpoxVLMProcessor, tmp_path: Path
) -> None:
    read = {"images": [photograph(1), photograph(2, (97, 200))], "text": texts(told()[:2])}
    before = processor(**read, padding="max_length", max_length=300, truncation=True, return_tensors="pt")
    processor.save_pretrained(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == FILES
    loaded = AutoProcessor.from_pretrained(tmp_path)
    assert type(loaded) is MpoxVLMProcessor
    assert loaded.to_dict() == processor.to_dict()
    again = loaded(**read, padding="max_length", max_length=300, truncation=True, return_tensors="pt")
    assert set(before) == set(again)
    assert all(torch.equal(before[name], again[name]) for name in before)
    words = MpoxVLMTokenizer.from_folder(tmp_path)
    assert words.encode("Findings:") == MpoxVLMTokenizer.from_folder(BUNDLED).encode("Findings:")


def test_no_saved_file_names_the_folder_that_it_came_from(
    processor: MpoxVLMProcessor, tmp_path: Path
) -> None:
    processor.save_pretrained(tmp_path / "once")
    AutoProcessor.from_pretrained(tmp_path / "once").save_pretrained(tmp_path / "twice")
    texts = [(tmp_path / "twice" / name).read_text() for name in FILES]
    assert not any(str(folder) in text for folder in (tmp_path, BUNDLED) for text in texts)


def test_the_shipped_files_are_those_that_the_training_writes(
    backend: MpoxVLMBackend, tmp_path: Path
) -> None:
    processor_of(backend.network.config, backend.vocabulary).save_pretrained(tmp_path)
    backend.vocabulary.save(tmp_path)
    for name in FILES:
        assert (tmp_path / name).read_text() == (BUNDLED / name).read_text()
