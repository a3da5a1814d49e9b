"""A relay that switches nothing and records everything: for demonstrations and tests, chosen by name only."""

import json
import math
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
from gpiozero import OutputDevice
from gpiozero.pins.mock import MockFactory

from edge.errors import DeviceError
from edge.pulse import Pulses

log = structlog.get_logger("edge.relay")

PIN = 17  # any pin of the mock board


class RelayRecording:
    """Drives a mock pin of gpiozero and appends each change and renewal to `path`, one JSON object a line.

    A line is `{"time": ISO 8601 UTC, "monotonic": seconds, "level": 0 or 1, "seconds": length or null}`,
    null also for a hold without an end.
    Raises DeviceError where the file cannot be written. `clock` gives monotonic seconds.
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._factory = MockFactory()
        self._pin = OutputDevice(PIN, initial_value=False, pin_factory=self._factory)
        self._pulses = Pulses(energise=self._on, release=self._off, clock=clock)

    def pulse(self, seconds: float) -> None:
        """Energise for `seconds`; returns at once."""
        self._pulses.start(seconds)

    def energise(self, seconds: float | None) -> None:
        """Energise for `seconds`, None for until told otherwise; replaces the end that there was."""
        self._pulses.hold(seconds)

    def idle(self) -> None:
        """Release at once."""
        self._pulses.end()

    @property
    def energised(self) -> bool:
        """Return whether the mock pin is on."""
        return bool(self._pin.value)

    def _on(self, seconds: float) -> None:
        self._pin.on()
        self._record(1, seconds)

    def _off(self) -> None:
        if self._pin.value:
            self._pin.off()
            self._pin.pin.clear_states()  # the mock pin's own record grows without bound
            self._record(0, None)

    def _record(self, level: int, seconds: float | None) -> None:
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "monotonic": self._clock(),
            "level": level,
            "seconds": None if seconds is None or math.isinf(seconds) else round(seconds, 3),
        }
        log.info(
            "relay energised" if level else "relay idle", recording=str(self._path), seconds=entry["seconds"]
        )
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(file, json.dumps(entry).encode() + b"\n")
            finally:
                os.close(file)
        except OSError as error:
            raise DeviceError(
                f"{self._path}: the relay's record cannot be written ({error.strerror})"
            ) from error
