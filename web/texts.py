"""English texts that are written in one place and shown in another: marked there, looked up here.

Programs read the refusals of the API in English, people on pages read the same ones in their own language.
"""

from flask_babel import get_locale, gettext
from markupsafe import Markup, escape


def marked(text: str) -> str:
    """The text itself. Import it as `_l`, which is what the catalogues look for."""
    return text


def said(text: str) -> str:
    """A text that the catalogues may hold (a refusal, a question, a condition), in the reader's language."""
    return str(gettext(text)) if text else ""  # gettext answers an empty text with the catalogue's header


def refusal_said(detail: str) -> str:
    """What a Problem says, in the reader's language; the fields that it names keep their names."""
    start, please, fields = detail.partition("Please correct: ")
    if please and not start:
        return str(gettext("Please correct: %(fields)s", fields=fields))
    return said(detail)


def as_kept(text: str) -> Markup:
    """The same for a text that a site writes itself, such as a rule's: what stays English is marked so.

    A screen reader then reads it with an English voice (WCAG 3.1.2).
    """
    shown, locale = said(text), get_locale()
    if shown != text or locale is None or locale.language == "en":
        return escape(shown)
    return Markup('<span lang="en">{}</span>').format(shown)
