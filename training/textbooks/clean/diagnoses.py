"""Which labels a cleaned caption affirms, and which it names otherwise."""

import re
from dataclasses import dataclass

from training.textbooks.clean.assertion import standing
from training.textbooks.clean.labels import folded, labels, mentions, wider

# "Surrounding normal skin" is no diagnosis.
_BESIDE = re.compile(
    r"\b(?:surrounding|adjacent|perilesional|intervening|islands? of|uninvolved|from|with|to|and|"
    r"than|between|"
    r"against|in|on|of|otherwise|apparently|clinically)\s+(?:the\s+)?$"
)


@dataclass(frozen=True)
class Diagnoses:
    """Affirmed labels, most specific first; and excluded ones, as they come."""

    affirmed: tuple[str, ...]
    excluded: tuple[str, ...]


def diagnoses_in(text: str) -> Diagnoses:
    """What the text says of each label it names. A label affirmed once is not excluded."""
    plain = folded(text)
    affirmed: dict[str, None] = {}
    excluded: dict[str, None] = {}
    for named in mentions(plain):
        if labels()[named.label].alone and _BESIDE.search(plain[: named.start]):
            continue
        affirms = standing(plain, named.start, named.end) == "affirmed"
        (affirmed if affirms else excluded)[named.label] = None
    several = len(affirmed) > 1
    kept = [label for label in affirmed if not (several and labels()[label].alone)]
    # Python's sort keeps the order of the text among equals.
    kept.sort(key=lambda label: -len(wider(label)))
    return Diagnoses(tuple(kept), tuple(label for label in excluded if label not in affirmed))
