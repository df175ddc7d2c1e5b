"""What the filter flags in drawn pictures, and what it leaves alone."""

import io

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from tests.training.textbooks.drawn import drawn, face, with_arrow, with_bar, with_letter, with_ruler
from tests.training.textbooks.shelf import PAGES, shelve
from training.textbooks.filter import looking
from training.textbooks.filter.annotations import annotation_reasons
from training.textbooks.filter.duplicates import Hashed, duplicates
from training.textbooks.filter.faces import face_reasons
from training.textbooks.filter.phash import phash, tones
from training.textbooks.filter.said import said_reasons
from training.textbooks.parallel import Workers
from training.textbooks.records import MODALITIES, Box, Figure, ModalityGuess, Page
from training.textbooks.workspace import read_records, write_records

SIZE = (480, 360)


def printed(picture, quality=85):
    """As a book holds it: JPEG softens edges and rings around them."""
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=quality)
    return Image.open(held).convert("RGB")


def share(reason, mark):
    """Of how many pictures, marked so, the filter says that."""
    pictures = [
        printed(mark(drawn(one, seed, SIZE))) for one in MODALITIES[:1] + MODALITIES[2:] for seed in range(8)
    ]
    return np.mean([reason in annotation_reasons(picture) for picture in pictures])


@pytest.mark.parametrize(
    "mark",
    [
        with_arrow,
        lambda picture: with_arrow(picture, "black"),
        lambda picture: with_arrow(picture, "yellow"),
        with_letter,
        lambda picture: with_letter(picture, "B", "white"),
        with_ruler,
    ],
    ids=["white arrow", "black arrow", "yellow arrow", "black a", "white B", "ruler"],
)
def test_marks_are_seen(mark):
    assert share("annotated", mark) > 0.6


def test_unmarked_pictures_are_not_annotated():
    pictures = [printed(drawn(one, seed, SIZE)) for one in MODALITIES for seed in range(5)]
    assert not any(annotation_reasons(picture) for picture in pictures)


def test_a_bar_over_the_eyes_is_an_identifying_mark():
    assert share("identifying_mark", with_bar) == 1
    assert share("annotated", with_bar) == 0


def test_faces_and_eyes_are_seen_and_skin_is_none():
    faces = [face_reasons(face(seed)) for seed in range(4)]
    assert sum("face" in reasons for reasons in faces) >= 3
    assert sum("eyes" in reasons for reasons in faces) >= 3
    assert not any(face_reasons(drawn("clinical", seed, SIZE)) for seed in range(5))


@pytest.mark.parametrize(
    ("caption", "reasons"),
    [
        ("A papule (arrow) on the nose.", ["annotated"]),
        ("Scale bar: 5 mm.", ["annotated"]),
        ("Granulomas in a tattoo; note the arrowheads.", ["annotated", "identifying_mark"]),
        ("The patient has given consent. Full-face view.", ["identifying_mark"]),
        ("Fig. 2.3 Schematic drawing of a hair follicle.", ["drawing"]),
        ("Diagram of the dermatomes.", ["drawing"]),
        ("Narrow plaques on the arm, a photograph.", []),
        ("Drawing pains; erythema drawn out along a vein.", []),
    ],
)
def test_captions_speak_of_marks_and_drawings(caption, reasons):
    assert said_reasons(caption) == reasons


def test_what_a_book_draws_with_lines_is_a_drawing(tmp_path):
    book, *_ = shelve(tmp_path / "books", tmp_path / "out", {"atlas": PAGES[:2]})
    box = Box(x0=0, y0=0, x1=240, y1=180)
    told = {"page": 1, "box": box, "file": "x.png", "width": 240, "height": 180, "sha256": ""}
    figures = [Figure(id=f"p000{n}-f01", kind=kind, **told) for n, kind in ((1, "vector"), (2, "embedded"))]
    page = Page(number=1, width=420, height=595, lines=(), figures=tuple(figures))
    write_records(book.file("pages.jsonl"), [page])
    guesses = [ModalityGuess(id=one.id, modality="clinical", probability=0.6) for one in figures]
    write_records(book.file("modality.jsonl"), guesses)
    looking.run(book, Workers(1))
    assert [look.reasons for look in read_records(book.file("looks.jsonl"), looking.Look)] == [
        ("drawing",),
        (),
    ]


def hashed(name, picture):
    return Hashed(name, phash(picture), tones(picture))


def test_reprints_are_found_across_books():
    first = drawn("clinical", 1, SIZE)
    reprints = [printed(first, 40), first.resize((200, 150)), ImageEnhance.Brightness(first).enhance(1.05)]
    pictures = [hashed("a/1", first), *(hashed(f"b/{n}", one) for n, one in enumerate(reprints))]
    pictures += [hashed(f"c/{seed}", drawn(one, seed, SIZE)) for one in MODALITIES for seed in range(20, 28)]
    assert duplicates(pictures) == {"b/0": "a/1", "b/1": "a/1", "b/2": "a/1"}


def test_near_hashes_with_other_colours_are_two_pictures():
    picture = drawn("clinical", 1, SIZE)
    swapped = Image.merge("RGB", picture.split()[::-1])
    assert duplicates([hashed("a", picture), hashed("b", swapped)]) == {}


def test_a_chain_has_one_original(monkeypatch):
    """Whatever the block's height, later pictures name the first of their chain."""
    one = phash(drawn("clinical", 1))
    chain = [
        Hashed(name, f"{int(one, 16) ^ bits:016x}", "00" * 48)
        for name, bits in (("a", 0), ("b", 31), ("c", 1023))
    ]
    assert duplicates(chain) == {"b": "a", "c": "a"}
    monkeypatch.setattr("training.textbooks.filter.duplicates.AT_ONCE", 1)
    assert duplicates(chain) == {"b": "a", "c": "a"}


def test_the_hash_is_that_of_the_manifests():
    """pHash as ImageHash computes it: a picture with a known hash."""
    ramp = Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1)))
    assert len(phash(ramp)) == 16
    assert bin(int(phash(ramp), 16)).count("1") <= 32
