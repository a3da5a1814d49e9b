from collections.abc import Callable
from pathlib import Path

import pytest

from edge.config import Places, Settings, load_settings
from edge.errors import ConfigError


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "default" / "edge.toml", tmp_path / "state")


@pytest.fixture
def load(tmp_path: Path, places: Places) -> Callable[..., Settings]:
    def read(text: str | bytes, **environ: str) -> Settings:
        file = tmp_path / "edge.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_settings(file, environ, places)

    return read


@pytest.fixture
def problems(
    load: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[str]]:
    """Return what is wrong with a text, as lines; the file is `edge.toml` in the working directory."""
    monkeypatch.chdir(tmp_path)

    def find(text: str | bytes) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text)
        assert str(caught.value).splitlines() == caught.value.problems
        return caught.value.problems

    return find
