"""Tells the service manager how the daemon stands: the protocol of sd_notify(3), without its library.

A datagram of `KEY=value` lines goes to the socket that $NOTIFY_SOCKET names: a path, or an abstract name
that begins with `@`. $WATCHDOG_USEC says within how many microseconds a sign of life is wanted, and
$WATCHDOG_PID of which process (sd_watchdog_enabled(3)).
"""

import os
import socket
from collections.abc import Mapping

from edge.redact import one_line

MAX_STATUS = 250  # characters; a terminal's line, and far below what a datagram holds


class NotifySystemd:
    """Implements ports.ServiceNotifier; without an address every call succeeds and does nothing.

    No call waits: a service manager that does not read must not hold up a door. One that could not be told
    makes the call return False, and the caller says it again.
    """

    def __init__(self, address: str | None = None, period: float | None = None) -> None:
        self._address = address
        self._period = period
        self._socket: socket.socket | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], pid: int | None = None) -> "NotifySystemd":
        """Return the notifier of the service manager that started this process, if one did.

        A sign of life is due twice in each of its periods, as sd_watchdog_enabled(3) recommends.
        """
        address = environ.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")):  # sd_notify(3) knows vsock as well, which virtual machines use
            return cls()
        for_us = environ.get("WATCHDOG_PID", "") in {"", str(os.getpid() if pid is None else pid)}
        microseconds = environ.get("WATCHDOG_USEC", "")
        wanted = for_us and microseconds.isascii() and microseconds.isdigit() and int(microseconds) > 0
        return cls(address, int(microseconds) / 2e6 if wanted else None)

    @property
    def period(self) -> float | None:
        """Return in how many seconds each sign of life is due, None where none is wanted."""
        return self._period

    def ready(self, status: str) -> bool:
        """Tell that the service has started."""
        return self._tell(f"READY=1\nSTATUS={_line(status)}")

    def status(self, text: str) -> bool:
        """Tell in a line how things stand; `systemctl status` shows it."""
        return self._tell(f"STATUS={_line(text)}")

    def alive(self) -> bool:
        """Give the sign of life that keeps the watchdog quiet."""
        return self._tell("WATCHDOG=1")

    def stopping(self) -> bool:
        """Tell that the service is about to end."""
        return self._tell("STOPPING=1")

    def close(self) -> None:
        """Close the socket; may be called twice."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _tell(self, message: str) -> bool:
        if self._address is None:
            return True
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            self._socket.sendto(message.encode(), socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL, address)
        except OSError:
            return False
        return True


def _line(text: str) -> str:
    return one_line(text)[:MAX_STATUS]
