"""A machine with a simulated GPIO chip, where this one can run it, and whole sites over a database."""

import json
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access import AccessRules
from edge.domain.person import Person
from tests.door.wired import Wired, database, enrol, give_pins

REPOSITORY = Path(__file__).resolve().parents[2]
Machine = Callable[..., list[dict[str, Any]]]
Start = Callable[..., Wired]
PIN, DURESS = "481516", "230842"


@pytest.fixture
def machine(shared_data: Path) -> Machine:
    """Return a machine with a simulated GPIO chip as a function: arguments in, printed JSON lines out."""
    starter = shared_data / "uml" / "with-gpio-sim"
    if platform.machine() != "x86_64" or not starter.is_file():
        pytest.skip("no simulated GPIO chip for this machine")

    def run(*arguments: str) -> list[dict[str, Any]]:
        command = [str(starter), sys.executable, "-m", "tests.door.in_gpio_sim", *arguments]
        done = subprocess.run(
            command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=False
        )
        found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert found, done.stdout + done.stderr
        return found

    return run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with database(tmp_path) as made:
        yield made


@pytest.fixture
def start(store: SqliteStore) -> Iterator[Start]:
    runs = []

    def begin(access: AccessRules | None = None, **parts: Any) -> Wired:
        runs.append(Wired(store, access, **parts))
        runs[-1].start()
        return runs[-1]

    yield begin
    for run in runs:
        run.stop()


@pytest.fixture
def anna(store: SqliteStore) -> Person:
    person = enrol(store, "Anna")
    give_pins(store, person, PIN, DURESS)
    return person
