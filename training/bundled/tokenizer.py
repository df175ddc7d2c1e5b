"""The tokenizer: a small BPE over the words of prompts and explanations."""

import random
from typing import Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from training.appearance import WORDS
from training.bundled.plan import Plan
from training.explanations import explanation
from training.simulated_clinical import draw_clinical
from triage.findings import CONDITIONS
from vlm.mpoxvlm.prompt import prompt, wording
from vlm.mpoxvlm.tokenizer import END, IMAGE, PAD, MpoxVLMTokenizer, answer_text

EXPLANATION_WORDS = ("red_flag_list", "fact_list", "no_fact")


def train_tokenizer(plan: Plan) -> MpoxVLMTokenizer:
    """Phrases between punctuation merge into few tokens; any other text falls back to bytes."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex("[.:;\n]"), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=plan.vocabulary,
        special_tokens=[PAD, END, IMAGE],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(plan.seed), trainer)
    return MpoxVLMTokenizer(tokenizer)


def _corpus(seed: int) -> list[str]:
    """Every phrase often enough to merge, and whole examples for the frame around them."""
    chance = random.Random(seed)
    phrases = [f" {phrase}" for phrase in _texts(_prompt_words())] * 20
    examples = []
    for condition in CONDITIONS:
        for _ in range(40):
            clinical = draw_clinical(condition, {}, chance)
            seen = tuple(chance.choice(words) for words in WORDS)
            text = explanation(condition, clinical, seen)
            examples.append(prompt(clinical).text + answer_text(condition) + wording()["answer_end"] + text)
    return phrases + examples


def _prompt_words() -> dict[str, Any]:
    """The wording less what every example holds anyway."""
    return {name: part for name, part in wording().items() if name not in EXPLANATION_WORDS}


def _texts(words: Any) -> list[str]:
    """All strings of the wording, the template's apart."""
    if isinstance(words, str):
        return [] if "$" in words or "\n" in words else [words]
    values = words.values() if isinstance(words, dict) else words if isinstance(words, list) else ()
    return [text for value in values for text in _texts(value)]
