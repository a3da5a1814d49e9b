from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

import pytest

from edge.bootstrap.time_zone import site_zone
from edge.config import load_settings


def settings(folder: Path, zone: str = "") -> Path:
    file = folder / "edge.toml"
    file.write_text(f'[device]\ntimezone = "{zone}"\n')
    return file


def test_a_named_zone_is_taken(tmp_path: Path) -> None:
    assert site_zone(load_settings(settings(tmp_path, "Asia/Tokyo"))) == ZoneInfo("Asia/Tokyo")


@pytest.mark.skipif(
    not any((Path(folder) / "Europe/Berlin").exists() for folder in TZPATH), reason="no zones"
)
def test_the_systems_zone_brings_its_daylight_saving_along(tmp_path: Path) -> None:
    berlin = next(
        Path(folder) / "Europe/Berlin" for folder in TZPATH if (Path(folder) / "Europe/Berlin").exists()
    )
    (tmp_path / "localtime").symlink_to(berlin)
    zone = site_zone(load_settings(settings(tmp_path)), tmp_path / "localtime")
    offsets = [datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)]
    assert offsets == [timedelta(hours=1), timedelta(hours=2)]
    assert str(zone) == "Europe/Berlin"


@pytest.mark.parametrize("content", [None, b"", b"no zone"])
def test_a_machine_without_a_zone_is_in_utc(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "localtime").write_bytes(content)
    assert site_zone(load_settings(settings(tmp_path)), tmp_path / "localtime") is UTC
