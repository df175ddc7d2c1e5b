"""What a caption begins with, what only speaks of a figure, and what counts figures in a list."""

import re
from dataclasses import dataclass

_NUMBER = (
    r"(?P<number>[A-Z]?\d+(?:\s?[.\-–‑:]\s?\d+){0,3}|[A-Z][.\-–]\d+(?:[.\-–]\d+)*"
    r"|[IVXLC]+(?![a-z])|[A-H](?=[.:]\s))"
)
_PANELS = r"(?P<panels>\s?\(?[a-hA-H](?:\s?[-–,&]\s?[a-hA-H])*\)?(?![A-Za-z]))?"
_LABEL = re.compile(
    rf"^\W{{0,2}}(?P<word>figures?|figs?|plates?|abb(?:ildung)?|photos?|illustrations?|image)"
    rf"\.?\s?(?:no\.\s?)?{_NUMBER}{_PANELS}"
    r"(?P<end>\s*(?:[.:|—–\-]|\)|$)|\s+)",
    re.IGNORECASE,
)
# After a number without a stop, these make a sentence about the figure and no caption of it.
_SPEAKS = re.compile(
    r"^(?:\([^)]*\)\s*)?(?:shows?|showed|illustrat\w+|depict\w*|demonstrat\w+|presents?|gives?|summari[sz]\w+|is|are|was|were|"
    r"and|or|to|through|in|of|on|for|from|by|at|we|which|that|can|may|will|would|should|has|have|displays?|"
    r"represents?|contains?|provides?|plots?|describes?|compares?|lists?|reveals?|indicates?|suggests?|as|above|below|"
    r"also|but|with the|there|after|before|where|when|if|it|does|exhibits?|explains?|outlines?|"
    r"then|makes?|seems?|appears?)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"(?:\.\s?){4,}|(?:,\s*|\s{2,}|\s)(?:\d{1,4}|[ivxlc]{1,6})(?:\s*[-–,]\s*\d{1,4})*\s*$")
_CONTINUED = re.compile(r"^\W*\(?cont(?:inued|d|\.)", re.IGNORECASE)


@dataclass(frozen=True)
class Label:
    """The head of a caption: how the book counts the figure, and what follows."""

    number: str
    panels: str
    rest: str
    stop: bool

    @property
    def speaks(self) -> bool:
        """Whether the text goes on as a sentence about the figure."""
        return not self.stop and bool(_SPEAKS.match(self.rest))


def label_of(text: str) -> Label | None:
    """The label that the text begins with."""
    found = _LABEL.match(text)
    if not found:
        return None
    number = re.sub(r"\s", "", found["number"]).strip(".:")
    panels = "".join(re.findall(r"[a-h]", (found["panels"] or "").lower()))
    rest = text[found.end() :].strip()
    if number in {"I", "A"} and found["end"].isspace() and rest[:1].islower():
        return None  # "Figure a ..." is a sentence
    return Label(number, panels, rest, stop=bool(found["end"].strip()) or not rest)


def is_listed(text: str) -> bool:
    """An entry of a list of figures or of an index: leaders or a page number at its end."""
    return bool(_LISTED.search(text))


def is_continued(label: Label) -> bool:
    """ "(continued)": the figure goes on, its caption stands elsewhere."""
    return bool(_CONTINUED.match(label.rest))
