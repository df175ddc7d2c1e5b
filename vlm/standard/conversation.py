"""A question as this model's chat puts it: the user's turn with photograph, the assistant's begun."""

from collections.abc import Callable
from typing import Any, cast

from jinja2 import TemplateError
from transformers import ProcessorMixin

from vlm.prompting import instruction

PLAIN = "plain USER/ASSISTANT"


class Conversation:
    """Writes prompts. `form` says how: the model's chat template, or the plain form where it has none.

    A template that only takes plain text is given the photograph's place as part of the text.
    """

    def __init__(self, processor: ProcessorMixin) -> None:
        self._tokenizer: Any = processor.tokenizer
        self._template = processor.chat_template or getattr(self._tokenizer, "chat_template", None)
        self.place = str(cast(Any, processor).image_token)
        forms: dict[str, Callable[[str], str]] = {
            "chat template": self._from_parts,
            "chat template for text": self._from_text,
        }
        fitting = [form for form, write in forms.items() if self._shows_one_photograph(write)]
        self.form = fitting[0] if fitting else PLAIN
        self._write = forms.get(self.form, self._plainly)

    def text(self, question: str) -> str:
        """The whole prompt, up to and with the assistant's lead."""
        turn = self.asked(question)
        return turn + ("" if turn[-1].isspace() else " ") + instruction.lead()

    def asked(self, question: str) -> str:
        """The prompt up to where the assistant begins by itself."""
        return self._write(question)

    def begins_itself(self, text: str) -> bool:
        """Whether the text holds its first special token already, so that none may be added."""
        begin = self._tokenizer.bos_token
        return bool(begin) and text.startswith(begin)

    def _shows_one_photograph(self, write: Callable[[str], str]) -> bool:
        if not self._template:
            return False
        try:
            text = write("What is it?")
        except (TemplateError, TypeError, ValueError, KeyError):
            return False
        return text.count(self.place) == 1 and "What is it?" in text

    def _from_parts(self, question: str) -> str:
        return self._rendered([{"type": "image"}, {"type": "text", "text": question}])

    def _from_text(self, question: str) -> str:
        return self._rendered(f"{self.place}\n{question}")

    def _plainly(self, question: str) -> str:
        return f"USER: {self.place}\n{question} ASSISTANT:"

    def _rendered(self, content: Any) -> str:
        turns = [{"role": "user", "content": content}]
        return str(
            self._tokenizer.apply_chat_template(
                turns, chat_template=self._template, tokenize=False, add_generation_prompt=True
            )
        )
