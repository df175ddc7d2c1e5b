"""Cases for the tests of this room: clinical information and findings by hand and by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from triage import CONDITIONS, Clinical, Condition, Finding, Findings, ImageQuality
from triage.questions import QUESTIONS

ANSWERS = ("yes", "no", "unknown")


def clinical(**parts: Any) -> Clinical:
    """A grown person who answered nothing, but for `parts`."""
    base = {"patient_ref": "p-1", "consent": {"triage": True}, "region": "FR-75", "age": {"years": 40}}
    return Clinical.model_validate(base | parts)


def answered(said: dict[str, str], **parts: Any) -> Clinical:
    """Clinical information with answers by path, such as `{"symptoms.fever": "yes"}`."""
    sections: dict[str, Any] = {}
    for path, answer in said.items():
        section, name = path.split(".")
        sections.setdefault(section, {})[name] = {"present": answer} if section == "symptoms" else answer
    return clinical(**(parts | {section: parts.get(section, {}) | sections[section] for section in sections}))


def all_no(**said: str) -> dict[str, str]:
    """Every question answered no, but for those in `said` (a path with `__` for its dot)."""
    return dict.fromkeys(QUESTIONS, "no") | {path.replace("__", "."): answer for path, answer in said.items()}


def scored(**probabilities: float) -> tuple[Finding, ...]:
    """Findings over all ten conditions, the rest of the probability spread over those not named."""
    others = [condition for condition in CONDITIONS if condition not in probabilities]
    rest = (1 - sum(probabilities.values())) / len(others)
    return tuple(Finding(condition=c, probability=probabilities.get(c, rest)) for c in CONDITIONS)


def sure_of(condition: Condition, probability: float = 0.95) -> Findings:
    """A model that is sure of one condition."""
    return Findings(findings=scored(**{condition: probability}))


ages = st.one_of(
    st.integers(0, 23).map(lambda months: {"years": months // 12, "months": months}),
    st.integers(2, 120).map(lambda years: {"years": years}),
)

answers = st.fixed_dictionaries({path: st.sampled_from(ANSWERS) for path in QUESTIONS})


@st.composite
def readings(draw: st.DrawFn) -> tuple[Finding, ...]:
    """Probabilities over the ten conditions that sum to 1."""
    weights = draw(st.lists(st.integers(0, 100), min_size=10, max_size=10).filter(any))
    return tuple(
        Finding(condition=condition, probability=weight / sum(weights))
        for condition, weight in zip(CONDITIONS, weights, strict=True)
    )


qualities = st.builds(
    ImageQuality, gradable=st.booleans(), issues=st.lists(st.sampled_from(["blurred", "dark"]), max_size=2)
)

findings = st.builds(
    Findings,
    findings=readings(),
    classifier=st.one_of(st.just(()), readings()),
    image_quality=st.lists(qualities, max_size=3).map(tuple),
    image_ignored=st.booleans(),
    operating_points=st.dictionaries(st.sampled_from(CONDITIONS), st.floats(0, 1), max_size=3),
)
