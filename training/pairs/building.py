"""The five pairs of one photograph, from templates."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from training.explanations import TYPICAL, weighed_facts
from training.manifest.rows import Row
from training.pairs.given import Given, given_of
from training.pairs.next_steps import next_step
from training.pairs.templates import KINDS, Worded, lookalikes, worded
from training.textbooks.questions.drafts import listed
from triage.findings import CONDITION_NAMES, Condition

# Kinds whose answer takes morphology from a textbook and not from this photograph.
OF_TEXTBOOK = ("differential", "description")


class Source(BaseModel):
    """Where a pair comes from. `line`: in the manifest, the header being 1."""

    model_config = ConfigDict(frozen=True)

    manifest: str
    file: str
    line: int
    sha256: str = Field(description="Of the photograph's bytes")
    template: str = Field(description="Version, name and numbers of the wordings")
    rewritten_by: str = Field(default="", description="The language model whose wording was kept")


class Pair(BaseModel):
    """A question about one photograph, with its answer."""

    model_config = ConfigDict(frozen=True)

    id: str
    image: str
    split: str
    kind: str
    question: str
    answer: str
    simulated: bool = Field(description="Clinical information in it was drawn, not given")
    textbook: bool = Field(description="Its morphology is a textbook's, not seen in this photograph")
    source: Source


def pairs_of(row: Row, manifest: str, seed: int, *, simulate: bool = False) -> Iterator[Pair]:
    """One pair of each kind that has an answer; the same for the same bytes, row and seed."""
    given = given_of(row, seed, simulate=simulate)
    values = _values(row.conditions, given)
    for kind in KINDS:
        name = _template(kind, row.conditions, given, values)
        if name:
            said = worded(name, f"{row.sha256}/{row.number}/{seed}", values, simulated=given.simulated)
            yield _pair(row, manifest, said, given)


def _pair(row: Row, manifest: str, said: Worded, given: Given) -> Pair:
    return Pair(
        id=f"{row.file}#{said.kind}",
        image=row.file,
        split=row.split,
        kind=said.kind,
        question=said.question,
        answer=said.answer,
        simulated=given.simulated,
        textbook=said.kind in OF_TEXTBOOK,
        source=Source(
            manifest=manifest, file=row.file, line=row.number, sha256=row.sha256, template=said.template
        ),
    )


def _template(
    kind: str, conditions: tuple[Condition, ...], given: Given, values: dict[str, str]
) -> str | None:
    """The name of the template that fits, None where there is nothing to ask."""
    healthy = conditions == ("healthy",)
    if kind == "evidence":
        if healthy:
            return None
        nothing = "evidence_none_fits" if given.phrases else "evidence_nothing_given"
        return "evidence" if values["weighed"] else nothing
    if kind == "differential" and not values["others"]:
        return None
    if kind in ("diagnosis", "description", "next_step") and healthy:
        return f"{kind}_healthy"
    return "next_step_mpox" if kind == "next_step" and "mpox" in conditions else kind


def _values(conditions: tuple[Condition, ...], given: Given) -> dict[str, str]:
    around = [other for condition in conditions for other in lookalikes(condition)]
    others = [other for other in dict.fromkeys(around) if other not in conditions]
    weighed = dict.fromkeys(fact for each in conditions for fact in weighed_facts(each, given.clinical))
    return {
        "name": " or ".join(CONDITION_NAMES[condition] for condition in conditions),
        "typical": " or ".join(TYPICAL[condition] for condition in conditions),
        "others": listed([CONDITION_NAMES[other] for other in others]),
        "others_typical": "; ".join(f"of {CONDITION_NAMES[other]}: {TYPICAL[other]}" for other in others),
        "given": "; ".join(given.phrases),
        "weighed": "; ".join(weighed),
        **next_step(conditions, given.clinical),
    }
