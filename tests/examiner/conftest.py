"""A terminal's folder with models and one president, and the examiner over it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.bootstrap.examine import build_examiner
from edge.config import Settings, load_settings
from edge.examiner import ChildExaminer


@pytest.fixture(scope="module")
def terminal(tmp_path_factory: pytest.TempPathFactory, presidents: Path, prepared_models: Path) -> Settings:
    """Return the settings of a terminal that knows Barack Obama from one picture."""
    folder = tmp_path_factory.mktemp("terminal") / "data"
    shutil.copytree(prepared_models, folder / "models")
    for words in (["init"], ["people", "add", "Barack Obama", str(presidents / "obama.jpg")]):
        subprocess.run(
            [Path(sys.executable).with_name("edgectl"), *words],
            env=os.environ | {"EDGE_DATA_DIR": str(folder)},
            check=True,
            capture_output=True,
        )
    return load_settings(environ={"EDGE_DATA_DIR": str(folder)})


@pytest.fixture(scope="module")
def examiner(terminal: Settings) -> Iterator[ChildExaminer]:
    """Return an examiner that is ready."""
    made = build_examiner(terminal)
    made.open()
    made.warm()
    yield made
    made.close()
