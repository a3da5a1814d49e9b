"""The program that looks at strangers' pictures: `python -m edge.examine_main WIRE_FD PARENT_PID`.

Started by the parent only, bound by the kernel to what it needs, and ended after some seconds of rest. A
picture that breaks it breaks nothing else.
"""

import json
import signal
import socket
import sys
from io import BufferedReader

from edge.die_with import die_with
from edge.errors import EdgeError
from edge.examine_gate import ExamineGate
from edge.examine_limits import allow_seconds, limit_process
from edge.examine_wire import FailureBody, ReadyBody, RequestBody, StartBody, line_of
from edge.guard import cli_guard, guarded

USAGE = 2
LONGEST_REQUEST = 64 * 1024  # bytes of the line of a request, and of the configuration
REST = 5.0  # seconds of processor time for a request, and for each picture of it
MAX_TEXT = 500


def main() -> int:
    """Run the child and return its exit status."""
    if len(sys.argv) != 3:  # noqa: PLR2004 - two arguments and the name
        return USAGE
    return cli_guard("edged examiner", lambda: run(int(sys.argv[1]), int(sys.argv[2])))


def run(wire_fd: int, parent: int) -> int:
    """Examine until the parent has no more; returns 1 where it could not begin or go on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends this one
    die_with(parent)
    failed: list[str] = []
    with socket.socket(fileno=wire_fd) as wire, wire.makefile("rb") as requests:
        with guarded("examiner", lambda error: failed.append(_line(error))):
            _examine(wire, requests)
        if failed:
            wire.sendall(line_of(FailureBody(line=failed[0])))
    return 1 if failed else 0


def _line(error: BaseException) -> str:
    text = str(error) if isinstance(error, EdgeError) else f"unexpected {type(error).__name__}"
    return " ".join(text.split())[:MAX_TEXT]


def _examine(wire: socket.socket, requests: BufferedReader) -> None:
    first = requests.readline(LONGEST_REQUEST)
    if not first:
        return
    gate = _build(StartBody.model_validate_json(first))
    limit_process()
    wire.sendall(line_of(ReadyBody()))
    while line := requests.readline(LONGEST_REQUEST):
        request = RequestBody.model_validate_json(line)
        pictures = [requests.read(head.size) for head in request.pictures]
        allow_seconds(REST * (1 + len(pictures)))
        wire.sendall(line_of(gate.examine(request, pictures)))


def _build(start: StartBody) -> ExamineGate:
    from edge.bootstrap.examine import build_gate
    from edge.config import Settings

    return build_gate(Settings.model_validate_json(json.dumps(start.settings)))


if __name__ == "__main__":
    sys.exit(main())
