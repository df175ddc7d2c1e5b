"""The pages' texts in other languages: `python -m web.catalogue` gathers them and makes the catalogues.

Texts stand in the code in English, marked for gettext. Each language has a folder `LC_MESSAGES/` below
`web/translations/`, with `messages.po`, which people edit, and `messages.mo`, made of it, for the pages.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import get_args

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from triage.clinical import Site
from triage.diagnoses import load_diagnoses
from triage.findings import CONDITION_NAMES
from triage.question_words import QUESTION_WORDS, SECTION_WORDS
from triage.wording import ANSWER_WORDS, PATIENT, PHOTOGRAPHS

ROOT = Path(__file__).parents[1]
TRANSLATIONS = Path(__file__).parent / "translations"
BEGUN = datetime(2026, 11, 25, tzinfo=UTC)
LANGUAGES = ("fr",)
ROOMS = ("web", "review", "surveillance", "triage")
KEYWORDS = {
    "_": None, "gettext": None, "say": None, "lazy_gettext": None, "_l": None,
    "ngettext": (1, 2), "lazy_ngettext": (1, 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


def gathered() -> Catalog:
    """Every marked text of the rooms with pages, without its line, which would change with each edit."""
    catalogue = Catalog(project="dermtriage", charset="utf-8")
    for _, message, context in _messages():
        catalogue.add(message, context=context)
    for term in _terms():
        catalogue.add(term)
    return catalogue


def catalogue_of(language: str) -> Catalog:
    """A language's catalogue as its people left it."""
    with _file(language, "po").open("rb") as lines:
        catalogue = read_po(lines, locale=language)
    # A date of its own in each file would change it each time.
    catalogue.creation_date = catalogue.revision_date = BEGUN
    return catalogue


def compiled(catalogue: Catalog) -> bytes:
    """What gettext reads."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> None:
    """Bring each language's file up to the code's texts, and compile it; texts that are gone leave it."""
    for language in LANGUAGES:
        known = _file(language, "po")
        catalogue = catalogue_of(language) if known.is_file() else Catalog(locale=language)
        catalogue.update(gathered(), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        known.parent.mkdir(parents=True, exist_ok=True)
        with known.open("wb") as lines:
            write_po(lines, catalogue, width=110, sort_output=True, omit_header=True, ignore_obsolete=True)
        _file(language, "mo").write_bytes(compiled(catalogue_of(language)))
        missing = [message.id for message in catalogue if message.id and not message.string]
        click.echo(f"{language}: {len(catalogue)} texts, {len(missing)} to be translated")


def _messages() -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    for room in ROOMS:
        found = extract_from_dir(ROOT / room, METHODS, keywords=KEYWORDS)
        for file, _, message, _, context in found:
            yield file, message, context


def _terms() -> Iterator[str]:
    """What stands in tables, and is looked up by the pages: questions, answers, conditions, diagnoses.

    The texts of a policy's rules are no part: each site writes its own, and pages show them as written.
    """
    yield from (*SECTION_WORDS.values(), PATIENT, PHOTOGRAPHS)
    yield from QUESTION_WORDS.values()
    yield from (*ANSWER_WORDS.values(), *get_args(Site), "female", "male")
    yield from CONDITION_NAMES.values()
    yield from (entry.label for entry in load_diagnoses().diagnoses)


def _file(language: str, ending: str) -> Path:
    return TRANSLATIONS / language / "LC_MESSAGES" / f"messages.{ending}"


if __name__ == "__main__":
    main()
