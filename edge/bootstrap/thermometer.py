"""The thermometer that the settings name, or the best that this box has."""

from pathlib import Path

import structlog

from edge.config import Settings
from edge.errors import DeviceError
from edge.ports import Thermometer

log = structlog.get_logger("edge.heat")

# Names of the CPU's own sensor, the likeliest first: of thermal zones, and of chips.
CPU_ZONES = ("cpu-thermal", "cpu_thermal", "soc-thermal", "soc_thermal", "cpu0-thermal", "x86_pkg_temp")
CPU_CHIPS = ("coretemp", "k10temp", "zenpower", "cpu_thermal", "soc_thermal")


def thermometer(settings: Settings) -> Thermometer | None:
    """Return the thermometer to govern by, None for none; one that is named need not be there yet."""
    from edge.adapters.thermometer_psutil import ThermometerPsutil
    from edge.adapters.thermometer_sysfs import ZONES, ThermometerSysfs, zones

    kind, _, rest = settings.thermal.sensor.partition(":")
    if kind == "none":
        return None
    if kind == "zone":
        path = zones().get(rest, ZONES / rest / "temp")  # by its type, or as thermal_zone0
        return ThermometerSysfs(path, name=rest)
    if kind == "chip":
        chip, _, label = rest.partition("/")
        return ThermometerPsutil(chip, label)
    if kind == "file":
        return ThermometerSysfs(Path(rest), name=rest, per_degree=1.0)
    return _found()


def _found() -> Thermometer | None:
    """Return the CPU's own sensor, None where this box has none."""
    from edge.adapters.thermometer_psutil import ThermometerPsutil, known_chips
    from edge.adapters.thermometer_sysfs import ThermometerSysfs, zones

    there = zones()
    for kind in CPU_ZONES:
        if kind in there:
            return ThermometerSysfs(there[kind], name=kind)
    try:
        chips = known_chips()
    except DeviceError as error:
        log.warning("sensors cannot be asked for", error=str(error))
        chips = {}
    for chip in CPU_CHIPS:
        if chip in chips:
            return ThermometerPsutil(chip)
    log.warning("no temperature sensor was found, work is not governed by heat", key="thermal.sensor")
    return None
