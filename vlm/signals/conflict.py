"""Whether an explanation contradicts the clinical information that it was written about.

A set of phrases, not an understanding of language: a fact answered no that is stated as present, a fact
answered yes that is denied, another sex, age or number of lesions. What was not answered cannot be
contradicted. Free of torch; the phrases stand in a versioned file.
"""

import re
from collections.abc import Iterator

from triage.clinical import Clinical
from triage.questions import answer
from vlm.signals.patient import contradicts_patient
from vlm.signals.statements import Statements, statements

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def contradicts(explanation: str, clinical: Clinical) -> bool:
    """True where a sentence about the patient says the opposite of an answer."""
    told = statements()
    return any(
        _none_of_all(sentence, clinical, told)
        or contradicts_patient(sentence, clinical)
        or any(_is_opposite(paths, denied, clinical) for paths, denied in _said(sentence, told))
        for sentence in _about_the_patient(explanation, told)
    )


def stated(explanation: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Each clinical fact in the sentences about the patient.

    The questions that its phrase may speak of, and whether it is denied.
    """
    told = statements()
    for sentence in _about_the_patient(explanation, told):
        yield from _said(sentence, told)


def _about_the_patient(explanation: str, told: Statements) -> Iterator[str]:
    """Sentences in small letters, without those that tell of a condition, of advice or of possibility."""
    for sentence in _SENTENCE_END.split(explanation.lower().replace("’", "'")):
        if sentence.strip() and not told.no_patient.search(sentence) and not sentence.endswith("?"):
            yield told.rewritten(sentence)


def _said(sentence: str, told: Statements) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Each phrase of the sentence: the questions that it may speak of, and whether it is denied."""
    for clause in told.clause_end.split(sentence):
        for found in told.phrase.finditer(clause):
            denied = _is_denied(clause[: found.start()], told) or bool(
                told.behind.match(clause[found.end() :])
            )
            yield told.paths[" ".join(found.group().split())], denied


def _is_denied(before: str, told: Statements) -> bool:
    """Whether the last cue before a phrase denies."""
    cues = list(told.cue.finditer(before))
    return bool(cues) and cues[-1].lastgroup == "denies"


def _is_opposite(paths: tuple[str, ...], denied: bool, clinical: Clinical) -> bool:
    """True where all that was answered, of the questions that a phrase may speak of, speaks against it."""
    known = {answer(clinical, path) for path in paths} - {"unknown"}
    return known == {"yes" if denied else "no"}


def _none_of_all(sentence: str, clinical: Clinical, told: Statements) -> bool:
    """Whether all red flags are denied though one was answered yes."""
    return bool(told.no_red_flag.search(sentence)) and "yes" in dict(clinical.red_flags).values()
