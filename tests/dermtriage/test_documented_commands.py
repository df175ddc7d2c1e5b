"""Every command that a page shows exists, and so does every option that it is shown with."""

import re
import shlex
from pathlib import Path

import click
import pytest

from dermtriage.cli import group

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# In a code block, or between backticks in a line of text.
SHOWN = re.compile(r"(?:^[ \t]*|`)(?:\.venv/bin/)?dermtriage ([a-z-][^`\n|>]*)", flags=re.MULTILINE)


def shown(page: Path) -> list[list[str]]:
    """The words behind `dermtriage` of each command, without brackets."""
    # A line that ends with a backslash goes on in the next one.
    found = SHOWN.findall(re.sub(r"\\\n\s*", " ", page.read_text(encoding="utf-8")))
    return [shlex.split(re.sub(r"[\[\]();]", " ", line.split("#")[0]).replace("...", " ")) for line in found]


def options_of(words: list[str]) -> set[str]:
    """All options of the command that is meant. A name in capitals, as STAGE, stands for any of its group."""
    command: click.Command = group
    known = {"--help", "-h", "--version"}
    for word in words:
        if not isinstance(command, click.Group) or word.startswith("-"):
            break
        context = click.Context(command)
        below = command.get_command(context, command.list_commands(context)[0] if word.isupper() else word)
        assert below is not None, f"no command {word!r} in {' '.join(words)!r}"
        command = below
        known |= {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    return known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_shows_can_be_typed(page: Path) -> None:
    for words in shown(page):
        known = options_of(words)
        unknown = [word for word in words if word.startswith("--") and word.split("=")[0] not in known]
        assert unknown == [], f"dermtriage {' '.join(words)}"


def test_the_pages_that_show_commands_are_read() -> None:
    counts = {page.name: len(shown(page)) for page in PAGES}
    assert counts["EVALUATION.md"] >= 10
    assert counts["MODELS.md"] >= 10


def test_every_evaluation_has_a_section_of_its_own() -> None:
    evaluations = group.get_command(click.Context(group), "evaluate")
    assert isinstance(evaluations, click.Group)
    page = (ROOT / "docs" / "EVALUATION.md").read_text(encoding="utf-8")
    sections = {title.lower() for title in re.findall(r"^## (\w+)$", page, flags=re.MULTILINE)}
    assert set(evaluations.list_commands(click.Context(evaluations))) <= sections
