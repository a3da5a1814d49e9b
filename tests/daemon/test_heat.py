"""Heat from a sensor to the work of vision and to the journal: real files, simulated time."""

from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.adapters.thermometer_psutil import ThermometerPsutil
from edge.adapters.thermometer_sysfs import ThermometerSysfs, zones
from edge.bootstrap.thermometer import thermometer
from edge.config import Settings, load_settings
from edge.domain.thermal import GovernorSettings
from edge.domain.thermal_level import Level
from edge.errors import ConfigError, DeviceError
from edge.heat_events import HeatEvents
from edge.heat_watch import Heat, HeatWatch
from edge.vision_report import thermal

Chip = namedtuple("Chip", "label current")  # noqa: PYI024 - as psutil's own


class Box:
    """A box whose sensor is a file, watched second by second; `told` is what the journal would hold."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "temp"
        self.events = HeatEvents()
        self.told: list[tuple[str, float]] = []
        self.rates: list[float] = []
        self.at = 100.0
        self.begin()

    def begin(self) -> None:
        """Start the vision child anew."""
        sensor = ThermometerSysfs(self.file, name="box")
        self.watch = HeatWatch(sensor, GovernorSettings(limit=72.0))

    def run(self, seconds: float, temperature: float | str) -> None:
        text = temperature if isinstance(temperature, str) else str(round(temperature * 1000))
        self.file.write_text(text + "\n")
        until = self.at + seconds
        while self.at < until:
            heat = self.watch.step(self.at)
            if heat is not None:
                self.rates.append(heat.rate)
                for event in self.events.take(thermal(heat)):
                    self.told.append((str(event.type), self.at))
            self.at += 0.5

    @property
    def kinds(self) -> list[str]:
        return [kind.removeprefix("thermal.") for kind, _ in self.told]


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_a_cool_box_works_fully_and_says_nothing(box: Box) -> None:
    box.run(600, 45)
    assert set(box.rates) == {1.0}
    assert len(box.rates) == 600
    assert box.told == []


def test_heat_brings_the_work_down_and_is_told_once_as_is_the_return(box: Box) -> None:
    box.run(60, 45)
    box.run(120, 80)
    assert box.rates[-1] == 0
    box.run(600, 45)
    assert box.rates[-1] == 1
    assert box.kinds == ["throttled", "recovered"]


@pytest.mark.parametrize("text", ["", "warm", "999000", "nan", "-300000"])
def test_a_sensor_that_says_nothing_of_use_is_told_once_and_the_work_is_a_quarter_until_it_returns(
    box: Box, text: str
) -> None:
    box.run(60, 45)
    box.run(120, text)
    assert box.rates[-1] == 0.25
    assert box.kinds == ["sensor_lost"]
    assert 9 <= box.told[0][1] - 160 <= 12  # ten seconds after the last reading
    box.run(120, 45)
    assert box.rates[-1] == 1
    assert box.kinds == ["sensor_lost", "sensor_restored"]


def test_a_sensor_that_is_missing_from_the_start_is_told_as_well(box: Box) -> None:
    box.watch = HeatWatch(ThermometerSysfs(box.file / "no", name="box"), GovernorSettings(limit=72.0))
    box.run(60, 45)
    assert box.rates[0] == 0.25
    assert box.kinds == ["sensor_lost"]


def test_a_hot_child_that_starts_anew_is_no_news(box: Box) -> None:
    box.run(60, 45)
    box.run(60, 80)
    box.begin()
    box.run(60, 80)
    assert box.kinds == ["throttled"]


def test_a_box_that_cooled_while_no_child_ran_is_told_a_minute_after_the_next_start(box: Box) -> None:
    box.run(60, 80)
    box.begin()
    began = box.at
    box.run(120, 45)
    assert box.kinds == ["throttled", "recovered"]
    assert 60 <= box.told[1][1] - began <= 62


def test_the_wire_takes_what_the_watch_says_with_a_long_reason() -> None:
    told = thermal(Heat(None, 0.25, Level.LOW, throttled=None, blind=True, detail="x" * 900))
    assert len(told.detail) == 500


def test_a_zone_is_found_by_its_type_and_read_in_thousandths(tmp_path: Path) -> None:
    for number, kind in enumerate(["gpu-thermal", "cpu-thermal", "cpu-thermal"]):
        zone = tmp_path / f"thermal_zone{number}"
        zone.mkdir()
        (zone / "type").write_text(kind + "\n")
        (zone / "temp").write_text(f"{41000 + number}\n")
    (tmp_path / "thermal_zone9").mkdir()  # a driver that has just gone
    assert set(zones(tmp_path)) == {"gpu-thermal", "cpu-thermal"}
    assert ThermometerSysfs(zones(tmp_path)["cpu-thermal"], name="cpu").read() == 41.001


def test_a_zone_without_an_answer_names_its_file(tmp_path: Path) -> None:
    sensor = ThermometerSysfs(tmp_path / "temp", name="cpu")
    with pytest.raises(DeviceError, match=r"sensor cpu: .*/temp: No such file"):
        sensor.read()


def _chips() -> dict[str, list[Chip]]:
    return {"coretemp": [Chip("Package id 0", 51.0), Chip("Core 0", 53.0), Chip("Core 1", None)]}


@pytest.mark.parametrize(("label", "degrees"), [("", 53.0), ("Package id 0", 51.0)])
def test_a_chip_is_as_hot_as_its_hottest_sensor_or_the_one_that_is_named(label: str, degrees: float) -> None:
    assert ThermometerPsutil("coretemp", label, chips=_chips).read() == degrees


@pytest.mark.parametrize(("chip", "label"), [("coretemp", "Core 1"), ("coretemp", "Core 7"), ("k10temp", "")])
def test_a_chip_that_tells_nothing_is_named(chip: str, label: str) -> None:
    sensor = ThermometerPsutil(chip, label, chips=_chips)
    with pytest.raises(DeviceError, match=f"sensor {sensor.name}: "):
        sensor.read()


Configured = Callable[[str], Settings]


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    def load(sensor: str) -> Settings:
        path = tmp_path / "edge.toml"
        path.write_text(f'[thermal]\nsensor = "{sensor}"\n')
        return load_settings(path, {"EDGE_DATA_DIR": str(tmp_path)})

    return load


def test_the_settings_choose_the_sensor(configured: Configured, tmp_path: Path) -> None:
    (tmp_path / "degrees").write_text("45.5")
    by_file = thermometer(configured(f"file:{tmp_path}/degrees"))
    assert by_file is not None
    assert by_file.read() == 45.5
    names = [
        getattr(thermometer(configured(words)), "name", None) for words in ("chip:a/b c", "chip:a", "none")
    ]
    assert names == ["a/b c", "a", None]
    missing = thermometer(configured("zone:no-such-zone"))
    assert missing is not None
    with pytest.raises(DeviceError, match="no-such-zone"):
        missing.read()


@pytest.mark.parametrize("sensor", ["", "cpu", "zone:", "zone:a/../b", "hwmon:x"])
def test_a_sensor_nobody_can_mean_is_refused(configured: Configured, sensor: str) -> None:
    with pytest.raises(ConfigError, match=r"thermal\.sensor"):
        configured(sensor)
