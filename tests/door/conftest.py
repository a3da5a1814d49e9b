"""A machine with a simulated GPIO chip, where this one can run it."""

import json
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
Machine = Callable[..., list[dict[str, Any]]]


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
