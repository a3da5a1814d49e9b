"""The relay that the settings name; the mock only by its name, and a missing driver never in silence."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.config import Settings
from edge.errors import ConfigError, DeviceError

if TYPE_CHECKING:
    from edge.ports import Relay  # loads numpy, which the command that drives the relay idle has no time for


@dataclass(frozen=True, slots=True, eq=False)
class WiredRelay:
    """A relay, and how to give its line back."""

    relay: "Relay"
    close: Callable[[], None]


def build_relay(settings: Settings) -> WiredRelay:
    """Return the relay, its line claimed and idle.

    Raises ConfigError where a relay on GPIO has no pin, DeviceError where driver, chip or line is missing.
    """
    kind = settings.door.relay
    if kind == "gpio":
        return _gpio(settings)
    if kind == "recording":
        from edge.adapters.relay_recording import RelayRecording

        recording = RelayRecording(settings.data_dir / "relay.jsonl", time.monotonic)
        return WiredRelay(recording, recording.idle)
    from edge.adapters.relay_none import RelayNone

    none = RelayNone()
    return WiredRelay(none, none.idle)


def _gpio(settings: Settings) -> WiredRelay:
    pin = settings.door.pin
    if pin is None:
        raise ConfigError(["door.pin: a relay on GPIO needs the BCM number of its line"])
    # lgpio makes a named pipe when it is loaded: in this folder, not wherever the process happens to be.
    os.environ.setdefault("LG_WD", str(settings.data_dir))
    try:
        from edge.adapters.gpio.lines import open_lines
        from edge.adapters.gpio.relay import RelayGpio
    except ImportError as error:
        raise DeviceError(f"door.relay: the GPIO driver cannot be loaded ({error}); install lgpio") from None
    lines = open_lines()
    try:
        relay = RelayGpio(lines, pin, active_high=settings.door.active_high, clock=time.monotonic)
    except DeviceError:
        lines.close()
        raise

    def close() -> None:
        relay.close()
        lines.close()

    return WiredRelay(relay, close)
