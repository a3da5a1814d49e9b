"""The log: one line per happening on stderr, as text for people or as JSON for a journal.

No line is unbounded, no value can forge a second line, credentials are left out, and a log that cannot be
written never stops the work that wanted to write to it.
"""

import contextlib
import json
import logging
import math
import os
import sys
import traceback
from typing import Any, Literal, Protocol, TypeAlias

import structlog
from structlog.typing import EventDict, WrappedLogger

from edge.redact import HIDDEN, json_text, one_line, redact

Level: TypeAlias = Literal["debug", "info", "warning", "error"]
Form: TypeAlias = Literal["text", "json"]

MAX_VALUE = 1000  # characters of one value
MAX_TRACEBACK = 8000  # characters kept of a traceback: its end, where the reason stands
MAX_VALUES = 40  # named values of one line
_SECRET_NAMES = ("password", "passphrase", "secret", "token", "pin", "authorization", "cookie")
_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}  # of syslog(3)


class Stream(Protocol):
    """What lines are written to."""

    def write(self, text: str, /) -> object:
        """Write text."""
        ...

    def flush(self) -> object:
        """Pass on what was written."""
        ...


def configure_logging(level: Level = "info", form: Form = "text", stream: Stream | None = None) -> None:
    """Send every log line of this process, those of libraries included, to `stream` (stderr).

    Lines below `level` are dropped; libraries are heard from warnings on. May be called again.
    """
    target = _Lines(
        sys.stderr if stream is None else stream, journal=stream is None and _is_journal(sys.stderr)
    )
    render = _render_json if form == "json" else _render_text
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _tell_traceback,
            _bound,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=lambda *_: target,
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_FromLibraries()], level=logging.WARNING, force=True)
    logging.captureWarnings(capture=True)


class _Lines:
    """Writes one line with one call, so that lines of threads do not mix; failures are swallowed."""

    def __init__(self, stream: Stream, *, journal: bool) -> None:
        self._stream = stream
        self._journal = journal

    def msg(self, line: str, level: str = "info") -> None:
        prefix = f"<{_PRIORITIES.get(level, 6)}>" if self._journal else ""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(f"{prefix}{line}\n")
            self._stream.flush()

    debug = info = warning = error = critical = msg


class _FromLibraries(logging.Handler):
    """Passes on what libraries log by the standard module."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        tell = log.error if record.levelno >= logging.ERROR else log.warning
        try:
            text = record.getMessage()
        except (TypeError, ValueError):  # a format and arguments that do not fit
            text = str(record.msg)
        tell(text, source=record.name, exc_info=record.exc_info)


def _tell_traceback(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["traceback"] = "".join(traceback.format_exception(error)).rstrip()
    return event


def _bound(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    kept = dict(list(event.items())[:MAX_VALUES])
    for name in (*_FRAME, "traceback"):  # the frame of a line is never what is cut
        if name in event:
            kept[name] = event[name]
    return {name[:MAX_VALUE]: _value(name, value) for name, value in kept.items()}


def _value(name: str, value: Any) -> Any:
    if any(secret in name.lower().split("_") for secret in _SECRET_NAMES):
        return HIDDEN
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 1 << 63):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)  # JSON has no infinities
    text = redact(value if isinstance(value, str) else _safe_repr(value))
    if name == "traceback":
        return text if len(text) <= MAX_TRACEBACK else f"…{text[-MAX_TRACEBACK:]}"
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"


def _safe_repr(value: object) -> str:
    try:
        return repr(value) if not isinstance(value, int) else hex(value)
    except (AttributeError, TypeError, ValueError, RecursionError, RuntimeError):
        return f"<{type(value).__name__}>"


_FRAME = ("timestamp", "level", "event")


def _render_json(
    _logger: WrappedLogger, _method: str, event: EventDict
) -> tuple[tuple[str, str], dict[str, Any]]:
    ordered = {name: event[name] for name in _FRAME} | dict(event)
    return (json_text(ordered), str(event["level"])), {}


def _render_text(
    _logger: WrappedLogger, _method: str, event: EventDict
) -> tuple[tuple[str, str], dict[str, Any]]:
    values = (
        f"{name}={_quoted(value)}" for name, value in event.items() if name not in {*_FRAME, "traceback"}
    )
    line = " ".join([f"{event['timestamp']} {event['level']:<7} {one_line(str(event['event']))}", *values])
    if "traceback" in event:
        line += "".join(f"\n    {one_line(part)}" for part in str(event["traceback"]).splitlines())
    return (line, str(event["level"])), {}


def _quoted(value: Any) -> str:
    text = one_line(value if isinstance(value, str) else json.dumps(value))
    return text if text and not set(text) & set(" \"'=") else f'"{text}"'


def _is_journal(stream: Any) -> bool:
    """Return whether a stream is systemd's journal, which takes `<priority>` in front (sd-daemon(3))."""
    device, _, inode = os.environ.get("JOURNAL_STREAM", "").partition(":")
    with contextlib.suppress(OSError, ValueError, AttributeError):
        found = os.fstat(stream.fileno())
        return (str(found.st_dev), str(found.st_ino)) == (device, inode)
    return False
