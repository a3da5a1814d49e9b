"""A service manager's end of the socket that $NOTIFY_SOCKET names."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass
class Manager:
    """What systemd would hear: (monotonic second, lines of one datagram), in order."""

    address: str
    end: socket.socket
    heard: list[tuple[float, list[str]]] = field(default_factory=list)
    thread: threading.Thread | None = None

    def listen(self) -> None:
        self.end.settimeout(0.1)
        self.thread = threading.Thread(target=self._hear)
        self.thread.start()

    def _hear(self) -> None:
        while self.end.fileno() >= 0:
            try:
                data = self.end.recv(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            self.heard.append((time.monotonic(), data.decode().split("\n")))

    def times(self, line: str) -> list[float]:
        return [at for at, lines in self.heard if line in lines]

    def statuses(self) -> list[str]:
        return [line[7:] for _, lines in self.heard for line in lines if line.startswith("STATUS=")]

    def close(self) -> None:
        self.end.close()
        if self.thread is not None:
            self.thread.join(5)


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[Callable[[str], Manager]]:
    """Return what makes a manager at an address; without one, at a path of the test's own."""
    made: list[Manager] = []

    def listen(address: str = "") -> Manager:
        address = address or str(tmp_path / "notify")
        end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        end.bind(f"\0{address[1:]}" if address.startswith("@") else address)
        manager = Manager(address, end)
        manager.listen()
        made.append(manager)
        return manager

    yield listen
    for manager in made:
        manager.close()
