"""A conversation as one text, by the templates that inference uses too, and where its answers lie.

`v1`, `llava_2` and `mistral_instruct` are the original's; the text of a first question is that of
`vlm.llava.templates`. `mpoxvlm` is the photograph, the question, the answer; `plain`, as in LLaVA's
pre-training, the photograph and its first answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from training.talks.reading import PLACE
from vlm.llava.templates import prompt


@dataclass(frozen=True)
class Worded:
    """A text, and the places (first, behind last) of its characters that are to be learnt."""

    text: str
    answers: tuple[tuple[int, int], ...]


def worded(turns: Sequence[tuple[str, str]], template: str, end: str, *, has_image: bool) -> Worded:
    """Put the turns in words; `end` is the text of the token that ends an answer, which is learnt too."""
    text, answers = "", []
    if template == "plain":
        turns, end = turns[:1], "\n"
    for number, (question, answer) in enumerate(turns):
        text += _question(question, template, number, has_image)
        start = len(text)
        text += answer + end if template == "plain" else f" {answer}{end}"
        answers.append((start, len(text)))
    return Worded(text, tuple(answers))


def _question(question: str, template: str, number: int, has_image: bool) -> str:
    photograph = PLACE if has_image and number == 0 else ""
    if template == "plain":
        return photograph
    if template == "mpoxvlm":
        return photograph + question
    if number == 0:
        text = prompt(question, template)
        return text if has_image else text.replace(f"{PLACE}\n", "")
    if template == "v1":
        return f"USER: {question} ASSISTANT:"
    return f"{'<s>' if template == 'llava_2' else ''}[INST] {question} [/INST]"
