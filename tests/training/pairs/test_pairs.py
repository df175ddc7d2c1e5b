"""Pairs state what the row gives and nothing else, are the same each time, and say where they come from."""

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dermtriage.commands.dataset.pairs import command
from tests.training.manifest.pictures import COLUMNS, drawn_set, photograph, write_manifest
from training.manifest.reading import Manifest, read_manifest
from training.manifest.rows import CLASSES, Row, facts_of
from training.pairs.building import Pair, pairs_of
from training.pairs.running import write_pairs
from training.pairs.templates import KINDS, written
from triage.findings import CONDITION_NAMES, CONDITIONS

FULL = {
    "age": "58", "gender": "FEMALE", "fitspatrick": "2.0", "region": "FACE", "diameter_1": "9.0",
    "diameter_2": "5.0", "itch": "True", "grew": "False", "hurt": "UNK", "bleed": "True", "biopsed": "True",
    "cancer_history": "False",
}  # fmt: skip


def _row(name: str, number: int = 2, **columns: str) -> Row:
    content = hashlib.sha256(f"{name}{number}".encode()).hexdigest()
    file, here = f"{name}/{number}.jpg", Path("manifest.csv")
    return Row(number, file, Path(file), here, name, "train", "g", facts_of(columns), content, columns)


def _pairs(row: Row, seed: int = 0, *, simulate: bool = False) -> dict[str, Pair]:
    return {pair.kind: pair for pair in pairs_of(row, "manifest.csv", seed, simulate=simulate)}


def test_every_class_gets_every_kind_that_it_has() -> None:
    for name in CLASSES:
        pairs = _pairs(_row(name))
        lacking = {"differential", "evidence"} if name == "healthy" else set()
        assert set(pairs) == set(KINDS) - lacking
        assert len({pair.id for pair in pairs.values()}) == len(pairs)
        for pair in pairs.values():
            assert "{" not in pair.question + pair.answer
            assert not pair.simulated
            assert pair.textbook == (pair.kind in ("differential", "description"))
            assert not pair.textbook or "textbook" in pair.answer.lower()


def test_what_is_given_is_stated_and_the_unknown_is_not() -> None:
    pairs = _pairs(_row("bcc", **FULL))
    given = (
        "58 years old; female; Fitzpatrick skin type 2; on the face; lesion of 9 mm by 5 mm; "
        "the lesion itches; the lesion did not grow; the lesion bled; no earlier cancer"
    )
    assert all(given in pair.question for pair in pairs.values())
    everything = " ".join(pair.question + pair.answer for pair in pairs.values())
    assert not [
        word for word in ("hurt", "changed;", "raised", "earlier skin", "biops") if word in everything
    ]
    assert "lesion itches; lesion bled; lesion of 6 mm or more" in pairs["evidence"].answer
    # The policy's rule on lesions that bled.
    assert "24 hours" in pairs["next_step"].answer
    assert "The lesion grew, changed or bled." in pairs["next_step"].answer


def test_a_bare_row_states_nothing_of_the_patient() -> None:
    words = {part.strip() for pair in written()["statements"].values() for part in pair}
    for name in CLASSES:
        for number in range(20):
            for pair in _pairs(_row(name, number)).values():
                said = f"{pair.question} {pair.answer}"
                assert not [word for word in (*words, "years old", "male", "34") if word in said]
                assert pair.source.template.count("/") == 3


@pytest.mark.parametrize("number", range(30))
def test_a_photograph_supports_suspected_mpox_at_most(number: int) -> None:
    pairs = _pairs(_row("monkeypox", number))
    assert any(word in pairs["diagnosis"].answer.lower() for word in ("suspect", "suspicion", "must confirm"))
    step = pairs["next_step"].answer
    assert "uspected mpox at most" in step
    assert "PCR" in step
    assert "4 hours" in step


def test_an_undecided_class_stays_undecided() -> None:
    pairs = _pairs(_row("chickenpox_or_measles"))
    assert "chickenpox or measles" in pairs["diagnosis"].answer.lower()
    # Measles, which is urgent, cannot be left out of account.
    assert "4 hours" in pairs["next_step"].answer
    assert "chickenpox" not in pairs["differential"].answer.lower().partition("mpox")[0].replace(
        "chickenpox or measles", ""
    )


