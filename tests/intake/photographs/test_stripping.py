"""Nothing but the picture survives, and every pixel of it does."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from intake.photographs import Photograph, read_photograph
from tests.intake.photographs.segments import (
    icc_profile,
    jpeg_segment,
    jpeg_segments,
    with_jpeg_segments,
    with_png_chunks,
    with_riff_chunks,
)
from tests.intake.pictures import drawing, encoded, jpeg_with_gps, pixels

MOST = 50_000_000
FILES = {
    "baseline": encoded(kind="JPEG", quality=80),
    "progressive": encoded(kind="JPEG", progressive=True, quality=90),
    "restarts": encoded(kind="JPEG", restart_marker_blocks=2),
    "grey": encoded(drawing().convert("L"), "JPEG"),
    "cmyk": encoded(drawing().convert("CMYK"), "JPEG"),
    "png": encoded(kind="PNG"),
    "palette": encoded(drawing().convert("P"), "PNG", transparency=3),
    "grey alpha": encoded(drawing().convert("LA"), "PNG"),
    "bits": encoded(drawing().convert("1"), "PNG"),
    "lossy": encoded(kind="WEBP", quality=80),
    "lossless": encoded(kind="WEBP", lossless=True),
    "transparent": encoded(drawing().convert("RGBA").rotate(20), "WEBP", quality=70),
}
MARK = b"CANARY-of-a-patient"


def strip(data: bytes) -> Photograph:
    return read_photograph(data, MOST)


@pytest.mark.parametrize("name", FILES)
def test_pixels_are_the_same_before_and_after(name: str) -> None:
    found = strip(FILES[name])
    assert pixels(found.data) == pixels(FILES[name])
    assert (found.width, found.height) == (96, 64) if name != "transparent" else found.width > 0


@pytest.mark.parametrize("name", FILES)
def test_stripping_twice_changes_nothing_more(name: str) -> None:
    once = strip(FILES[name])
    assert strip(once.data) == once


markers = st.sampled_from([*range(0xE0, 0xF0), 0xFE])
payloads = st.binary(max_size=60).map(lambda noise: noise + MARK) | st.sampled_from(
    [
        b"Exif\x00\x00II*\x00" + MARK,
        b"http://ns.adobe.com/xap/1.0/\x00" + MARK,
        b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x02\x02" + MARK,
        b"JFXX\x00\x10" + MARK,
        b"ICC_PROFILE\x00\x01\x01" + MARK,
        b"Adobe\x00\x64\x00\x00\x00\x00\x01" + MARK,
        b"MPF\x00" + MARK,
        b"Photoshop 3.0\x008BIM" + MARK,
    ]
)


@given(st.lists(st.tuples(markers, payloads), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_no_injected_jpeg_segment_survives(segments: list[tuple[int, bytes]]) -> None:
    found = strip(with_jpeg_segments(FILES["baseline"], segments))
    assert MARK not in found.data
    # Adobe's segment says how colours are to be read: a decoder obeys an injected one, before and after.
    adobe = [segment for segment in segments if segment[0] == 0xEE]
    assert pixels(found.data) == pixels(with_jpeg_segments(FILES["baseline"], adobe))


names = st.binary(min_size=4, max_size=4).filter(lambda name: name.isalpha() and name[0] & 0x20)
ancillary = names | st.sampled_from([b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"pHYs", b"iCCP", b"sPLT"])


@given(st.lists(st.tuples(ancillary, payloads), min_size=1, max_size=5), st.sampled_from([33, -12]))
@settings(max_examples=150, deadline=None)
def test_no_injected_png_chunk_survives(chunks: list[tuple[bytes, bytes]], at: int) -> None:
    chunks = [chunk for chunk in chunks if chunk[0] not in (b"acTL", b"tRNS")]
    found = strip(with_png_chunks(FILES["png"], chunks, at % len(FILES["png"])))
    assert MARK not in found.data
    assert pixels(found.data) == pixels(FILES["png"])


riff_names = st.sampled_from([b"EXIF", b"XMP ", b"ICCP", b"JUNK", b"abcd", b"ALPH"])


@given(st.lists(st.tuples(riff_names, payloads), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_no_injected_webp_chunk_survives(chunks: list[tuple[bytes, bytes]]) -> None:
    once = dict(chunks)
    found = strip(with_riff_chunks(FILES["lossy"], list(once.items())))
    assert MARK not in found.data
    assert pixels(found.data) == pixels(FILES["lossy"])


@pytest.mark.parametrize("name", FILES)
@given(tail=st.binary(min_size=1, max_size=200))
@settings(max_examples=10, deadline=None)
def test_nothing_behind_the_end_survives(name: str, tail: bytes) -> None:
    assert strip(FILES[name] + tail + MARK).data == strip(FILES[name]).data


def test_only_what_decoding_needs_is_left_of_a_telephones_photograph() -> None:
    found = strip(jpeg_with_gps())
    assert {marker for marker, _ in jpeg_segments(found.data)} <= {0xE0, 0xDB, 0xC0, 0xC4}
    with Image.open(BytesIO(found.data)) as picture:
        assert not picture.getexif()
        assert not picture.info.keys() & {"exif", "xmp", "comment"}


def test_a_jfif_thumbnail_is_removed_and_its_segment_kept() -> None:
    jfif = b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01"
    bare = FILES["baseline"][:2] + FILES["baseline"][20:]
    found = strip(with_jpeg_segments(bare, [(0xE0, jfif + MARK[:3])]))
    assert jpeg_segments(found.data)[0] == (0xE0, jfif[:12] + b"\x00\x00")


def test_of_several_pictures_the_first_is_kept() -> None:
    out = BytesIO()
    first, second = drawing(seed=1), drawing(seed=2)
    first.save(out, "MPO", save_all=True, append_images=[second])
    found = strip(out.getvalue())
    assert found.content_type == "image/jpeg"
    assert pixels(found.data) == pixels(encoded(first, "JPEG"))
    assert found.data.count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_colour_profile_stays_and_one_with_metadata_inside_goes(kind: str) -> None:
    kept = strip(encoded(kind=kind, icc_profile=icc_profile()))
    with Image.open(BytesIO(kept.data)) as picture:
        assert picture.info["icc_profile"] == icc_profile()
    hiding = strip(encoded(kind=kind, icc_profile=icc_profile(b"Exif\x00\x00" + MARK)))
    with Image.open(BytesIO(hiding.data)) as picture:
        assert "icc_profile" not in picture.info


def test_a_profiles_name_in_png_is_not_kept() -> None:
    import zlib

    named = MARK + b"\x00\x00" + zlib.compress(icc_profile())
    found = strip(with_png_chunks(FILES["png"], [(b"iCCP", named)]))
    assert MARK not in found.data
    with Image.open(BytesIO(found.data)) as picture:
        assert picture.info["icc_profile"] == icc_profile()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_read_before_it_is_stripped(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert strip(encoded(kind=kind, exif=exif.tobytes())).orientation == orientation


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_nonsense_in_exif_reads_as_upright_or_an_orientation(exif: bytes) -> None:
    segment = jpeg_segment(0xE1, b"Exif\x00\x00" + exif)
    assert strip(FILES["baseline"][:2] + segment + FILES["baseline"][2:]).orientation in range(1, 9)
