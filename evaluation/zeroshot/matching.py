"""Which class a written answer names: as MM-Skin's script takes it, and repaired.

The script's two faults, kept in `seed_match` so that its numbers can be compared with:

- "actinic keratosis" in small letters becomes "actinic keratoses" in every answer, for the sake of one data
  set that spells its class so; where the class is "Actinic Keratosis" such an answer then never matches;
- the first name of the list that occurs anywhere in the answer wins: "not melanoma but a nevus" is melanoma,
  and "melanoma metastasis" is melanoma, which stands before it.
"""

import re
from collections.abc import Sequence

# Words that deny what follows them, up to the next of `TURNS`.
DENIALS = re.compile(
    r"\b(?:not|no|nor|neither|never|without|isn't|rather than|instead of|rules? out|ruling out"
    r"|exclud(?:e|es|ing)|(?:ruled out|excluded)(?= \w)|unlikely(?= (?:to|that)))\b"
)
TURNS = re.compile(r"[.;:!?]|\b(?:but|however|although|instead(?! of)|it is|this is)\b")
# "melanoma is unlikely", "melanoma was ruled out".
DENIED_BEHIND = re.compile(
    r"\s*(?:can be|could be|is|are|was|were|seem|appear|look)?\s*"
    r"(?:not|unlikely|less likely|ruled out|excluded)\b"
)


def seed_match(answer: str, names: Sequence[str]) -> str | None:
    """The class that MM-Skin's script takes from an answer, its faults included; None where it finds none."""
    changed = answer.replace("actinic keratosis", "actinic keratoses").lower()
    return next((name for name in names if name.lower() in changed), None)


def match(answer: str, names: Sequence[str]) -> str | None:
    """The one class that an answer affirms, None where it affirms none or several.

    Whole words in any case; singular and plural are the same word; of names within each other the longest
    counts; a name that is denied does not count. An answer that is a bare name is that name.
    """
    text = _simple(answer)
    affirmed = {name for name, at in _mentions(text, names) if not _denied(text, at)}
    return affirmed.pop() if len(affirmed) == 1 else None


def _mentions(text: str, names: Sequence[str]) -> list[tuple[str, range]]:
    """Each mention of a name with its place; where a longer name stands, a shorter one within it is none."""
    taken = [False] * len(text)
    found = []
    for name in sorted(names, key=len, reverse=True):
        for mention in re.finditer(rf"(?<![\w-]){re.escape(_simple(name))}(?![\w-])", text):
            span = range(mention.start(), mention.end())
            if not any(taken[place] for place in span):
                found.append((name, span))
                taken[mention.start() : mention.end()] = [True] * len(span)
    return found


def _denied(text: str, at: range) -> bool:
    """Whether the clause before these places holds a denial, or one follows them at once."""
    clause = TURNS.split(text[: at.start])[-1]
    return bool(DENIALS.search(clause) or DENIED_BEHIND.match(text, at.stop))


def _simple(text: str) -> str:
    """Small letters, single spaces, each word in its singular."""
    words = re.sub(r"\s+", " ", text.lower()).strip()
    words = re.sub(r"\b(\w+)oses\b", r"\1osis", words)
    words = re.sub(r"\bnaev(us|i)\b|\bnevi\b", "nevus", words)
    return re.sub(r"\b(\w{3,}[^\Ws])s\b(?<!us)(?<!is)", r"\1", words)
