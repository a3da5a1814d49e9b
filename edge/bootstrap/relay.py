"""The relay that the settings name; the mock only by its name, and a missing driver never in silence."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.bootstrap.gpio_lines import GpioLines
from edge.config import Settings
from edge.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from edge.adapters.gpio.relay import RelayGpio
    from edge.adapters.relay_none import RelayNone
    from edge.adapters.relay_recording import RelayRecording


@dataclass(frozen=True, slots=True, eq=False)
class WiredRelay:
    """A relay, and how to give its line back."""

    relay: "RelayGpio | RelayNone | RelayRecording"
    close: Callable[[], None]


def build_relay(settings: Settings, lines: GpioLines | None = None) -> WiredRelay:
    """Return the relay, its line claimed and idle; `lines` are those that others share with it.

    Raises ConfigError where a relay on GPIO has no pin, DeviceError where driver, chip or line is missing.
    """
    kind = settings.door.relay
    if kind == "gpio":
        return _gpio(settings, lines or GpioLines(settings))
    if kind == "recording":
        from edge.adapters.relay_recording import RelayRecording

        recording = RelayRecording(settings.data_dir / "relay.jsonl", time.monotonic)
        return WiredRelay(recording, recording.idle)
    from edge.adapters.relay_none import RelayNone

    none = RelayNone()
    return WiredRelay(none, none.idle)


def _gpio(settings: Settings, lines: GpioLines) -> WiredRelay:
    pin = settings.door.pin
    if pin is None:
        raise ConfigError(["door.pin: a relay on GPIO needs the BCM number of its line"])
    factory = lines.open("door.relay")
    from edge.adapters.gpio.relay import RelayGpio

    try:
        relay = RelayGpio(factory, pin, active_high=settings.door.active_high, clock=time.monotonic)
    except DeviceError:
        lines.close()
        raise

    def close() -> None:
        relay.close()
        lines.close()

    return WiredRelay(relay, close)
