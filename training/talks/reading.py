"""Reads conversations: LLaVA's .json, or .csv with the columns image, question, answer."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.photographs import DataError

PLACE = "<image>"
COLUMNS = ("image", "question", "answer")


@dataclass(frozen=True)
class Talk:
    """Questions with their answers about one photograph, or about none."""

    name: str
    image: Path | None
    turns: tuple[tuple[str, str], ...]


def talks_of(file: Path, images: Path) -> list[Talk]:
    """All conversations of a file. Raises `DataError` naming the row, or a photograph that is missing."""
    if not file.is_file():
        raise DataError(f"{file} is missing: give a .json or .csv file of conversations")
    talks = list(_of_csv(file, images) if file.suffix == ".csv" else _of_json(file, images))
    if not talks:
        raise DataError(f"{file} holds no conversation")
    missing = list(dict.fromkeys(str(t.image) for t in talks if t.image and not t.image.is_file()))
    if missing:
        raise DataError(f"{len(missing)} photographs of {file} are missing, first {missing[0]}: see images")
    return talks


def _of_csv(file: Path, images: Path) -> Iterator[Talk]:
    with file.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.DictReader(lines)
        if lacking := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise DataError(f"{file} lacks the column {lacking[0]!r}: it needs {', '.join(COLUMNS)}")
        for number, row in enumerate(reader, 2):
            name = f"{file}, line {number}"
            if not (row["question"] or "").strip() or not (row["answer"] or "").strip():
                raise DataError(f"{name}: question or answer is empty")
            yield Talk(name, images / row["image"], ((_bare(row["question"]), row["answer"].strip()),))


def _of_json(file: Path, images: Path) -> Iterator[Talk]:
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(f"{file} is no JSON ({error})") from None
    if not isinstance(rows, list):
        raise DataError(f"{file} is no list of conversations")
    for number, row in enumerate(rows):
        name = f"{file}, row {number}"
        if not isinstance(row, dict):
            raise DataError(f"{name} is no object with image and conversations")
        image = row.get("image")
        yield Talk(
            name, images / str(image) if image else None, tuple(_turns(name, row.get("conversations")))
        )


def _turns(name: str, said: Any) -> Iterator[tuple[str, str]]:
    """Pairs of a question and its answer; the original, too, leaves out what gpt says first."""
    try:
        spoken = [(str(one["from"]), str(one["value"])) for one in said]
    except (TypeError, KeyError):
        raise DataError(f"{name}: conversations must be a list of from and value") from None
    if spoken and spoken[0][0] != "human":
        spoken = spoken[1:]
    if (
        not spoken
        or len(spoken) % 2
        or any(who != ("human", "gpt")[i % 2] for i, (who, _) in enumerate(spoken))
    ):
        raise DataError(f"{name}: human and gpt must take turns, and gpt must end")
    for (_, question), (_, answer) in zip(spoken[::2], spoken[1::2], strict=True):
        if not answer.strip():
            raise DataError(f"{name}: an answer is empty")
        yield _bare(question), answer.strip()


def _bare(question: str) -> str:
    """Where the photograph stands is the template's to say."""
    return question.replace(PLACE, "").strip()
