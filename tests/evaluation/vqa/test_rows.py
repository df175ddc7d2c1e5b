"""The csv as it is published, with its quirks, and what is wrong with others said in one line."""

from pathlib import Path

import pytest
from PIL import Image

from evaluation.errors import EvaluationError
from evaluation.vqa.images import Images
from evaluation.vqa.rows import NOT_STATED, Asked, read_rows
from tests.evaluation.vqa.drawn import pictures

HEAD = "image,question,answer\n"


def asked(image: str) -> Asked:
    return Asked(3, "3", image, "?", "!", NOT_STATED, image)


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "questions.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_the_seed_s_rows_are_read(tmp_path: Path) -> None:
    text = (
        HEAD
        + 'dataset/bk5_1.png,"What does ""cutaneous"" mean?","Skin, that is."\ndataset/bk5_2.png,Why?,Sun.\n'
    )
    first, second = read_rows(written(tmp_path, text))
    assert first == Asked(
        0,
        "0",
        "dataset/bk5_1.png",
        'What does "cutaneous" mean?',
        "Skin, that is.",
        NOT_STATED,
        "dataset/bk5_1.png",
    )
    assert (second.row, second.answer) == (1, "Sun.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_index_columns_marks_and_spelling_do_not_matter(tmp_path: Path, encoding: str) -> None:
    text = ",Image, Question ,ANSWER,modality,group,id\r\n0,a\\b.png, Why? ,Sun.,clinical,book 1,q9\r\n"
    [row] = read_rows(written(tmp_path, text, encoding))
    assert row == Asked(0, "q9", "a/b.png", "Why?", "Sun.", "clinical", "book 1")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("image,question\na,b\n", "no column answer"),
        ("", "no column image, question, answer"),
        (HEAD + "a.png,Why?,\n", "line 2: answer is empty"),
        (HEAD + "a.png,Why?\n", "line 2: answer is empty"),
        (HEAD + "a.png,Why?,S\xfcn\n", "no csv in UTF-8"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EvaluationError, match=said):
        list(read_rows(written(tmp_path, text, "latin-1")))


def test_leading_folders_may_be_lacking_and_nothing_outside_is_read(tmp_path: Path) -> None:
    images = Images(pictures(tmp_path / "images", 2))
    (tmp_path / "images" / "deep").mkdir()
    (tmp_path / "images" / "p1.png").rename(tmp_path / "images" / "deep" / "p1.png")
    (tmp_path / "secret.png").write_bytes(b"")
    assert images.find("dataset/p0.png") == tmp_path / "images" / "p0.png"
    assert images.find("/x/deep/p1.png") == tmp_path / "images" / "deep" / "p1.png"
    assert images.find("../secret.png") is None
    assert images.find("nowhere.png") is None


def test_missing_images_are_counted_and_some_named(tmp_path: Path) -> None:
    images = Images(pictures(tmp_path, 1))
    given = (asked(f"dataset/{name}.png") for name in ["p0", *"abcdefg"])
    with pytest.raises(EvaluationError, match=r"7 of 8 images .*a\.png.*and 2 more.*--images"):
        images.check(given)


def test_a_picture_is_upright_and_rgb_and_a_torn_one_is_named(tmp_path: Path) -> None:
    turned = Image.new("L", (40, 20), 200)
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    picture, digest = Images(tmp_path).read(asked("turned.jpg"))
    assert (picture.mode, picture.size, len(digest)) == ("RGB", (20, 40), 64)
    whole = (tmp_path / "turned.jpg").read_bytes()
    (tmp_path / "torn.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EvaluationError, match=r"row 3: .*torn\.jpg is no whole image"):
        Images(tmp_path).read(asked("torn.jpg"))
