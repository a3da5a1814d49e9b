"""`edged`: arguments, signals, exit codes. Everything it does is in `runtime.py`.

Exit codes: 0 stopped as asked or film over, 1 an error (one line on stderr says which), 2 usage. SIGTERM
and SIGINT stop it; SIGHUP is ignored, since a changed configuration takes a restart.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from types import FrameType

from edge.guard import cli_guard, start_thread

LAST_WRITES = 1.0  # seconds the control socket and the database have to close


class StopSignals:
    """Turns SIGTERM and SIGINT into one call of `then`, from the moment there is something to stop."""

    def __init__(self) -> None:
        self.asked = False
        self._then: Callable[[], None] | None = None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    def call(self, then: Callable[[], None]) -> None:
        """Call `then` at the first signal, or now where it has come already."""
        self._then = then
        if self.asked:
            then()

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        if self._then is not None:
            self._then()


def main() -> int:
    """Run `edged` with the arguments of this process and return its exit code."""
    return cli_guard("edged", lambda: run(sys.argv[1:]), log_unexpected=True)


def run(arguments: Sequence[str], vision_command: Sequence[str] | None = None) -> int:
    """Run the daemon; `vision_command` replaces the vision child's program."""
    options = _parser().parse_args(arguments)
    signals = StopSignals()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy's pool; the child takes it over
    from edge.bootstrap.parent import build_parent, check_parent
    from edge.config import load_settings
    from edge.log import configure_logging

    settings = load_settings(options.config)
    configure_logging(settings.log.level, settings.log.format)
    check_parent(settings, until_end=options.until_end)
    if options.check:
        from edge.bootstrap.secrets import check_secrets

        check_secrets(settings)
        print(f"{settings.file or 'defaults'}: the configuration is good")  # noqa: T201 - the answer
        return 0
    if vision_command is None:
        from edge.bootstrap.model_check import check_models, recommend_models

        check_models(settings)  # before anything is opened, so that a refusal leaves no trace
        recommend_models(settings)
    parent = build_parent(
        settings,
        until_end=options.until_end,
        print_fd=sys.stdout.fileno() if options.print_events else None,
        vision_command=vision_command,
    )
    signals.call(parent.runtime.stop)
    clean = True
    try:
        clean = parent.run()
    finally:
        closing = start_thread("close", parent.close) if clean else None
        if closing is not None:
            closing.join(LAST_WRITES)
    if parent.reload.wanted and not signals.asked:
        _begin_anew()
    if closing is None or closing.is_alive():
        os._exit(0)  # a thread is stuck in the disk or a pipe; waiting for it would break the promise to end
    return 0


def _begin_anew() -> None:
    """Let this process run the program from its beginning; a service manager begins it by itself."""
    if not os.environ.get("NOTIFY_SOCKET"):
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - our own arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="edged", description="The daemon of a face-recognition terminal.")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the configuration, config/edge.toml form"
    )
    parser.add_argument("--until-end", action="store_true", help="stop when a replayed film is over")
    parser.add_argument("--print-events", action="store_true", help="print events as CloudEvents, one a line")
    parser.add_argument("--check", action="store_true", help="check the configuration and exit")
    parser.add_argument("--version", action="version", version=f"edged {version('edge')}")
    return parser


if __name__ == "__main__":
    sys.exit(main())
