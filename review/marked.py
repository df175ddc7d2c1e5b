"""Marks an English text for the catalogues where it is written, to be looked up where it is shown.

Programs read the refusals of this room in English, people on pages in their own language (`wording.said`).
"""


def marked(text: str) -> str:
    """The text itself. Import it as `_l`, which is what the catalogues look for."""
    return text
