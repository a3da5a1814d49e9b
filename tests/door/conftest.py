"""A machine with a simulated GPIO chip, where this one can run it, and whole sites over a database."""

import json
import os
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
Found = dict[tuple[str, str], dict[str, Any]]
Start = Callable[..., Wired]
PIN, DURESS = "481516", "230842"


@pytest.fixture(scope="session")
def gpio_sim(shared_data: Path) -> Found:
    """Return what a machine with a simulated GPIO chip found, by what was done and the relay's polarity.

    It is started once: EDGE_STARTS of the parent and EDGE_PRESSES of the exit button take most of its time.
    """
    starter = shared_data / "uml" / "with-gpio-sim"
    if platform.machine() != "x86_64" or not starter.is_file():
        pytest.skip("no simulated GPIO chip for this machine")
    counts = [os.environ.get("EDGE_STARTS", "3"), os.environ.get("EDGE_PRESSES", "20")]
    command = [str(starter), sys.executable, "-m", "tests.door.in_gpio_sim", *counts]
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        start_new_session=True,  # that kernel ends its whole process group when it cannot go on
    )
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert [one["what"] for one in found][-1:] == ["exit"], done.stdout + done.stderr
    return {(one["what"], one["polarity"]): one for one in found}


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
