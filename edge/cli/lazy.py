"""Commands that are loaded when they are run, so that `edgectl --help` and completion stay light."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

import click
from click.shell_completion import CompletionItem


@dataclass(frozen=True, slots=True)
class Target:
    """Where a command is, and its one-line help, which is shown without loading it."""

    module: str
    name: str
    help: str


class LazyGroup(click.Group):
    """A group whose commands are imported by need."""

    def __init__(self, *, targets: Mapping[str, Target], **rest: object) -> None:
        super().__init__(**rest)  # type: ignore[arg-type] # click's own arguments, passed on as they are
        self._targets = targets

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table: that of a first use."""
        return [*self._targets, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None where there is none of that name."""
        target = self._targets.get(cmd_name)
        if target is None:
            return super().get_command(ctx, cmd_name)
        command = getattr(importlib.import_module(target.module), target.name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{target.module}.{target.name} is no click command")
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin with `incomplete`, importing nothing."""
        named = [
            CompletionItem(name, help=target.help)
            for name, target in self._targets.items()
            if name.startswith(incomplete)
        ]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands from the table, importing nothing."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, target.help) for name, target in self._targets.items()])
