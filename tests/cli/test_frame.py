import importlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from edge.cli import TARGETS, edgectl
from tests.cli.conftest import Run

PROGRAM = Path(sys.executable).with_name("edgectl")
HEAVY = {"cv2", "dlib", "onnxruntime", "onnx", "PIL", "numpy", "pydantic", "structlog", "sqlite3", "rich"}


def commands() -> list[tuple[str, ...]]:
    """Return the words of every command and group."""
    found: list[tuple[str, ...]] = []

    def collect(group: click.Group, words: tuple[str, ...]) -> None:
        with click.Context(group) as context:
            for name in group.list_commands(context):
                command = group.get_command(context, name)
                found.append((*words, name))
                if isinstance(command, click.Group):
                    collect(command, (*words, name))

    collect(edgectl, ())
    return found


def test_help_and_completion_load_nothing_heavy() -> None:
    for environ in ({}, {"_EDGECTL_COMPLETE": "bash_complete", "COMP_WORDS": "edgectl ", "COMP_CWORD": "1"}):
        program = (
            "import atexit, sys; from edge.cli import main\n"
            "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); sys.exit(main(['--help']))"
        )
        ran = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            # without coverage of child processes, which would load sqlite3 itself
            env={name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
            | environ,
        )
        assert "people" in ran.stdout
        assert set(ran.stderr.split()) & HEAVY == set()


@pytest.mark.parametrize("name", TARGETS)
def test_the_table_names_commands_that_exist_with_the_help_they_have(name: str) -> None:
    target = TARGETS[name]
    command = getattr(importlib.import_module(target.module), target.name)
    assert isinstance(command, click.Command)
    assert command.name == name
    assert len(target.help) < 60


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_explains_itself(run: Run, words: tuple[str, ...]) -> None:
    answer = run(*words, "--help")
    assert (answer.status, answer.err) == (0, "")
    assert f"Usage: edgectl {' '.join(words)}" in answer.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("peeple",), "edgectl: error: No such command 'peeple'; see 'edgectl --help'\n"),
        (("--bogus",), "edgectl: error: No such option '--bogus'; see 'edgectl --help'\n"),
        (("events", "list", "--limit", "0"), "'edgectl events list --help'\n"),
        (("events", "list", "--limit", "9223372036854775808"), "'edgectl events list --help'\n"),
        (("people", "add"), "edgectl: error: Missing argument 'NAME'; see 'edgectl people add --help'\n"),
        (
            ("config", "show", "more\nthan one line"),
            "(more\\nthan one line); see 'edgectl config show --help'\n",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(run: Run, arguments: tuple[str, ...], said: str) -> None:
    answer = run(*arguments)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.endswith(said)
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_a_question_that_is_not_answered_with_yes_changes_nothing(
    run: Run, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    @click.command()
    def ask() -> None:
        click.confirm("Really?", abort=True, err=True)

    monkeypatch.setitem(edgectl.commands, "ask", ask)
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    told = run("ask")
    assert told.status == 1
    assert told.err.endswith("edgectl: error: not confirmed; nothing was changed\n")


def test_no_command_shows_the_help(run: Run) -> None:
    answer = run()
    assert answer.status == 2
    assert "Usage: edgectl" in answer.err


def test_version(run: Run) -> None:
    assert run("--version").out == "edgectl 0.1.0\n"


def test_an_error_is_one_line_and_status_1(run: Run, data_dir: Path) -> None:
    answer = run("events", "list")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err == f"edgectl: error: {data_dir}/edge.db: there is no database yet; run `edgectl init`\n"


def test_a_reader_that_went_away_is_no_error(data_dir: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    for arguments in (["config", "show"], ["config", "show", "--json"], ["--help"]):
        ran = subprocess.run(
            [PROGRAM, *arguments],
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={**os.environ, "EDGE_DATA_DIR": str(data_dir)},
        )
        assert (ran.returncode, ran.stderr) == (141, "")
    os.close(write)


@pytest.fixture
def heeded() -> Iterator[None]:
    """Let Ctrl-C reach programs started here, also where a shell runs the tests in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("journal", "heeded")
def test_ctrl_c_ends_quietly() -> None:
    following = subprocess.Popen(
        [PROGRAM, "events", "follow", "--since-seq", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert following.stdout is not None
    following.stdout.readline()  # it follows by now
    time.sleep(0.2)
    following.send_signal(signal.SIGINT)
    _, said = following.communicate(timeout=20)
    assert (following.returncode, said) == (130, "")
