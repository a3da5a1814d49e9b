"""A vision child that sees nothing: `fake_vision.py PLAY WIRE_FD PARENT_PID` says what PLAY tells it to.

PLAY is a JSON file with a list of steps: a message object to send (`at` and `first_seen` are seconds relative
to now), or one of ["sleep", s], ["exit", code], ["kill", signal], ["stop-self"], ["raw", text], ["flood"],
["close-wire"], ["hang"], ["ignore-term"], ["stderr", text], ["spawn", pidfile], ["note-pid", file],
["once", marker file]: go on only where the marker is missing, and make it. After the last step it lives on
with progress until the parent says stop.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from socket import socket
from typing import Any

from edge.die_with import die_with
from edge.vision_link import VisionLink
from edge.vision_wire import Progress


def main() -> int:
    wire = socket(fileno=int(sys.argv[2]))
    die_with(int(sys.argv[3]))
    link = VisionLink(wire)
    signal.signal(signal.SIGTERM, lambda *_: link.stop())
    assert link.first() is not None
    for step in json.loads(Path(sys.argv[1]).read_text()):
        if not _play(step, link, wire):
            break
    while not link.stopping:
        link.send(Progress(frames=1, people=1, references=1))
        link.wait(0.1)
    return 0


def _play(step: Any, link: VisionLink, wire: socket) -> bool:
    if isinstance(step, dict):
        now = time.monotonic()
        step |= {key: now + step[key] for key in ("at", "first_seen") if key in step}
        wire.sendall(json.dumps(step).encode() + b"\n")
        return True
    name, *rest = step
    if name == "once":
        if Path(rest[0]).exists():
            return False
        Path(rest[0]).touch()
        return True
    _ACTS[name](link, wire, *rest)
    return True


def _hang(*_: Any) -> None:
    while True:
        time.sleep(60)


def _flood(_link: VisionLink, wire: socket) -> None:
    while True:
        wire.sendall(b"x" * 65536)


def _spawn(_link: VisionLink, _wire: socket, pidfile: str) -> None:
    child = subprocess.Popen(["/bin/sleep", "600"])
    Path(pidfile).write_text(str(child.pid))


_ACTS: dict[str, Callable[..., object]] = {
    "sleep": lambda _link, _wire, seconds: time.sleep(seconds),
    "exit": lambda _link, _wire, code: os._exit(code),
    "kill": lambda _link, _wire, number: os.kill(os.getpid(), number),
    "stop-self": lambda _link, _wire: os.kill(os.getpid(), signal.SIGSTOP),
    "raw": lambda _link, wire, text: wire.sendall(text.encode() + b"\n"),
    "flood": _flood,
    "close-wire": lambda _link, wire: wire.close(),
    "hang": _hang,
    "ignore-term": lambda _link, _wire: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "stderr": lambda _link, _wire, text: os.write(2, text.encode()),
    "spawn": _spawn,
    "note-pid": lambda _link, _wire, path: Path(path).write_text(str(os.getpid())),
}

if __name__ == "__main__":
    sys.exit(main())
