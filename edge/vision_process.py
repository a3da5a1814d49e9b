"""The parent's grip on the vision child: its start, its wire, its stderr, its end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence

from edge.vision_wire import FromChild, LineBuffer, Message, Start, WireError, encode, from_child

READ_BYTES = 64 * 1024
MAX_DRAIN = 4 * 1024 * 1024  # bytes read of a dead child's last words; a pipe holds far less

VISION_COMMAND = (sys.executable, "-P", "-m", "edge.vision_main")


def exit_in_words(status: int) -> str:
    """Return what `Popen.returncode` means: `signal SIGKILL` or `exit code 3`."""
    if status >= 0:
        return f"exit code {status}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-status).name}"
    return f"signal {-status}"


class VisionProcess:
    """One child, from its start to its burial. Used by one thread, which never waits in here.

    The child gets one end of a socket as an inherited descriptor, whose number and this process's id follow
    `command` as arguments, and the socket of the live picture that `first` names; its stdout and stderr are
    one pipe, so that no library of it can write where events are printed. It leads a process group of its
    own: what it starts dies with it. Raises OSError where it cannot be started.
    """

    def __init__(self, command: Sequence[str], first: Start) -> None:
        ours, theirs = socket.socketpair()
        errors, errors_end = os.pipe2(os.O_CLOEXEC)
        try:
            self._child = subprocess.Popen(
                [*command, str(theirs.fileno()), str(os.getpid())],
                stdin=subprocess.DEVNULL,
                stdout=errors_end,
                stderr=errors_end,
                pass_fds=(theirs.fileno(), *([] if first.live_fd is None else [first.live_fd])),
                process_group=0,
            )
        except OSError:
            ours.close()
            os.close(errors)
            raise
        finally:
            theirs.close()
            os.close(errors_end)
        self.exit_fd = os.pidfd_open(self._child.pid)  # readable once the child has ended
        self.error_fd = errors
        os.set_blocking(errors, False)
        ours.setblocking(False)
        self._socket = ours
        self._lines = LineBuffer()
        self.send(first)

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._child.pid

    @property
    def wire_fd(self) -> int:
        """Return the descriptor that is readable when the child has said something."""
        return self._socket.fileno()

    def send(self, message: Message) -> None:
        """Send a message if the child takes it at once; one that does not is hung or gone, and is ended."""
        with contextlib.suppress(OSError):
            self._socket.send(encode(message))

    def receive(self) -> list[FromChild] | None:
        """Return the messages that have come, or None where the child closed its end; raises WireError."""
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not data:
            return None
        return [from_child(line) for line in self._lines.feed(data)]

    def drain(self) -> list[FromChild]:
        """Return the last words of a child that has ended, up to the first that cannot be read."""
        words: list[FromChild] = []
        with contextlib.suppress(WireError):
            for _ in range(MAX_DRAIN // READ_BYTES):
                received = self.receive()
                if not received:
                    break
                words.extend(received)
        return words

    def read_errors(self) -> bytes | None:
        """Return what the child wrote to its stdout and stderr, None at its end."""
        try:
            return os.read(self.error_fd, READ_BYTES) or None
        except BlockingIOError:
            return b""

    def terminate(self) -> None:
        """Send SIGTERM to the child."""
        os.kill(self._child.pid, signal.SIGTERM)  # not yet waited for, so the id is still this child's

    def kill(self) -> None:
        """Send SIGKILL to the child and everything it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)

    def bury(self) -> str:
        """Return how the child ended, after `exit_fd` said so, and release all that was held for it.

        Its process group is killed before its id is given back, so that what it started does not stay.
        """
        self.kill()
        status = self._child.wait()
        self.close()
        return exit_in_words(status)

    def close(self) -> None:
        """Close the descriptors; a child that is still there sees its wire end."""
        self._socket.close()
        os.close(self.exit_fd)
        os.close(self.error_fd)
