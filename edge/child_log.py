"""The vision child's stderr as lines of this process's log."""

import json
from typing import Any

import structlog

MAX_LINE = 4000  # characters of one line; a longer one is cut

_TAKEN = frozenset({"self", "event", "level", "timestamp", "exc_info", "stack_info", "of"})

log = structlog.get_logger("edge.vision")


class TextLines:
    """Cuts what a child writes into lines, none longer than MAX_LINE characters."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[str]:
        """Return the lines that `data` completes; an overlong one is cut and its rest dropped."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[:MAX_LINE]
        return [
            text for line in lines if (text := line[:MAX_LINE].decode(errors="backslashreplace").rstrip())
        ]

    def rest(self) -> list[str]:
        """Return the unfinished last line, where there is one."""
        return self.feed(b"\n")


def log_child_line(line: str) -> None:
    """Log a line: one the child logged with its level and values, any other as it is.

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
