"""The GPIO lines that relay, contacts and lamps share: one chip, opened when the first of them needs it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from edge.config import Settings
from edge.errors import DeviceError

if TYPE_CHECKING:
    from edge.adapters.gpio.lines import IdleFirstFactory


class GpioLines:
    """Opens the chip once; `close` gives all of its lines back."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._factory: IdleFirstFactory | None = None

    def open(self, key: str) -> "IdleFirstFactory":
        """Return the lines; raises DeviceError, naming the setting `key`, where driver or chip is missing."""
        if self._factory is None:
            # lgpio makes a named pipe when it is loaded: in this folder, not wherever the process is
            os.environ.setdefault("LG_WD", str(self._settings.data_dir))
            try:
                with _staying():
                    from edge.adapters.gpio.lines import open_lines
            except ImportError as error:
                raise DeviceError(
                    f"{key}: the GPIO driver cannot be loaded ({error}); install lgpio"
                ) from None
            self._factory = open_lines(self._settings.door.chip)
        return self._factory

    def close(self) -> None:
        """Give the lines back; may be called twice."""
        if self._factory is not None:
            self._factory.close()
            self._factory = None


@contextmanager
def _staying() -> Iterator[None]:
    """Bring the process back to its present folder afterwards: lgpio leaves for LG_WD when it is loaded."""
    try:
        here = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    except OSError:  # a folder that this user may not read; a lock that is driven idle matters more
        yield
        return
    try:
        yield
    finally:
        os.fchdir(here)
        os.close(here)
