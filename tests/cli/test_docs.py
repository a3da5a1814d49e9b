"""docs/edgectl.md documents every command with its usage and options, and no others."""

import re
from pathlib import Path

import click
import pytest

from edge.cli import edgectl

REPOSITORY = Path(__file__).resolve().parents[2]
TEXT = (REPOSITORY / "docs" / "edgectl.md").read_text(encoding="utf-8")
CONFIGURATION = (REPOSITORY / "docs" / "configuration.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (edgectl .+?)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))


def commands() -> dict[str, tuple[click.Command, click.Context]]:
    """Return every command that does something, by its words."""
    found: dict[str, tuple[click.Command, click.Context]] = {}

    def collect(group: click.Group, context: click.Context) -> None:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            inner = click.Context(command, parent=context, info_name=name)
            if isinstance(command, click.Group):
                collect(command, inner)
            else:
                found[inner.command_path] = (command, inner)

    collect(edgectl, click.Context(edgectl, info_name="edgectl"))
    return found


COMMANDS = commands()


def options(command: click.Command) -> set[str]:
    return {name for option in command.params if isinstance(option, click.Option) for name in option.opts}


def test_the_page_has_a_section_for_every_command_and_for_no_other() -> None:
    assert set(SECTIONS) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_usage_and_options_are_those_of_the_help(name: str) -> None:
    command, context = COMMANDS[name]
    fence = re.search(r"```\n(.*?)\n```", SECTIONS[name], re.DOTALL)
    assert fence is not None
    assert f"Usage: {fence[1]}" == command.get_usage(context)
    listed = re.findall(r"^- `(--[a-z-]+)", SECTIONS[name], re.MULTILINE)
    assert set(listed) == options(command)
    assert len(listed) == len(set(listed))


def test_the_options_of_every_command_are_those_of_the_group() -> None:
    head = TEXT.split("\n## ")[0]
    assert set(re.findall(r"^\| `(--[a-z]+)", head, re.MULTILINE)) == {*options(edgectl)} - {"-h", "--help"}


def test_the_variables_of_the_program_are_those_of_the_page() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "edge").rglob("*.py"))
    used = set(re.findall(r'"(EDGE_[A-Z_]+)"', sources))
    assert used == set(re.findall(r"^\| `(EDGE_[A-Z_]+)` \|", CONFIGURATION, re.MULTILINE))


def test_links_lead_to_files() -> None:
    for text in (TEXT, CONFIGURATION):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            assert (REPOSITORY / "docs" / target).is_file(), target
