"""A group of commands that imports a command's module only when it is called."""

from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Knows its commands' names and words; each lives as `command` in a module of `package`.

    A hyphen in a name is an underscore in the module's name; a name that Python keeps for itself, such as
    `import`, gets an underscore behind it.
    """

    def __init__(self, *args: Any, package: str, table: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.package, self.table = package, table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module."""
        if cmd_name not in self.table:
            return None
        module = {"import": "import_"}.get(cmd_name, cmd_name.replace("-", "_"))
        command = import_module(f"{self.package}.{module}").command
        assert isinstance(command, click.Command)  # noqa: S101 - each module's contract
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.table.items()))
