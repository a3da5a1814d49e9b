"""The commands the README and CONTRIBUTING give exist."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
FENCE = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def fenced_commands(text: str) -> list[str]:
    """Return the command lines of shell fences, without prompts, comments and output."""
    lines = [line.strip() for block in FENCE.findall(text) for line in block.splitlines()]
    return [command for line in lines if (command := line.removeprefix("$ ").split(" #")[0].strip())]


COMMANDS = [
    (name, command)
    for name in ("README.md", "CONTRIBUTING.md")
    for command in fenced_commands((REPOSITORY / name).read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("document", "command"), COMMANDS)
def test_each_fenced_command_exists(document: str, command: str) -> None:
    program, *arguments = command.split()
    if program == "make":
        run = subprocess.run(
            ["make", "--dry-run", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, f"{document}: {command}: {run.stderr}"
    elif program == "cd":
        assert len(arguments) == 1, f"{document}: {command}"
    else:
        found = (REPOSITORY / program).exists() or (BIN / program).exists() or shutil.which(program)
        assert found, f"{document}: {command}: no such program"


def test_the_readme_gives_exactly_the_two_commands() -> None:
    makes = [command for name, command in COMMANDS if name == "README.md" and command.startswith("make ")]
    assert makes == ["make demo", "make test"]


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_each_link_to_a_file_leads_to_one(document: str) -> None:
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (REPOSITORY / link).exists()] == []
    assert links
