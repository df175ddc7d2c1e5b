"""What an explanation says: the finding that it names, and the clinical facts that it states.

The learnt form, five sentences with lists of fixed phrases, is taken apart by its lists. Any other text is
searched for names of conditions, and for phrases that speak of the patient (`vlm.signals.conflict`).
"""

import re

from triage.clinical import Clinical
from triage.findings import CONDITION_NAMES
from triage.questions import answer
from vlm.mpoxvlm.prompt import SEPARATOR, all_phrases, prompt, wording
from vlm.signals.conflict import stated

LEARNT = re.compile(
    r"Fits best: (?P<finding>[^.]*)\. Red flags answered yes: (?P<red_flags>[^.]*)\. Seen: (?P<seen>[^.]*)\."
    r" Typical of it: [^.]*\. Facts that weighed: (?P<facts>[^.]*)\."
)
NAMES = re.compile(r"\b(" + "|".join(sorted(CONDITION_NAMES.values(), key=len, reverse=True)) + r")\b")


def names_finding(explanation: str, name: str) -> bool:
    """Whether `name` is the finding that the text names: in its place, or as the first condition of it."""
    learnt = LEARNT.fullmatch(explanation)
    if learnt:
        return learnt["finding"] == name
    first = NAMES.search(explanation.lower())
    return first is not None and first[1] == name


def states_only_given_facts(explanation: str, clinical: Clinical) -> bool:
    """Whether each clinical fact in the text was given.

    In the learnt form the lists hold given phrases only, and no phrase stands among what is seen. In any
    other text a stated fact was answered yes, and a denied one no: what nobody answered is not for it to say.
    """
    learnt = LEARNT.fullmatch(explanation)
    if learnt is None:
        return all(_was_given(paths, denied, clinical) for paths, denied in stated(explanation))
    given = prompt(clinical)
    return (
        _listed(learnt["red_flags"]) <= set(given.red_flags)
        and _listed(learnt["facts"]) <= set(given.facts)
        and not any(phrase in learnt["seen"] for phrase in all_phrases())
    )


def names_every_red_flag(explanation: str, clinical: Clinical) -> bool:
    """Whether each red flag answered yes stands in the text, in the prompt's words."""
    return all(phrase in explanation for phrase in prompt(clinical).red_flags)


def _listed(phrases: str) -> set[str]:
    return set(phrases.split(SEPARATOR)) - {str(wording()["none"]), str(wording()["no_fact"])}


def _was_given(paths: tuple[str, ...], denied: bool, clinical: Clinical) -> bool:
    return ("no" if denied else "yes") in {answer(clinical, path) for path in paths}
