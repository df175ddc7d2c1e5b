"""Small PDFs for the runner: pages with a drawn picture and its caption, and files as they should not be."""

import io
import zlib
from pathlib import Path

from reportlab.lib.pagesizes import A5
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.training.textbooks.drawn import drawn
from tests.training.textbooks.shelf import Printed

TEXT = (
    "The skin is looked at in good light. What is seen is described before it is named, and the whole of it",
    "is looked at, not the part that hurts. A rash is a pattern in space and a story in time.",
)


def print_book(file: Path, pages: tuple[Printed, ...], *, script: str = "", password: str = "") -> None:
    """One figure a page, its caption below."""
    encryption = StandardEncryption(password, canPrint=0) if password else None
    pen = Canvas(str(file), pagesize=A5, invariant=1, encrypt=encryption)
    if script:
        pen.setTitle("scripted")
        pen._doc.Catalog.OpenAction = f"<< /S /JavaScript /JS ({script}) >>"
    for number, page in enumerate(pages, start=1):
        _page(pen, number, page)
        pen.showPage()
    pen.save()


def _page(pen: Canvas, number: int, page: Printed) -> None:
    height = A5[1]
    pen.setFont("Times-Roman", 10)
    for row, line in enumerate(TEXT):
        pen.drawString(40, height - 60 - 13 * row, line[:80])
    picture = io.BytesIO()
    (page.picture or drawn(page.modality, page.seed)).save(picture, "PNG")
    picture.seek(0)
    pen.drawImage(ImageReader(picture), 80, height - 290, 260, 195)
    pen.setFont("Times-Roman", 9)
    for row, line in enumerate(_wrapped(f"Fig. 1.{number} {page.caption}")):
        pen.drawString(80, height - 306 - 11 * row, line)


def _wrapped(text: str, width: int = 62) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def written_pdf(objects: list[bytes]) -> bytes:
    """A PDF from its objects, the first of them the catalogue."""
    content, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return content + tail % (len(objects) + 1, start)


def empty_pdf() -> bytes:
    """No page at all."""
    return written_pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"])


def long_pdf(pages: int) -> bytes:
    """So many empty pages."""
    kids = b" ".join(b"%d 0 R" % (number + 3) for number in range(pages))
    head = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages)]
    return written_pdf([*head, *[b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] >>"] * pages])


def bomb_pdf(side: int = 60_000) -> bytes:
    """One page whose picture claims `side` x `side` pixels and holds them in a few kilobytes."""
    packed = zlib.compress(b"\0" * 4_000_000)
    picture = (
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (side, side, len(packed), packed)
    )
    paint = b"q 300 0 0 300 0 50 cm /I Do Q"
    return written_pdf([
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 400] /Resources << /XObject << /I 4 0 R >> >> "
        b"/Contents 5 0 R >>",
        picture,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(paint), paint),
    ])  # fmt: skip
