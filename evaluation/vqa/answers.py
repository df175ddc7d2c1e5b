"""Where the answers come from: a model that is asked now, or a file of answers given before."""

import csv
import json
from collections.abc import Callable, Iterator
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from evaluation.errors import EvaluationError
from evaluation.row_file import RowFile
from evaluation.vqa.images import Images
from evaluation.vqa.rows import Asked, read_rows
from vlm.asking import Answerer, Question

# What others call a given answer, and the number of its question.
ANSWER_NAMES = ("prediction", "predicted", "generated", "text", "answer")
KEY_NAMES = ("id", "question_id", "row")

Told = Callable[[int], None]
"""Told how many rows came."""


def ask(file: Path, images: Images, model: Answerer, answers: RowFile, at_once: int, told: Told) -> None:
    """Ask the model what is not answered yet, so many questions at a time; finish the file."""
    to_do = _not_done(read_rows(file), answers)
    while batch := list(islice(to_do, at_once)):
        read = [images.read(asked) for asked in batch]
        questions = [Question(image, asked.question) for asked, (image, _) in zip(batch, read, strict=True)]
        found = model.answer(questions)
        answers.append(
            (asked.row, {"answer": answer, "image_sha256": digest})
            for asked, answer, (_, digest) in zip(batch, found, read, strict=True)
        )
        told(len(batch))
    answers.finish()


def with_model(file: Path, answers: RowFile) -> Iterator[tuple[Asked, str]]:
    """Every row with the answer in the finished file."""
    for asked, found in zip(read_rows(file), answers.rows(), strict=True):
        yield asked, found["answer"]


def with_file(file: Path, given: Path) -> Iterator[tuple[Asked, str]]:
    """Every row with the answer in a csv or jsonl of answers, which stand in the same order.

    Raises `EvaluationError` where there are more or fewer, or where ids differ.
    """
    for asked, found in zip_longest(read_rows(file), _lines(given)):
        if asked is None or found is None:
            raise EvaluationError(
                f"{given} has {'more' if asked is None else 'fewer'} answers than {file} has questions: "
                "give one answer a question, in the same order"
            )
        key = next((str(found[name]) for name in KEY_NAMES if found.get(name) not in (None, "")), None)
        if key is not None and key not in (asked.id, str(asked.row)):
            raise EvaluationError(
                f"{given}: the answer in place {asked.row} is to {key!r}, and the question there is "
                f"{asked.id!r}: give the answers in the order of {file}"
            )
        yield asked, _answer(given, asked.row, found)


def _not_done(rows: Iterator[Asked], answers: RowFile) -> Iterator[Asked]:
    missing = answers.missing()
    wanted = next(missing, None)
    for asked in rows:
        if asked.row == wanted:
            wanted = next(missing, None)
            yield asked


def _answer(given: Path, row: int, found: dict[str, Any]) -> str:
    for name in ANSWER_NAMES:
        if isinstance(found.get(name), str):
            return str(found[name]).strip()
    raise EvaluationError(f"{given}: place {row} has no answer: name its field {' or '.join(ANSWER_NAMES)}")


def _lines(given: Path) -> Iterator[dict[str, Any]]:
    try:
        with given.open(encoding="utf-8-sig", newline="") as lines:
            if given.suffix.lower() == ".csv":
                yield from csv.DictReader(lines)
            else:
                yield from (dict(json.loads(line)) for line in lines if line.strip())
    except OSError as error:
        raise EvaluationError(
            f"{given} cannot be read ({error.strerror}): give a csv or jsonl of answers"
        ) from None
    except (ValueError, TypeError, csv.Error) as error:
        raise EvaluationError(f"{given} is no csv or jsonl in UTF-8 ({error}): save it as such") from None
