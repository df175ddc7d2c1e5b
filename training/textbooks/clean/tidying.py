"""The caption as a sentence: print's line ends, references, credits and the figure's own number removed.

Knows nothing of what the words mean.
"""

import re

LIGATURES = str.maketrans(
    {
        "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
        "\u00ad": None, "\u200b": None, "\ufeff": None, "\u2010": "-", "\u2011": "-", "\u2212": "-",
        "\u00a0": " ", "\u2009": " ", "\u202f": " ",
        "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"',
    }
)  # fmt: skip

# Before these a hyphen at the line's end belongs to the word.
COMPOUNDS = (
    "well|non|self|blue|red|brown|grey|gray|white|black|yellow|year|month|week|day|"
    "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|high|low|half|long|short"
)
LINE_END = re.compile(r"([^\W\d_]+)-[ \t]*(?:\n[ \t]*| +)(?!(?:and|or|to|und)\b)([a-z]+)")
BROKEN_NUMBER = re.compile(r"(\d)[ \t]*-[ \t]*\n?[ \t]*(?=(?:years?|months?|weeks?|days?|yr)\b)")

NUMBER = r"(?:[A-Z]{0,2}\d+(?:[.\-–]\d+)*|[IVXLC]+(?=[\s.:]))"
PANEL = (
    r"(?:\s*\([A-Ha-h](?:\s*[-–,&]\s*[A-Ha-h])*\)[.:]?"
    r"|\s?[a-h](?:\s?[-–,]\s?[a-h])+(?=[\s.:])[.:]?"
    r"|[a-hA-H](?=[\s.:,)])[.:,)]?"
    r"|\s+[A-Ha-h][.:)]"
    r"|\s+[a-h](?=\s+[A-Z]))"
)
HEADING = re.compile(
    rf"^\s*(?:(?i:fig(?:ure|s)?|plate|photo(?:graph)?|image|panel|box)\.?\s*{NUMBER}[.:]?{PANEL}*"
    rf"|\([A-Ha-h](?:\s*[-–,&]\s*[A-Ha-h])*\)|[A-Ha-h][.:)](?=\s))[\s.:–—|\-]*"
)

NAME = r"(?:(?:van|von|de|der|la|le|du|Mc|Mac)\s+)*[A-Z][\w'\-]+"
YEAR = r"(?:19|20)\d\d[a-z]?"
CITED = rf"{NAME}(?:(?:,\s*|\s+(?:and|&)\s+|,\s+(?:and|&)\s+){NAME})*(?:\s+et\s+al\.?)?,?\s*\(?{YEAR}\)?"
REFERENCES = re.compile(
    r"\s*\[\s*(?:refs?\.?\s*)?\d+(?:\s*[-–,;]\s*\d+)*\s*\]"
    rf"|\s*\(\s*(?:see\s+|e\.g\.,?\s+|from\s+|after\s+)?{CITED}(?:\s*[;,]\s*(?:{CITED}|{YEAR}))*\s*\)"
    r"|(?:,?\s*see(?:\s+also)?)?\s*\(\s*(?:see\s+|cf\.?\s+|compare\s+)?(?:also\s+)?(?i:figs?\.?|"
    r"figures?|tables?|plates?|chapters?|chap\.|pages?|p\.|pp\.|"
    r"refs?\.?|references?)\s*[\dIVX][^()]*\)"
    # Superscripts that lost their place: "warts1", "toe.1,2".
    r"|(?<=[a-z]{4})\d{1,2}(?:[,–-]\d{1,2})*(?=[\s.,;:]|$)|"
    r"(?<=[a-z]{2}[.,;])\d{1,2}(?:[,–-]\d{1,2})*(?=\s|$)"
    r"|(?<!\bmm)(?<!\bcm)(?<!\bm)(?<!\bkg)(?<!\d)[¹²³⁴⁵⁶⁷⁸⁹⁰]+(?:[,–⁻][¹²³⁴⁵⁶⁷⁸⁹⁰]+)*"
)

CREDIT = (
    r"(?:(?:images?|photos?|photographs?|pictures?|slides?|figures?|illustrations?)\s+)?(?:kindly\s+)?"
    r"(?:(?:by\s+|with\s+|through\s+)?(?:the\s+)?(?:kind\s+)?courtesy\s+(?:of|to|:)"
    r"|(?:kindly\s+)?(?:provided|supplied|contributed|donated)\s+by"
    r"|(?:reproduced|reprinted|adapted|redrawn|modified|taken|used|republished)\s+(?:with\s+|by\s+|"
    r"from\b|after\b|under\b)"
    r"|with\s+(?:kind\s+)?permission\b|by\s+permission\b"
    r"|(?:photo(?:graph)?|image|picture)\s*(?:credits?|by|from|©|:)\s|credits?\s*:|source\s*:|copyright\b|©"
    r"|from\s+(?=[A-Z][^;()]{0,160}\bpermission\b))"
)
BRACKETED_CREDIT = re.compile(rf"\s*[(\[]\s*(?i:{CREDIT})(?:[^()\[\]]|\([^()]*\))*[)\]]")
# The sentence goes on behind an initial, a title or an abbreviation of a journal.
SENTENCE_END = (
    r"(?:(?<!\b[A-Z])(?<!\b[Dd]r)(?<!\bProf)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bSt)(?<!\bJr)(?<!\bal)(?<!\b[Vv]ol)"
    r"(?<!\b[Ee]d)(?<!\beds)(?<!\bpp)(?<!\bNo)(?<!\bInc)(?<!\bLtd)(?<!\bUniv)(?<!\bHosp)(?<!\bDept)(?<!\b[JBA]r)"
    r"(?<!\bDermatol)(?<!\bAcad)(?<!\bArch)\.(?=\s+[(A-Z]|\s*$)|$)"
)
OPEN_CREDIT = re.compile(
    rf"(?:(?<=[.;,:–—)])|^|(?<=\bmm)|(?<=\n))\s*(?i:{CREDIT}).*?{SENTENCE_END}", re.DOTALL
)


def tidied(caption: str) -> str:
    """The caption without hyphens of line ends, ligatures, references, credits and its leading number."""
    text = caption.translate(LIGATURES)
    text = BROKEN_NUMBER.sub(r"\1-", text)
    text = LINE_END.sub(_joined, text)
    text = re.sub(r"\s+", " ", text)
    text = BRACKETED_CREDIT.sub("", text)
    text = REFERENCES.sub("", text)
    text = OPEN_CREDIT.sub(" ", text)
    text = _without_heading(text)
    return _spaced(text)


def _joined(found: re.Match[str]) -> str:
    left, right = found.groups()
    keeps = re.fullmatch(COMPOUNDS, left.lower()) or right in {"old", "year", "like", "shaped", "coloured"}
    return f"{left}-{right}" if keeps else left + right


def _without_heading(text: str) -> str:
    """Less the number, and less the panel's letter behind it."""
    return HEADING.sub("", text, count=1)


def _spaced(text: str) -> str:
    text = re.sub(r"\(\s*[,;]?\s*\)|\[\s*\]", "", text)
    text = re.sub(r"\s+([,.;:)\]])", r"\1", text)
    text = re.sub(r"([(\[])\s+", r"\1", text)
    text = re.sub(r"[,;:]+(?=\.)", "", text)
    text = re.sub(r"(?<!\.)\.\.(?!\.)", ".", text)
    return re.sub(r"\s+", " ", text).strip(" ,;:–—-")
