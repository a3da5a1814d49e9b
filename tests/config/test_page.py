from pathlib import Path

import pytest

from edge.config import Settings, load_settings
from edge.config.page import prepare_change, read_page_file
from edge.errors import ConfigError

THRESHOLD = ("recognition", "threshold_percent")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    path = tmp_path / "edge.toml"
    path.write_text('[storage]\ndata_dir = "data"\n[recognition]\nthreshold_score = 0.4\n', encoding="utf-8")
    return path


def load(file: Path) -> Settings:
    return load_settings(file, environ={})


def document(file: Path) -> dict[str, dict[str, object]]:
    del file
    return {"storage": {"data_dir": "data"}, "recognition": {"threshold_score": 0.4}}


def change(file: Path, **keys: object) -> None:
    changes = {tuple(name.split("__", 1)): value for name, value in keys.items()}
    prepared = prepare_change(file.parent / "data", document(file), changes)  # type: ignore[arg-type]
    prepared.take_effect()
    prepared.drop()


def test_what_was_changed_on_a_page_comes_before_the_file_and_says_so(file: Path) -> None:
    change(file, recognition__threshold_percent=99.0, device__timezone="Asia/Tokyo")
    settings = load(file)
    assert settings.recognition.threshold_percent == 99.0
    assert settings.recognition.threshold_score is None  # they exclude each other
    assert settings.device.timezone == "Asia/Tokyo"
    assert settings.origin("recognition.threshold_percent").where.endswith("data/page.toml:4")
    assert settings.origin("device.timezone").kind == "file"


def test_a_further_change_keeps_the_others_and_none_takes_one_back(file: Path) -> None:
    change(file, recognition__threshold_percent=99.0)
    change(file, door__pulse_seconds=3.5)
    change(file, recognition__threshold_percent=None)
    settings = load(file)
    assert settings.door.pulse_seconds == 3.5
    assert (settings.recognition.threshold_percent, settings.recognition.threshold_score) == (None, 0.4)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        (THRESHOLD, 120.0, "recognition.threshold_percent"),
        (("device", "timezone"), "Nowhere/Land", "device.timezone"),
        (("camera", "source"), "pipe:rm -rf /", "camera.source: it cannot be changed here"),
        (("door", "pulse_seconds"), 0.0, "door.pulse_seconds"),
        (("device", "language"), 'en"\nname = "x', "device.language"),
    ],
)
def test_a_value_that_cannot_be_changes_nothing(
    file: Path, key: tuple[str, str], value: object, says: str
) -> None:
    with pytest.raises(ConfigError, match=says):
        prepare_change(file.parent / "data", document(file), {key: value})  # type: ignore[dict-item]
    assert list((file.parent / "data").iterdir()) == []


def test_a_prepared_change_that_is_dropped_leaves_nothing(file: Path) -> None:
    prepare_change(file.parent / "data", document(file), {THRESHOLD: 98.5}).drop()
    assert list((file.parent / "data").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_an_error_in_a_line(file: Path) -> None:
    (file.parent / "data").rmdir()
    with pytest.raises(ConfigError, match=r"page\.toml: it cannot be written"):
        prepare_change(file.parent / "data", document(file), {THRESHOLD: 98.5})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[camera]\nsource = "pipe:true"\n', "page.toml:2: camera.source: it cannot be changed here"),
        ('loose = "x"\n', "page.toml:1: loose.: it cannot be changed here"),
        ("[recognition]\nthreshold_percent = 300.0\n", "page.toml:2: recognition.threshold_percent"),
        ("[recognition\n", "page.toml: it cannot be read"),
    ],
)
def test_a_file_that_says_more_than_it_may_is_refused_by_name(file: Path, text: str, says: str) -> None:
    (file.parent / "data" / "page.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=says):
        load(file)


def test_without_the_file_nothing_changes(file: Path) -> None:
    assert read_page_file(file.parent / "data").document == {}
    assert load(file).recognition.threshold_score == 0.4
