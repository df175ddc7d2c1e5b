"""What a model hands to triage: findings with their signals. Plain data, free of torch."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Condition = Literal["mpox", "chickenpox", "measles", "healthy", "ack", "bcc", "mel", "nev", "scc", "sek"]

CONDITIONS: tuple[Condition, ...] = (
    "mpox", "chickenpox", "measles", "healthy", "ack", "bcc", "mel", "nev", "scc", "sek",
)  # fmt: skip

CONDITION_NAMES: dict[Condition, str] = {
    "mpox": "mpox",
    "chickenpox": "chickenpox",
    "measles": "measles",
    "healthy": "healthy skin",
    "ack": "actinic keratosis",
    "bcc": "basal cell carcinoma",
    "mel": "melanoma",
    "nev": "naevus",
    "scc": "squamous cell carcinoma",
    "sek": "seborrhoeic keratosis",
}


class Finding(BaseModel):
    """A condition with its probability as scored from the answer tokens, 0 to 1."""

    model_config = ConfigDict(frozen=True)

    condition: Condition
    probability: float = Field(ge=0, le=1)


class ImageQuality(BaseModel):
    """Whether one photograph can be graded, and why not (`blurred`, `dark`, `bright`, `small`, `no_skin`)."""

    model_config = ConfigDict(frozen=True)

    gradable: bool = True
    issues: tuple[str, ...] = ()


class Findings(BaseModel):
    """One model's reading of one case.

    `findings` are ordered by falling probability and sum to 1 over the ten conditions. `classifier`
    is the lesion classifier's own view in the same form, empty where a model has none.

    `image_dependence` is how much the findings change when the photographs are replaced by their mean
    colour: total variation, 0 (not at all) to 1; None where it was not measured. `explanation_conflict`: the
    explanation contradicts a clinical fact. `saliency`: for each photograph a PNG overlay, or None.

    `prediction_set` holds the conditions that cannot be ruled out at `set_coverage`, by falling probability;
    None for a model without conformal calibration. `operating_points` are the model's own probabilities from
    which it says yes, empty where it has none.
    """

    model_config = ConfigDict(frozen=True)

    findings: tuple[Finding, ...]
    classifier: tuple[Finding, ...] = ()
    explanation: str = ""
    image_quality: tuple[ImageQuality, ...] = ()
    image_dependence: float | None = Field(default=None, ge=0, le=1)
    image_ignored: bool = False
    explanation_conflict: bool = False
    prediction_set: tuple[Condition, ...] | None = None
    set_coverage: float | None = Field(default=None, gt=0, lt=1)
    operating_points: dict[Condition, float] = Field(default_factory=dict)
    saliency: tuple[bytes | None, ...] = Field(default=(), repr=False)
    provenance: dict[str, str | int | float | bool | None] = Field(default_factory=dict)

    @property
    def top(self) -> Finding:
        """The most probable condition."""
        return max(self.findings, key=lambda finding: finding.probability)

    def probability_of(self, condition: Condition) -> float:
        """Probability of one condition; 0 where it was not scored."""
        return next((f.probability for f in self.findings if f.condition == condition), 0.0)

    @property
    def gradable(self) -> bool:
        """True when at least one photograph can be graded (or none was judged)."""
        return not self.image_quality or any(quality.gradable for quality in self.image_quality)
