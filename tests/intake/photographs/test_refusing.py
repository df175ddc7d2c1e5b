"""What is not a whole, still photograph of a known kind is refused in words; nothing crashes."""

import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from intake.photographs import Refused, read_photograph
from tests.intake.photographs.segments import png_chunk, with_jpeg_segments, with_png_chunks
from tests.intake.photographs.test_stripping import FILES, MOST
from tests.intake.pictures import drawing, encoded


def refusal(data: bytes, most: int = MOST) -> str:
    with pytest.raises(Refused) as caught:
        read_photograph(data, most)
    assert caught.value.remedy
    return caught.value.detail


def animation(kind: str) -> bytes:
    return encoded(kind=kind, save_all=True, append_images=[drawing(seed=9)], duration=100)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"%PDF-1.7", "not a photograph"),
        (b"MZ\x90\x00", "not a photograph"),
        (encoded(kind="BMP"), "not a photograph"),
        (encoded(kind="TIFF"), "not a photograph"),
        (encoded(kind="GIF"), "animated"),
        (animation("GIF"), "animated"),
        (animation("PNG"), "animated"),
        (animation("WEBP"), "animated"),
    ],
)
def test_other_files_are_refused_in_words(data: bytes, word: str) -> None:
    assert word in refusal(data)


@pytest.mark.parametrize("name", FILES)
@given(cut=st.floats(0, 1, exclude_max=True))
@settings(max_examples=40, deadline=None)
def test_a_truncated_file_is_refused(name: str, cut: float) -> None:
    refusal(FILES[name][: int(cut * len(FILES[name]))])


@given(st.binary(max_size=300), st.sampled_from([b"", *(data[:64] for data in FILES.values())]))
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_refused(noise: bytes, start: bytes) -> None:
    refusal(start + noise)


@pytest.mark.parametrize("name", FILES)
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
@settings(max_examples=40, deadline=None)
def test_a_changed_byte_is_refused_or_harmless(name: str, place: float, byte: int) -> None:
    data = bytearray(FILES[name])
    data[int(place * len(data))] = byte
    try:
        found = read_photograph(bytes(data), MOST)
    except Refused:
        return
    with Image.open(BytesIO(found.data)) as picture:
        picture.load()


def header(width: int, height: int) -> bytes:
    return png_chunk(b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00")


def test_a_bomb_is_refused_by_its_header() -> None:
    rows = zlib.compress(b"\x00" * 20_000)
    bomb = FILES["png"][:8] + header(20_000, 20_000) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    assert "million pixels" in refusal(bomb)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_limit_of_pixels_counts_for_every_kind(kind: str) -> None:
    data = encoded(Image.new("RGB", (1010, 1000)), kind)
    assert "million pixels" in refusal(data, most=1_000_000)
    assert read_photograph(data, 1_010_000).width == 1010


def test_image_data_that_inflates_beyond_its_picture_is_refused() -> None:
    rows = zlib.compress(b"\x00" * 10_000_000)
    bomb = FILES["png"][:8] + header(10, 10) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    assert "hides" in refusal(bomb)


@pytest.mark.parametrize("hidden", [b"CANARY", b"\x00" * 100])
def test_data_hidden_behind_the_image_data_is_refused(hidden: bytes) -> None:
    place = len(FILES["png"]) - 12
    assert "hides" in refusal(with_png_chunks(FILES["png"], [(b"IDAT", hidden)], place))


def test_a_wrong_checksum_is_refused() -> None:
    data = bytearray(FILES["png"])
    data[40] ^= 1
    assert "damaged" in refusal(bytes(data))


@pytest.mark.parametrize("marker", [0xC3, 0xC9, 0xCA, 0xDC, 0xF7, 0x02])
def test_jpeg_segments_that_are_not_understood_are_refused(marker: int) -> None:
    assert "cameras do not write" in refusal(with_jpeg_segments(FILES["baseline"], [(marker, b"\x00" * 9)]))


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"hevc", b"msf1", b"avif", b"mp42"])
def test_files_that_only_claim_to_be_heic_are_refused(brand: bytes) -> None:
    refusal(b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00mif1heic" + b"\x00" * 64)


def test_a_sequence_of_heic_is_called_animated() -> None:
    assert "animated" in refusal(b"\x00\x00\x00\x18ftypmsf1\x00\x00\x00\x00msf1hevc")
