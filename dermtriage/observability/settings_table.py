"""The table of all settings, for docs/OPERATIONS.md.

`python -m dermtriage.observability.settings_table` prints it; with a file's name it is written there,
between the two markers. A test compares the document with the code.
"""

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

BEGIN, END = "<!-- settings: written by code -->", "<!-- end of settings -->"
MODULES = (
    "db.settings",
    "dermtriage.settings",
    "intake.settings",
    "worker.settings",
    "vlm.settings",
    "web.settings",
    "review.settings",
    "surveillance.settings",
    "webhooks.settings",
    "dermtriage.observability.settings",
)


def settings_classes() -> Iterator[type[BaseSettings]]:
    """Each room's settings classes, in the order of the table."""
    for module in MODULES:
        for found in vars(import_module(module)).values():
            if isinstance(found, type) and issubclass(found, BaseSettings) and found.__module__ == module:
                yield found


def settings_table() -> str:
    """One row a setting: its variable, its default and its meaning."""
    rows = [
        f"| `{name}` | {default} | {field.description} |"
        for found in settings_classes()
        for name, default, field in _fields(found)
    ]
    return "\n".join(["| variable | default | meaning |", "| --- | --- | --- |", *rows])


def written_into(document: str) -> str:
    """The document with the present table between its markers."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{settings_table()}\n{END}{after}"


def _fields(found: type[BaseSettings]) -> Iterator[tuple[str, str, FieldInfo]]:
    prefix = found.model_config.get("env_prefix", "")
    for name, field in found.model_fields.items():
        named = field.validation_alias
        names = named.choices if isinstance(named, AliasChoices) else [f"{prefix}{name}".upper()]
        yield "` or `".join(str(each) for each in names), _default(field), field


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ("", ()):
        return "not set"
    if isinstance(value, tuple | list):
        value = json.dumps(value)
    return "hidden" if isinstance(value, SecretStr) else f"`{value}`"


def main(arguments: list[str]) -> None:
    """Print the table, or write it into a document."""
    if arguments:
        path = Path(arguments[0])
        path.write_text(written_into(path.read_text()))
    else:
        sys.stdout.write(settings_table() + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
