"""Pairs as files of one split: LLaVA's conversations, and csv. Written whole or not at all."""

import csv
import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

from training.pairs.building import Pair

CSV_COLUMNS = ("image", "question", "answer")


def write_split(out: Path, split: str, pairs: Sequence[Pair]) -> list[Path]:
    """`vqa_SPLIT.json` and `vqa_SPLIT.csv`; pairs with simulated information stand in the json alone, marked.

    The csv has no column to mark them in.
    """
    conversations, table = out / f"vqa_{split}.json", out / f"vqa_{split}.csv"
    given = [pair for pair in pairs if not pair.simulated]
    _write(conversations, lambda text: _as_json(text, pairs))
    _write(table, lambda text: _as_csv(text, given))
    return [conversations, table]


def conversation(pair: Pair) -> dict[str, Any]:
    """One entry of LLaVA's training files, with what it is and where it comes from."""
    return {
        "id": pair.id,
        "image": pair.image,
        "conversations": [
            {"from": "human", "value": f"<image>\n{pair.question}"},
            {"from": "gpt", "value": pair.answer},
        ],
        "kind": pair.kind,
        "simulated": pair.simulated,
        "textbook": pair.textbook,
        "source": pair.source.model_dump(),
    }


def _as_json(text: TextIO, pairs: Iterable[Pair]) -> None:
    json.dump([conversation(pair) for pair in pairs], text, ensure_ascii=False, indent=1)
    text.write("\n")


def _as_csv(text: TextIO, pairs: Iterable[Pair]) -> None:
    table = csv.writer(text, lineterminator="\n")
    table.writerow(CSV_COLUMNS)
    table.writerows((pair.image, pair.question, pair.answer) for pair in pairs)


def _write(file: Path, fill: Callable[[TextIO], None]) -> None:
    passing = file.with_name(f".{file.name}.part")
    with passing.open("w", encoding="utf-8", newline="\n") as text:
        fill(text)
        text.flush()
        os.fsync(text.fileno())
    passing.replace(file)
