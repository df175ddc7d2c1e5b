"""PDFs that no reader should trust, made as their makers make them."""

import zlib
from pathlib import Path

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas


def plain(file: Path, pages: int = 1, text: str = "Nothing but a line of text.") -> Path:
    """A sound book without figures."""
    canvas = Canvas(str(file), invariant=1)
    for number in range(pages):
        canvas.drawString(72, 700, f"{text} {number + 1}")
        canvas.showPage()
    canvas.save()
    return file


def encrypted(file: Path) -> Path:
    """Needs a password to be opened."""
    canvas = Canvas(str(file), encrypt=StandardEncryption("secret", ownerPassword="owner", strength=128))
    canvas.drawString(72, 700, "Not for you.")
    canvas.save()
    return file


def truncated(file: Path) -> Path:
    """The first half of a book."""
    whole = plain(file, pages=20).read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    return file


def without_pages(file: Path) -> Path:
    """Sound, and empty."""
    return _of_objects(file, ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"])


def with_script(file: Path) -> Path:
    """Asks the reader to run a script when it is opened, and when its page is."""
    return _of_objects(
        file,
        [
            "<</Type/Catalog/Pages 2 0 R/Names<</JavaScript<</Names[(a) 4 0 R]>>>>/OpenAction 4 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/AA<</O 4 0 R>>>>",
            "<</S/JavaScript/JS(while (true) { app.alert('again'); })>>",
        ],
    )


def with_bomb(file: Path, side: int = 30_000) -> Path:
    """A picture of `side` times `side` pixels from a few kilobytes, and a sound page after it."""
    packed = zlib.compress(zlib.compress(b"\0" * (side * side // 8)))
    picture = (
        f"<</Type/XObject/Subtype/Image/Width {side}/Height {side}/BitsPerComponent 1/ColorSpace/DeviceGray"
        f"/Filter[/FlateDecode/FlateDecode]/Length {len(packed)}>>stream\n"
    )
    drawn = b"q 200 0 0 200 50 50 cm /I Do Q"
    return _of_objects(
        file,
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R 6 0 R]/Count 2>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R"
            "/Resources<</XObject<</I 5 0 R>>>>>>",
            f"<</Length {len(drawn)}>>stream\n".encode() + drawn + b"\nendstream",
            picture.encode() + packed + b"\nendstream",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>>",
        ],
    )


def endless(file: Path) -> Path:
    """A page of half a million letters."""
    drawn = b"BT /F 1 Tf 10 10 Td " + b"(nothing but letters) Tj " * 25_000 + b"ET"
    return _of_objects(
        file,
        [
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
            f"<</Length {len(drawn)}>>stream\n".encode() + drawn + b"\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ],
    )


def large(file: Path) -> Path:
    """A page with a picture of 64 million pixels, within the bound but not small; then a plain page."""
    return with_bomb(file, side=8_000)


def _of_objects(file: Path, objects: list[str | bytes]) -> Path:
    content, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, start=1):
        places.append(len(content))
        body = one if isinstance(one, bytes) else one.encode()
        content += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    content += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    rest = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{content.index(b'xref')}\n%%EOF\n"
    file.write_bytes(content + rest.encode())
    return file
