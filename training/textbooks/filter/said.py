"""What a caption itself says of marks in its picture, of marks that make a person known, and of drawings."""

import re

DRAWING = "drawing"
_ANNOTATED = re.compile(
    r"\barrow(?:s|ed|head|heads)?\b|\basterisks?\b|\(\s*\*\s*\)|→|←|▲|\bcircled\b|\boutlined\b|"
    r"\b(?:scale|size) ?bar\b|\bbar ?[=:] ?\d|\bruler\b|"
    r"\b(?:marked|labelled|labeled|indicated) (?:by|with|in)\b|"
    r"\binset\b",
    re.I,
)
_IDENTIFYING = re.compile(
    r"\btattoo\w*|\bjewel\w*|\bear-?rings?\b|\bpiercings?\b|\bname ?(?:tag|band|plate)\b|\bwrist-?bands?\b|"
    r"\b(?:patient|portrait|photograph)(?: \w+){0,2} consent\w*|\bportrait\b|\bfull[- ]face\b",
    re.I,
)
_DRAWING = re.compile(
    r"\bschematic\w*|\bdiagram\w*|\bflow ?-?charts?\b|\b(?:bar|pie) charts?\b|"
    r"\b(?:line|pencil|ink) drawings?\b|\bdrawings? (?:of|showing|shows)\b|"
    r"\b(?:management|treatment|diagnostic) algorithm\b",
    re.I,
)


def said_reasons(caption: str) -> list[str]:
    """`annotated` where arrows and the like are spoken of, `identifying_mark` for tattoos, `drawing`."""
    reasons = []
    if _ANNOTATED.search(caption):
        reasons.append("annotated")
    if _IDENTIFYING.search(caption):
        reasons.append("identifying_mark")
    if _DRAWING.search(caption):
        reasons.append(DRAWING)
    return reasons
