"""The contracts of import-linter hold, and leave no module out."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
EDGE = REPOSITORY / "edge"
PARTS = {path.stem for path in EDGE.glob("[!_]*.py")} | {
    path.parent.name for path in EDGE.glob("*/__init__.py")
}


def contract(name: str) -> dict[str, Any]:
    linter = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]
    [found] = [one for one in linter["contracts"] if one["name"] == name]
    return dict(found)


def test_dependencies_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize(
    ("name", "free"),
    [
        ("Only the composition root knows adapters", {"adapters", "bootstrap"}),
        ("Only adapters and converters touch drivers", {"adapters", "models"}),
    ],
)
def test_a_contract_covers_every_part_but_those_it_frees(name: str, free: set[str]) -> None:
    covered = {module.removeprefix("edge.") for module in contract(name)["source_modules"]}
    assert covered == PARTS - free
