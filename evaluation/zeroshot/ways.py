"""How a photograph gets its class: by scoring all names, or from an answer that the model writes."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

from PIL import Image

from evaluation.zeroshot.matching import match, seed_match
from vlm.asking import Answerer, Question, answerer
from vlm.engine.backend import Row
from vlm.loading import load
from vlm.model import Model, Provenance
from vlm.naming import Naming

Variant = Literal["scored", "seed-fixed", "seed"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)
MATCHERS: dict[str, Callable[[str, Sequence[str]], str | None]] = {"seed-fixed": match, "seed": seed_match}
# Log-probabilities are written with so many digits: what batching moves is below them.
DIGITS = 4


class Way(Protocol):
    """`classified` gives for each input the keys `answer` (a class or None) and what it rests on."""

    variant: Variant
    notes: Sequence[str]
    device: str
    prepares_ahead: bool

    @property
    def provenance(self) -> Provenance:
        """What made the answers."""

    def ready(self, image: Image.Image) -> Any:
        """A photograph as `classified` takes it; where `prepares_ahead`, in any thread."""

    def classified(self, inputs: Sequence[Any]) -> list[dict[str, Any]]:
        """One result for each input, in order."""


class Scored:
    """All names are scored as the answer; the likeliest is it. Every photograph gets an answer."""

    variant: Variant = "scored"
    prepares_ahead = True
    notes: Sequence[str] = (
        "Each class name is scored by the mean log-probability of its tokens behind the question; "
        "probabilities are the softmax of these scores over the classes, not calibrated.",
    )

    def __init__(self, model: Model, question: str, classes: Sequence[str]) -> None:
        self.naming, self.classes = Naming(model, question, classes), classes
        self.device = model.device
        self.provenance = model.provenance | {
            "scoring": "mean log-probability of each class name's tokens, softmax over the classes"
        }

    def ready(self, image: Image.Image) -> Row:
        """Pixels and tokens."""
        return self.naming.ready(image)

    def classified(self, inputs: Sequence[Row]) -> list[dict[str, Any]]:
        """The likeliest name of what is written: of equal scores, the first."""
        rounded = [[round(score, DIGITS) for score in row] for row in self.naming.scores(inputs).tolist()]
        return [{"answer": self.classes[row.index(max(row))], "scores": row} for row in rounded]


class Written:
    """The model answers freely and a name is looked for in its text, repaired or as MM-Skin's script does."""

    prepares_ahead = False
    device = "cpu"

    def __init__(self, answers: Answerer, variant: Variant, question: str, classes: Sequence[str]) -> None:
        self.answers, self.variant, self.question, self.classes = answers, variant, question, classes
        self.provenance = answers.provenance
        self.notes: Sequence[str] = (
            "The answer is written greedily: MM-Skin's script draws it (temperature 0.5, five beams), "
            "so that its numbers do not repeat.",
            "The class is "
            + (
                "the first name of the list found anywhere in the answer, as MM-Skin's script takes it."
                if variant == "seed"
                else "the one name that the answer affirms; an answer with none or several counts as wrong."
            ),
        )

    def ready(self, image: Image.Image) -> Question:
        """The photograph with the question."""
        return Question(image, self.question)

    def classified(self, inputs: Sequence[Question]) -> list[dict[str, Any]]:
        """The name found in each text, and the text."""
        find = MATCHERS[self.variant]
        return [{"answer": find(text, self.classes), "text": text} for text in self.answers.answer(inputs)]


def way_of(variant: Variant, ref: str | Path, device: str, question: str, classes: Sequence[str]) -> Way:
    """The model of `ref`, loaded for this variant. Raises `ModelError` where it cannot serve it."""
    if variant == "scored":
        return Scored(load(ref, device), question, classes)
    return Written(answerer(ref, device), variant, question, classes)
