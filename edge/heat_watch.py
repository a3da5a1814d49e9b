"""Reads the box's temperature once a second and says how much vision may work."""

from dataclasses import dataclass

from edge.domain.thermal import PLAUSIBLE, GovernorSettings, GovernorState, govern
from edge.domain.thermal_level import Level
from edge.errors import DeviceError
from edge.ports import Thermometer

PERIOD = 1.0  # seconds between two readings
SETTLING = 60.0  # seconds from the start after which a box that is not throttled counts as cool


@dataclass(frozen=True, slots=True)
class Heat:
    """How hot it is and what follows.

    `temperature` is °C, None where the sensor cannot be read; `rate` the share of full work that is allowed.
    `throttled` and `blind` (the sensor is lost) are None while that is not certain yet, after a start.
    `detail` says why the sensor cannot be read.
    """

    temperature: float | None
    rate: float
    level: Level
    throttled: bool | None
    blind: bool | None
    detail: str = ""


class HeatWatch:
    """Governs by one thermometer; for one thread, times only grow."""

    def __init__(self, thermometer: Thermometer, settings: GovernorSettings) -> None:
        self._thermometer = thermometer
        self._settings = settings
        self._state = GovernorState()
        self._began: float | None = None
        self._due: float | None = None
        self._was_read = False

    def step(self, at: float) -> Heat | None:
        """Return how hot it is at monotonic `at`, None where it was asked less than a second ago."""
        if self._due is not None and at < self._due:
            return None
        self._due = at + PERIOD
        self._began = at if self._began is None else self._began
        temperature, detail = self._read()
        self._state, work = govern(
            self._state, temperature=temperature, at=at, demand=1.0, settings=self._settings
        )
        self._was_read = self._was_read or (temperature is not None and not self._state.blind)
        settled = at - self._began >= SETTLING
        return Heat(
            temperature=temperature,
            rate=work.rate,
            level=work.level,
            throttled=self._state.throttled if self._state.throttled or settled else None,
            blind=self._state.blind if self._state.blind or self._was_read else None,
            detail=detail,
        )

    def _read(self) -> tuple[float | None, str]:
        try:
            temperature = self._thermometer.read()
        except DeviceError as error:
            return None, str(error)
        if not PLAUSIBLE[0] <= temperature <= PLAUSIBLE[1]:
            return None, f"sensor {self._thermometer.name}: it says {temperature:g} °C"
        return temperature, ""