def test_wordings_vary_and_are_fixed_by_row_and_seed() -> None:
    rows = [_row("mel", number) for number in range(60)]
    first = [pair for row in rows for pair in pairs_of(row, "m", 0)]
    assert first == [pair for row in rows for pair in pairs_of(row, "m", 0)]
    assert first != [pair for row in rows for pair in pairs_of(row, "m", 1)]
    for kind in set(KINDS) - {"evidence"}:
        template = written()["templates"][kind]
        of_kind = [pair for pair in first if pair.kind == kind]
        assert len({pair.question for pair in of_kind}) == len(template["questions"])
        assert len({pair.answer for pair in of_kind}) == len(template["answers"])


def test_simulated_information_comes_only_when_asked_for_and_is_marked() -> None:
    bare, known = _row("monkeypox"), _row("bcc", **FULL)
    for pair in _pairs(bare, simulate=True).values():
        assert pair.simulated
        assert "simulated" in pair.question
    assert _pairs(known, simulate=True) == _pairs(known)


def test_lookalikes_are_of_the_ten_conditions_and_never_the_condition_itself() -> None:
    assert set(written()["lookalikes"]) == set(CONDITIONS) == set(CONDITION_NAMES)
    for condition, others in written()["lookalikes"].items():
        assert set(others) < set(CONDITIONS) - {condition}


def _checked(folder: Path) -> Manifest:
    rows = [row | FULL for row in drawn_set(folder, 3)] + [
        {"file": "3.png", "class": "measles", "split": "val", "group": "g3"}
    ]
    photograph(3).save(folder / "3.png")
    return read_manifest(write_manifest(folder, rows, (*COLUMNS, *FULL)))


def _json(file: Path) -> list[dict[str, Any]]:
    return list(json.loads(file.read_text()))


def test_files_are_by_split_in_both_forms_and_traceable(tmp_path: Path) -> None:
    out = tmp_path / "out"
    written_now = write_pairs(_checked(tmp_path), out)

    assert sorted(file.name for file in out.iterdir()) == [
        "vqa_train.csv", "vqa_train.json", "vqa_val.csv", "vqa_val.json"
    ]  # fmt: skip
    assert written_now.kinds == dict.fromkeys(KINDS, 4)
    entries = _json(out / "vqa_train.json")
    assert {entry["image"] for entry in entries} == {"0.png", "1.png"}
    for entry in entries:
        human, gpt = entry["conversations"]
        assert (human["from"], gpt["from"]) == ("human", "gpt")
        assert human["value"].startswith("<image>\n")
        source = entry["source"]
        assert source["sha256"] == hashlib.sha256((tmp_path / source["file"]).read_bytes()).hexdigest()
        line = (tmp_path / source["manifest"]).read_text().splitlines()[source["line"] - 1]
        assert line.startswith(source["file"])
        assert source["template"].startswith(written()["version"])
    with (out / "vqa_train.csv").open(newline="") as text:
        table = list(csv.DictReader(text))
    assert [(row["image"], f"<image>\n{row['question']}", row["answer"]) for row in table] == [
        (entry["image"], *(turn["value"] for turn in entry["conversations"])) for entry in entries
    ]


def test_simulated_pairs_stand_in_the_json_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_pairs(_checked(tmp_path), out, simulate=True)
    marked = [entry for entry in _json(out / "vqa_val.json") if entry["simulated"]]
    assert {entry["image"] for entry in marked} == {"3.png"}
    with (out / "vqa_val.csv").open(newline="") as text:
        assert {row["image"] for row in csv.DictReader(text)} == {"2.png"}


def test_the_command_writes_the_same_bytes_again_and_refuses_a_leak(tmp_path: Path) -> None:
    rows = drawn_set(tmp_path, 3)
    file, outs = write_manifest(tmp_path, rows), [tmp_path / "one", tmp_path / "two"]
    for out in outs:
        result = CliRunner().invoke(command, [str(file), "--out", str(out), "--seed", "7"])
        assert result.exit_code == 0, result.output
        assert str(out / "vqa_val.csv") in result.stdout
    for made in outs[0].iterdir():
        assert made.read_bytes() == (outs[1] / made.name).read_bytes()

    write_manifest(tmp_path, [*rows[:2], rows[2] | {"group": "g0"}])
    refused = CliRunner().invoke(command, [str(file), "--out", str(tmp_path / "three")])
    assert refused.exit_code == 1
    assert not (tmp_path / "three").exists()


def test_a_model_without_its_name_is_refused(tmp_path: Path) -> None:
    file = write_manifest(tmp_path, drawn_set(tmp_path, 3))
    refused = CliRunner().invoke(
        command, [str(file), "--out", str(tmp_path / "out"), "--rewrite", "http://x/v1"]
    )
    assert refused.exit_code == 2
    assert "URL#MODEL" in refused.output
