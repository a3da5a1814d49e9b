"""`config/edge.toml` documents every key, at its default, and changes nothing as it stands."""

import dataclasses
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from edge.config import EnrolmentSettings, Places, QualitySettings, Sections, load_settings
from edge.domain.quality import QualityLimits

FILE = Path(__file__).resolve().parents[2] / "config" / "edge.toml"
TEXT = FILE.read_text(encoding="utf-8")
UNSET = "(unset)"


def documented() -> dict[str, str]:
    """Return `section.key` → value as written, of each commented-out key."""
    found: dict[str, str] = {}
    section = ""
    for line in TEXT.splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
        elif key := re.fullmatch(r"# (\w+) = (.+)", line):
            assert f"{section}.{key[1]}" not in found
            found[f"{section}.{key[1]}"] = key[2]
    return found


def defaults() -> dict[str, object]:
    return {
        f"{section}.{key}": value
        for section, values in Sections().model_dump().items()
        for key, value in values.items()
    }


def test_file_and_program_know_the_same_keys_in_the_same_order_of_tables() -> None:
    assert set(documented()) == set(defaults())
    headers = re.findall(r"^\[(\w+)\]$", TEXT, re.MULTILINE)
    assert headers == list(Sections.model_fields)


@pytest.mark.parametrize("key", defaults())
def test_the_file_shows_the_default(key: str) -> None:
    written, default = documented()[key], defaults()[key]
    if default is None:
        assert written == UNSET
        return
    value = tomllib.loads(f"key = {written}")["key"]
    assert (type(value), value) == (type(default), default)


def test_every_key_is_explained_above_it() -> None:
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        if re.fullmatch(r"# \w+ = .+", line):
            above = lines[number - 1]
            assert above.startswith("# "), line
            assert len(above) > 8, line


def test_the_file_as_it_stands_is_all_defaults(tmp_path: Path) -> None:
    settings = load_settings(FILE, {}, Places(FILE, tmp_path))
    assert settings.origins == {}
    assert settings.model_dump(include=set(Sections.model_fields)) == Sections().model_dump()


def test_the_file_with_every_key_switched_on_loads(tmp_path: Path) -> None:
    on = re.sub(r"(?m)^# (?=\w+ = )", "", TEXT)
    on = re.sub(r"(?m)^\w+ = \(unset\)\n", "", on)
    file = tmp_path / "edge.toml"
    file.write_text(on, encoding="utf-8")
    settings = load_settings(file, {}, Places(FILE, tmp_path))
    unset = {key for key, value in defaults().items() if value is None}
    assert set(settings.origins) == set(defaults()) - unset
    assert settings.model_dump(include=set(Sections.model_fields)) == Sections().model_dump()


def test_the_limits_of_the_file_are_those_of_the_core() -> None:
    limits = {field.name for field in dataclasses.fields(QualityLimits)}
    assert set(QualitySettings.model_fields) == limits
    assert set(EnrolmentSettings.model_fields) >= limits


def test_enrolment_is_at_least_as_strict_as_the_door() -> None:
    door, gate = QualitySettings().model_dump(), EnrolmentSettings().model_dump()
    for key, value in door.items():
        assert gate[key] >= value if key.startswith("min_") else gate[key] <= value, key


def test_the_package_carries_the_same_file() -> None:
    assert files("edge.config").joinpath("edge.toml").read_text(encoding="utf-8") == TEXT
