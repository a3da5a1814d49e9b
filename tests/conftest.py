"""What many tests share: where the real pictures and model files are, and a data folder of the test's own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.made_once import made_once

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _as_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away the width that a test runner with several processes gives: output goes to no terminal."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def test_assets() -> Path:
    """Return the folder with the photographs and dlib's model files that set-up fetched."""
    folder = Path(os.environ.get("EDGE_TEST_ASSETS") or REPOSITORY / "var/cache/assets").resolve()
    if not folder.is_dir():
        pytest.skip(f"{folder} is missing: run `make setup`, or point EDGE_TEST_ASSETS at such a folder")
    return folder


@pytest.fixture(scope="session")
def presidents(test_assets: Path) -> Path:
    """Return the folder of public-domain photographs: obama.jpg, obama2.jpg, biden.jpg and others."""
    return test_assets / "presidents"


@pytest.fixture(scope="session")
def dlib_models(test_assets: Path) -> Path:
    """Return the folder of dlib's own three model files."""
    return test_assets / "dlib"


@pytest.fixture(scope="session")
def prepared_models(tmp_path_factory: pytest.TempPathFactory, dlib_models: Path) -> Path:
    """Return a folder of models as `edgectl models prepare` makes it, to be copied into data folders."""

    def prepare(folder: Path) -> None:
        subprocess.run(
            [Path(sys.executable).with_name("edgectl"), "models", "prepare", "--from", str(dlib_models)],
            env=os.environ | {"EDGE_DATA_DIR": str(folder)},
            check=True,
            capture_output=True,
        )

    return made_once(tmp_path_factory.getbasetemp(), "prepared", prepare) / "models"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of larger test data (models/, photos/), which not every checkout has."""
    folder = os.environ.get("EDGE_TEST_DATA")
    if not folder:
        pytest.skip("EDGE_TEST_DATA is not set: these pictures and models are not part of the checkout")
    return Path(folder)


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty data folder that EDGE_DATA_DIR names while the test runs, for child processes too."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("EDGE_DATA_DIR", str(folder))
    return folder
