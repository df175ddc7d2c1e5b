"""The files beside the rooms keep their word: the lock, the make targets, the links a newcomer follows."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text().splitlines()
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def locked() -> dict[str, str]:
    return dict(line.split("==") for line in LOCK)


def requirements() -> list[Requirement]:
    lines = [
        *PROJECT["dependencies"],
        *(each for extra in PROJECT["optional-dependencies"].values() for each in extra),
    ]
    found = [Requirement(line) for line in lines]
    return [each for each in found if each.name != "dermtriage"]


def test_the_lock_holds_names_and_versions_only() -> None:
    odd = [line for line in LOCK if not re.fullmatch(r"[a-z0-9][a-z0-9-]*==[0-9][0-9a-z.]*", line)]
    assert odd == []
    assert [name for name in locked() if name.startswith(("nvidia", "triton"))] == []
    assert locked()["torch"] == "2.13.0"


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_the_lock_has_a_fitting_version_of_every_dependency(requirement: Requirement) -> None:
    assert requirement.specifier.contains(locked()[canonicalize_name(requirement.name)])


@pytest.mark.parametrize(
    "target",
    ["demo", "test", "check", "chaos", "bench", "bench-evaluate", "bench-evaluate-vqa", "smoke"],
)
def test_make_knows_the_target_and_the_readme_explains_it(target: str) -> None:
    answer = subprocess.run(
        ["make", "--dry-run", "--silent", target], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert ".venv/bin/" in answer.stdout
    assert f"`make {target}`" in README or f"    make {target}\n" in README
    assert f'"make {target} ' in MAKEFILE


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda p: p.name
)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []
