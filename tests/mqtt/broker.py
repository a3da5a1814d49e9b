"""A real mosquitto on a free port, which tests kill, stop and continue."""

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")

# What is acknowledged is with the subscriber: nothing waits in the broker's memory for a window to open.
# As root it stays root, so that it may read what a test wrote.
UNBOUNDED = ("max_inflight_messages 0", "max_queued_messages 0", "user root")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_until_open(port: int, patience: float = 10.0) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


@dataclass
class Broker:
    """Configured by lines; everybody may connect unless they say otherwise."""

    folder: Path
    lines: tuple[str, ...] = ("allow_anonymous true",)
    listener: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    plain_port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Broker":
        config = self.folder / "mosquitto.conf"
        listener = f"listener {self.port} 127.0.0.1"
        config.write_text("\n".join([*UNBOUNDED, listener, *self.listener, *self.lines]) + "\n")
        with (self.folder / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen([str(MOSQUITTO), "-c", str(config), "-v"], stdout=log, stderr=log)
        wait_until_open(self.port)
        return self

    def log(self) -> str:
        return (self.folder / "mosquitto.log").read_text(errors="replace")

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
            self.process = None
