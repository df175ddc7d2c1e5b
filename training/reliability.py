"""How far the decoder's text can be trusted: does it name what it was given, and nothing else?"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from training.simulated_clinical import draw_clinical
from triage.clinical import Clinical
from triage.findings import CONDITION_NAMES, CONDITIONS, Findings
from vlm.model import Model
from vlm.mpoxvlm.prompt import prompt, wording
from vlm.presentation import Presentation

SENTENCES = re.compile(
    r"Fits best: (?P<finding>[^.]*)\. Red flags answered yes: (?P<red_flags>[^.]*)\. Seen: (?P<seen>[^.]*)\."
    r" Typical of it: (?P<typical>[^.]*)\. Facts that weighed: (?P<facts>[^.]*)\."
)


@dataclass(frozen=True)
class Said:
    """The parts of one explanation; empty where it has another form."""

    finding: str
    red_flags: tuple[str, ...]
    seen: tuple[str, ...]
    facts: tuple[str, ...]


def parts_of(explanation: str) -> Said:
    """Take an explanation apart."""
    match = SENTENCES.fullmatch(explanation)
    if match is None:
        return Said("", (), (), ())
    nothing = {str(wording()["none"]), str(wording()["no_fact"])}

    def phrases(name: str) -> tuple[str, ...]:
        return tuple(phrase for phrase in match[name].split("; ") if phrase not in nothing)

    return Said(match["finding"], phrases("red_flags"), phrases("seen"), phrases("facts"))


def decoder_reliability(
    model: Model, images: Sequence[Image.Image], cases: int, seed: int
) -> dict[str, float]:
    """Shares over sampled cases whose explanation keeps each promise. Clinical information is simulated."""
    chance = random.Random(seed)
    shown = [
        Presentation(
            (chance.choice(images),), draw_clinical(chance.choice(CONDITIONS), {}, chance, wide=True)
        )
        for _ in range(cases)
    ]
    found = model.assess(shown)
    kept = [_promises(case.clinical, findings) for case, findings in zip(shown, found, strict=True)]
    return {name: round(sum(row[name] for row in kept) / cases, 4) for name in kept[0]} | {"cases": cases}


def _promises(clinical: Clinical, findings: Findings) -> dict[str, bool]:
    given, said = prompt(clinical), parts_of(findings.explanation)
    return {
        "names_the_scored_finding": said.finding == CONDITION_NAMES[findings.top.condition],
        "names_every_red_flag": set(given.red_flags) <= set(said.red_flags),
        "names_only_given_facts": said.finding != ""
        and set(said.red_flags) <= set(given.red_flags)
        and set(said.facts) <= set(given.facts),
    }
