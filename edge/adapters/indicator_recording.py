"""Lamps and buzzer that only note what they show: for demonstrations and tests, chosen by name only."""

import json
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from edge.domain.door_lamps import Lamps
from edge.errors import DeviceError


class IndicatorRecording:
    """Appends each change to `path`: `{"monotonic": seconds, "green": …, "red": …, "buzzer": …}` a line.

    `clock` gives monotonic seconds.
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._shown: Lamps | None = None

    def show(self, lamps: Lamps) -> None:
        """Note what differs. Raises DeviceError where the file cannot be written."""
        if lamps == self._shown:
            return
        entry = {"monotonic": self._clock(), **asdict(lamps)}
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(file, json.dumps(entry).encode() + b"\n")
            finally:
                os.close(file)
        except OSError as error:
            raise DeviceError(
                f"{self._path}: the lamps' record cannot be written ({error.strerror})"
            ) from None
        self._shown = lamps

    def close(self) -> None:
        """Note that all is off; may be called twice."""
        self.show(Lamps())
