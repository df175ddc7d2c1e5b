"""Words of an answer, and whether a question is closed: to be answered by yes or no."""

import re
from collections import Counter

WORD = re.compile(r"\w+(?:['’\-]\w+)*")
YES_NO = re.compile(r"\W*(yes|no)\b\s*(\W|$)?", re.IGNORECASE)
# How a question begins that asks for yes or no.
AUXILIARIES = frozenset(
    {"is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "will", "would"}
    | {"shall", "should", "may", "might", "must"}
)


def words(text: str) -> list[str]:
    """Words in lower case; punctuation is dropped, hyphens and apostrophes inside a word stay."""
    return [word.lower() for word in WORD.findall(text)]


def yes_or_no(text: str) -> str | None:
    """`yes` or `no` where the text begins with that word."""
    found = YES_NO.match(text)
    return found.group(1).lower() if found else None


def closed_answer(question: str, answer: str) -> str | None:
    """`yes` or `no` where the true answer says so: alone, before punctuation, or where it is asked for.

    "No treatment is needed." to "How is it treated?" is an open answer.
    """
    found = YES_NO.match(answer)
    if not found:
        return None
    asked = words(question)
    stands_alone = found.group(2) is not None
    asks_for_it = bool(asked) and asked[0] in AUXILIARIES
    return found.group(1).lower() if stands_alone or asks_for_it else None


def token_recall(reference: str, answer: str) -> float | None:
    """Share of the reference's words that the answer has, each as often as it is there; None for none."""
    wanted, given = Counter(words(reference)), Counter(words(answer))
    return (wanted & given).total() / wanted.total() if wanted else None


def exactly(reference: str, answer: str) -> float:
    """1.0 where both have the same words in the same order."""
    return float(words(reference) == words(answer))
