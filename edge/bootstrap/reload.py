"""Reads the configuration again: the daemon ends and begins anew with it, if it can."""

from collections.abc import Callable
from pathlib import Path

from edge.config import Settings, load_settings
from edge.errors import ConfigError, ConflictError, ModelError


class Reload:
    """`stop` ends the daemon. A configuration that would keep it from beginning again changes nothing."""

    def __init__(
        self, file: Path | None, stop: Callable[[], None], check: Callable[[Settings], None]
    ) -> None:
        self._file = file
        self._stop = stop
        self._check = check
        self.wanted = False

    def __call__(self) -> str:
        """Check the configuration and have the daemon begin anew; raises ConflictError where it is wrong."""
        try:
            self._check(load_settings(self._file))
        except ConfigError as error:
            more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
            raise ConflictError(f"nothing is changed: {error.problems[0]}{more}") from None
        except ModelError as error:
            raise ConflictError(f"nothing is changed: {error}") from None
        self.wanted = True
        self._stop()
        return "the configuration is good; the terminal begins anew with it"
