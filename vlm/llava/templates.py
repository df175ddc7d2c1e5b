"""The conversation formats of the original code, for one question about one photograph."""

import json

SYSTEM_V1 = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions."
)
SYSTEM_2 = (
    "You are a helpful language and vision assistant. You are able to understand the visual content "
    "that the user provides, and assist the user with a variety of tasks using natural language."
)
TEMPLATES = {
    "v1": SYSTEM_V1 + " USER: <image>\n{question} ASSISTANT:",
    "llava_2": "[INST] <<SYS>>\n" + SYSTEM_2 + "\n<</SYS>>\n\n<image>\n{question} [/INST]",
    "mistral_instruct": "[INST] <image>\n{question} [/INST]",
}


def prompt(question: str, template: str) -> str:
    """The text up to the answer. Raises KeyError for a template that is not there."""
    before, after = TEMPLATES[template].split("{question}")
    return before + question + after


def template_of(model_type: str, name: str) -> str:
    """What the original chooses by the kind and name of a checkpoint."""
    if model_type == "llava_mistral" or "mistral" in name.lower():
        return "mistral_instruct"
    return "llava_2" if "llama-2" in name.lower() else "v1"


def chat_template(template: str) -> str:
    """The same prompt as a Jinja template, for one question about one photograph."""
    before, after = (json.dumps(part) for part in TEMPLATES[template].split("{question}"))
    return (
        "{%- if messages | length != 1 -%}"
        "{{ raise_exception('one question about one photograph is asked at a time') }}"
        "{%- endif -%}"
        "{%- set turn = messages[0]['content'] -%}"
        f"{{{{ {before} }}}}"
        "{%- if turn is string -%}{{ turn }}{%- else -%}"
        "{%- for part in turn if part['type'] == 'text' -%}{{ part['text'] }}{%- endfor -%}"
        f"{{%- endif -%}}{{{{ {after} }}}}"
    )
