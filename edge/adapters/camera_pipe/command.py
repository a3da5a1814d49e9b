"""The command of a camera: in a session of its own, read without blocking, ended with its children."""

import contextlib
import fcntl
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from edge.errors import CameraError
from edge.redact import one_line, redact

CHUNK = 1 << 20  # bytes: also what the pipe is asked to hold, 64 KiB being less than one raw frame
LAST_WORDS = 2000  # bytes kept of what the command says on stderr
LOOK_SECONDS = 0.25  # how long it takes at most to see that reading is no longer wanted
END_SECONDS = 1.0  # what a command has to end in order, before it is killed


class Command:
    """A running command. Raises CameraError where it cannot be started."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self.name = command_name(arguments)
        try:
            self._process = subprocess.Popen(
                [*_dies_with_us(), *_program(arguments)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise CameraError(f"{self.name}: it cannot be started: {reason}") from None
        assert self._process.stdout is not None  # noqa: S101 - PIPE was asked for
        assert self._process.stderr is not None  # noqa: S101 - likewise
        self._out, self._err = self._process.stdout.fileno(), self._process.stderr.fileno()
        with contextlib.suppress(OSError):  # the limit of pipes for ordinary users may be lower
            fcntl.fcntl(self._out, fcntl.F_SETPIPE_SZ, CHUNK)
        self._last_words = b""
        self._unwanted = False
        self._selector = selectors.DefaultSelector()
        for fd in (self._out, self._err):
            os.set_blocking(fd, False)
            self._selector.register(fd, selectors.EVENT_READ)

    def read(self) -> bytes:
        """Return what the command wrote, b"" where it is no longer wanted; raises CameraError at its end."""
        while not self._unwanted:
            for key, _ in self._selector.select(LOOK_SECONDS):
                data = os.read(key.fd, CHUNK)
                if key.fd == self._err:
                    self._hear(data)
                elif data:
                    return data
                else:
                    raise CameraError(f"{self.name}: {self._how_it_ended()}")
        return b""

    def interrupt(self) -> None:
        """Let `read`, in another thread, end soon."""
        self._unwanted = True

    def end(self) -> None:
        """End the command and all that it started in its session, and leave nothing of it behind."""
        self._signal(signal.SIGTERM)
        self._await_end(END_SECONDS)
        self._signal(signal.SIGKILL)  # its children too; its number is its own until it is waited for
        self._process.wait()
        self._selector.close()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _hear(self, data: bytes) -> None:
        if not data:
            self._selector.unregister(self._err)  # it was closed, and would be ready to read for ever
        self._last_words = (self._last_words + data)[-LAST_WORDS:]

    def _how_it_ended(self) -> str:
        self._await_end(END_SECONDS)
        with contextlib.suppress(OSError):
            self._last_words += os.read(self._err, CHUNK)
        status = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        lines = self._last_words.decode(errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        words = f": {one_line(redact(said))[:200]}" if said else ""
        if status is None:
            return f"it closed its output{words}"
        how = "ended with status" if status.si_code == os.CLD_EXITED else "was ended by signal"
        return f"it {how} {status.si_status}{words}"

    def _await_end(self, seconds: float) -> None:
        """Wait until the command has ended, without taking its number from it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                return
            time.sleep(0.01)

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def command_name(arguments: Sequence[str]) -> str:
    """Return what a command is called: its program alone, since an argument may hold a password."""
    return f"command {one_line(Path(arguments[0]).name) if arguments else 'without a name'}"


def _program(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with the program's path; raises OSError where there is none such."""
    path = shutil.which(arguments[0]) if arguments else None
    if path is None:
        raise FileNotFoundError(0, "there is no such program on this machine")
    return [path, *arguments[1:]]


def _dies_with_us() -> list[str]:
    """Return the words before a command by which the kernel ends it when we are killed, where there are such.

    A camera can be opened once; a command that outlived a killed vision process would keep it.
    """
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "SIGKILL", "--"] if setpriv else []
