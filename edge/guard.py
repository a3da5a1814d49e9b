"""The one place with a broad `except`: every thread entry, library callback and program passes through here.

An exception that nobody foresaw is logged once with its traceback and told to whoever supervises; it never
ends a thread in silence, and never reaches an operator as forty lines of Python.
"""

import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TypeAlias

from edge.errors import ConfigError, EdgeError
from edge.redact import one_line

OnError: TypeAlias = Callable[[BaseException], None]

EXIT_ERROR = 1
EXIT_INTERRUPTED = 130  # 128 + SIGINT, what a shell reports of a program ended by Ctrl-C
EXIT_BROKEN_PIPE = 141  # 128 + SIGPIPE, what a shell reports of a program whose reader went away


class guarded(contextlib.ContextDecorator):  # noqa: N801 - a context manager, used like the ones of contextlib
    """Context manager and decorator: an exception inside ends the block, is logged and told to `on_error`.

    The exception goes no further; a decorated function then returns None. KeyboardInterrupt, SystemExit and
    GeneratorExit pass through. An `on_error` that fails is logged as well and changes nothing.
    """

    def __init__(self, name: str, on_error: OnError | None = None) -> None:
        self._name = name
        self._on_error = on_error

    def __enter__(self) -> None:
        """Enter the block."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Swallow an Exception after logging it; let everything else pass."""
        if not isinstance(error, Exception):
            return False
        _report(self._name, error, self._on_error)
        return True


def start_thread(name: str, target: Callable[[], None], on_error: OnError | None = None) -> threading.Thread:
    """Start and return a guarded thread called `name`.

    It is a daemon thread: one that hangs in native code must not keep the process from ending. Whoever needs
    its work finished joins it.
    """

    def run() -> None:
        with guarded(name, on_error):
            target()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def guard_threads(on_error: OnError | None = None) -> None:
    """Cover the threads that libraries start: an exception that ends one is logged and told to `on_error`."""

    def hook(ended: threading.ExceptHookArgs) -> None:
        if isinstance(ended.exc_value, Exception):
            _report(ended.thread.name if ended.thread else "unknown thread", ended.exc_value, on_error)

    threading.excepthook = hook


def cli_guard(program: str, act: Callable[[], int | None], *, log_unexpected: bool = False) -> int:
    """Run a whole program and return its exit status; nothing escapes but SystemExit.

    An EdgeError becomes one line `program: error: …` on stderr (a ConfigError one line per problem) and
    status 1; so does anything unexpected, naming its type. The traceback of either is shown where the
    environment has EDGE_TRACEBACK=1; that of the unexpected also goes to the log with `log_unexpected`.
    Ctrl-C gives 130 and a reader that went away 141, both without a word.
    """
    try:
        status = act() or 0
        sys.stdout.flush()  # a reader that went away shows here, not in the interpreter's last breath
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        _discard_stdout()
        return EXIT_BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the broad except of a program; see the module's first line
        if log_unexpected and not isinstance(error, EdgeError):
            _report(program, error, None)
        if os.environ.get("EDGE_TRACEBACK") == "1":
            traceback.print_exception(error)
        for line in _lines(error):
            _complain(f"{program}: error: {line}")
        return EXIT_ERROR
    return status


def _report(name: str, error: Exception, on_error: OnError | None) -> None:
    import structlog  # takes longer to load than most commands take to run, and most never need it

    log = structlog.get_logger("edge.guard")
    log.error("unexpected error", where=name, error=f"{type(error).__name__}: {error}", exc_info=error)
    if on_error is None:
        return
    try:
        on_error(error)
    except Exception as second:  # a supervisor that fails must not hide what it was told
        log.error("error handler failed", where=name, error=repr(second), exc_info=second)  # noqa: TRY400 - exc_info is given


def _lines(error: Exception) -> list[str]:
    if isinstance(error, ConfigError):
        return [one_line(problem) for problem in error.problems]
    if isinstance(error, EdgeError):
        return [one_line(str(error))]
    if isinstance(error, OSError) and error.filename is not None:
        return [one_line(f"{error.filename}: {error.strerror}")]
    hint = "EDGE_TRACEBACK=1 shows where"
    return [one_line(f"unexpected {type(error).__name__}: {error}; this is a defect of the program ({hint})")]


def _complain(line: str) -> None:
    with contextlib.suppress(OSError, ValueError):  # stderr may be closed; the exit status still says it
        print(line, file=sys.stderr, flush=True)  # noqa: T201 - the last word of a program


def _discard_stdout() -> None:
    """Let the interpreter's last flush go nowhere (recipe of Python's documentation of SIGPIPE)."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
