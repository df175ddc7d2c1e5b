"""Opens a PDF, or says in one line why it cannot be read. Scripts in it are never run."""

import mmap
import re
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from training.textbooks.errors import BookError
from training.textbooks.extract.limits import Limits

_DAMAGED = "it is cut short, damaged or no PDF; fetch it again"
_END_SEARCHED = 2048  # bytes: readers look for the end mark in the last 1024; some writers pad


def opened(source: Path) -> pdfium.PdfDocument:
    """The document. Raises `BookError`."""
    try:
        return pdfium.PdfDocument(source)
    except pdfium.PdfiumError:
        raise BookError(_why_not(source)) from None


def _why_not(source: Path) -> str:
    """From the file itself: PDFium's last error may be an earlier file's."""
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(b"/Encrypt") >= 0:
            return "it is encrypted; save a copy without a password"
        if re.search(rb"/Count\s+0\b", content):
            return "it has no pages"
    return _DAMAGED


def page_count(source: Path, limits: Limits) -> int:
    """How many pages there are to read. Raises `BookError` for a file that is no whole book."""
    _check_ends(source)
    document = opened(source)
    try:
        count = len(document)
    finally:
        document.close()
    if count == 0:
        raise BookError("it has no pages")
    if count > limits.pages:
        raise BookError(f"{count} pages, at most {limits.pages} are read; split the file")
    return count


def has_scripts(source: Path) -> bool:
    """Whether a script stands in it, as far as PDFium or its plain bytes tell. None is ever run."""
    document = opened(source)
    try:
        listed = pdfium_c.FPDFDoc_GetJavaScriptActionCount(document) > 0
    finally:
        document.close()
    if listed:
        return True
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b"/JavaScript") >= 0


def _check_ends(source: Path) -> None:
    """PDFium mends cut files by guessing; a book with pages missing must not pass for whole."""
    size = source.stat().st_size
    if size == 0:
        raise BookError("the file is empty; fetch it again")
    with source.open("rb") as file:
        file.seek(max(0, size - _END_SEARCHED))
        if b"%%EOF" not in file.read():
            raise BookError(_DAMAGED)
