"""The command line answers at once, says what a newcomer needs, and imports no model."""

import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from dermtriage.cli import COMMANDS, group


def test_help_lists_every_command_without_importing_any() -> None:
    code = (
        "import sys; from dermtriage.cli import group\n"
        "group(['--help'], standalone_mode=False)\n"
        "print(sorted(set(sys.modules) & {'torch', 'transformers', 'flask', 'celery', 'sqlalchemy'}))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert all(name in shown for name in COMMANDS)
    assert shown.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(group, [name, "--help"])
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) > 4


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_imports_no_torch(name: str) -> None:
    code = (
        "import sys; from dermtriage.cli import group\n"
        f"group(['{name}', '--help'], standalone_mode=False)\n"
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "False False"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_module_keeps_the_contract(name: str) -> None:
    module = import_module(f"dermtriage.commands.{name.replace('-', '_')}")
    assert isinstance(module.command, click.Command)


def test_an_unknown_command_is_refused_by_name() -> None:
    result = CliRunner().invoke(group, ["diagnose"])
    assert result.exit_code == 2
    assert "diagnose" in result.output


def test_a_missing_setting_is_named_with_its_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("IMAGE_STORE_URL", raising=False)
    result = subprocess.run(
        [sys.executable, "-m", "dermtriage", "migrate"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "DATABASE_URL" in result.stderr
    assert "PostgreSQL" in result.stderr
    assert "Traceback" not in result.stderr
