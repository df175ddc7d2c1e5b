"""Numbers in figures and in words up to a hundred and twenty, as captions write ages and counts."""

import re

UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
VALUES = {word: value for value, word in enumerate(UNITS)} | {
    word: 10 * value for value, word in enumerate(TENS, start=2)
}
HALVES = {"½": 0.5, "¼": 0.25, "¾": 0.75, "1/2": 0.5, "1/4": 0.25, "3/4": 0.75}

_SMALL = "|".join(sorted(UNITS, key=len, reverse=True))
_TENS = "|".join(TENS)
IN_WORDS = rf"(?:(?:{_TENS})(?:[-\s](?:{_SMALL}))?|{_SMALL})(?:[-\s]and[-\s]a[-\s]half)?"
IN_FIGURES = r"\d{1,3}(?:[.,]\d)?(?:[-\s]?(?:½|¼|¾|1/2|1/4|3/4))?"
NUMERAL = rf"(?:{IN_FIGURES}|{IN_WORDS})"


def value_of(numeral: str) -> float:
    """What a text that matches `NUMERAL` amounts to."""
    text = numeral.lower().strip()
    if not text[0].isdigit():
        half = 0.5 if text.endswith("half") else 0.0
        return half + sum(VALUES.get(word, 0) for word in re.split(r"[-\s]+", text))
    for sign, part in HALVES.items():
        if text.endswith(sign):
            whole = text[: -len(sign)].strip(" -")
            return (float(whole) if whole else 0.0) + part
    return float(text.replace(",", "."))
