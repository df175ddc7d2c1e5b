"""From pairs to the export by the command itself, and the export read back."""

import json

from tests.training.textbooks.run.walked import ANOTHER, table, walk
from tests.training.textbooks.shelf import PAGES, shelve
from training.textbooks.records import MODALITIES


def test_it_says_what_it_did_and_what_is_to_be_done(done):
    out, said = done
    assert "2 of 2 books done" in said
    assert "nothing has been checked yet" in said
    assert f"to check: 1 sheet(s) in {out / 'check'}" in said
    assert "no licence is stated for manual-" in said


def test_every_pair_is_listed_with_its_reasons(done):
    pairs = table(done[0] / "export" / "pairs.csv")
    reasons = [row["reasons"] for row in pairs]
    assert len(pairs) == len(PAGES) + len(ANOTHER)
    assert reasons[:6] == ["", "", "", "", "", "unsure_caption"]
    assert reasons[7].startswith("duplicate_of:atlas-")
    assert reasons[8] == reasons[9] == "annotated"
    assert [row["modality"] for row in pairs[:6]] == [page.modality for page in PAGES]


def test_only_what_nothing_speaks_against_is_exported(done):
    export = done[0] / "export"
    manifest = table(export / "manifest.csv")
    assert len(manifest) == 6
    assert {row["file"] for row in manifest} == {
        str(file.relative_to(export)) for file in export.glob("images/*/*")
    }
    assert {row["licence"] for row in manifest} == {"CC BY 4.0", ""}
    assert manifest[0]["class"] == "psoriasis"


def test_samples_are_in_the_seeds_csv_and_in_llavas_json(done):
    export = done[0] / "export"
    for split in ("train", "val", "test"):
        samples = table(export / f"vqa_{split}.csv")
        assert list(samples[0])[:3] == ["image", "question", "answer"]
        talks = json.loads((export / f"vqa_{split}.json").read_text())
        assert [(talk["image"], *(turn["value"] for turn in talk["conversations"])) for talk in talks] == [
            (row["image"], f"<image>\n{row['question']}", row["answer"]) for row in samples
        ]
        assert all((export / row["image"]).is_file() and row["page"] for row in samples)
        assert all(row["modality"] in MODALITIES for row in samples)


def test_the_card_counts_and_names_sources(done):
    card = (done[0] / "export" / "README.md").read_text()
    assert "| An Atlas | CC BY 4.0 | 5 |" in card
    assert "| manual | not stated: ask the publisher before you share anything | 1 |" in card
    assert "| annotated | 2 |" in card


def test_what_is_done_is_not_done_again(done):
    out = done[0]
    before = {
        file: file.stat().st_mtime_ns for file in out.rglob("*") if file.is_file() and file.name != ".lock"
    }
    walk(out.parent)
    after = {
        file: file.stat().st_mtime_ns for file in out.rglob("*") if file.is_file() and file.name != ".lock"
    }
    assert after == before


def test_a_check_changes_what_hangs_on_it(tmp_path):
    first, *_ = shelve(tmp_path / "books", tmp_path / "out", {"atlas": PAGES})
    walk(tmp_path)
    checked = tmp_path / "checked.csv"
    checked.write_text(
        "book,id,modality,caption\n"
        f"{first.id},p0001-f01,dermoscopic,yes\n{first.id},p0002-f01,clinical,no\n{first.id},p0006-f01,clinical,yes\n"
    )
    assert "3 checked" in walk(tmp_path, "--checked", str(checked))
    pairs = table(tmp_path / "out" / "export" / "pairs.csv")
    assert [row["reasons"] for row in pairs] == ["", "wrong_caption", "", "", "", ""]
    assert (pairs[0]["modality"], pairs[0]["checked"]) == ("dermoscopic", "yes")
    assert "3 checked" in walk(tmp_path, "--step", "modality")


def test_one_step_alone(tmp_path):
    first, *_ = shelve(tmp_path / "books", tmp_path / "out", {"atlas": PAGES})
    walk(tmp_path, "--step", "clean")
    assert first.file("cleaned.jsonl").exists()
    assert not first.file("modality.jsonl").exists()
    said = walk(tmp_path, "--step", "questions", expect=1)
    assert "atlas.pdf: questions: modality.jsonl is missing: run the steps before questions" in said
