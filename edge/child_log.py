"""The vision child's stderr as lines of this process's log."""

import json
from collections.abc import Callable
from typing import Any

import structlog

MAX_LINE = 4000  # characters of one line; a longer one is cut
MAX_LINES = (
    200  # lines logged in PERIOD seconds; a child that says more is broken, and the log is not its own
)
PERIOD = 10.0
_TAKEN = frozenset({"self", "event", "level", "timestamp", "exc_info", "stack_info", "of"})

log = structlog.get_logger("edge.vision")


class ChildLog:
    """Cuts what a child writes into lines and logs them, few enough. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rest = b""
        self._left = MAX_LINES
        self._since = 0.0

    def feed(self, data: bytes) -> None:
        """Log the lines that `data` completes; an overlong one is cut and its rest dropped."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[:MAX_LINE]
        if lines and self._clock() - self._since >= PERIOD:
            self._since = self._clock()
            self._left = MAX_LINES
        for line in lines:
            self._log(line[:MAX_LINE].decode(errors="backslashreplace").rstrip())

    def end(self) -> None:
        """Log the unfinished last line, where there is one: the child is gone."""
        self.feed(b"\n")

    def _log(self, line: str) -> None:
        if not line:
            return
        self._left -= 1
        if self._left > 0:
            _pass_on(line)
        elif self._left == 0:
            log.warning("vision says too much, the rest is dropped for now", period_s=PERIOD)


def _pass_on(line: str) -> None:
    """Log a line the child logged with its level and values, any other as it is.

    Libraries and a dying interpreter write plain text.
    """
    entry = _entry(line)
    if entry is None:
        log.info("vision wrote", line=line)
        return
    tell = {"debug": log.debug, "warning": log.warning, "error": log.error}.get(entry["level"], log.info)
    tell(entry["event"], of="vision", **{key: entry[key] for key in entry.keys() - _TAKEN})


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if (
        isinstance(entry, dict)
        and isinstance(entry.get("level"), str)
        and isinstance(entry.get("event"), str)
    ):
        return entry
    return None
