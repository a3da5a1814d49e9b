"""The vision child's program: `python -m edge.vision_main WIRE_FD PARENT_PID`, started by the parent only.

Nothing heavy is loaded before the first message has come, and everything it needs comes in that message.
"""

import json
import signal
import socket
import sys
from types import FrameType

from edge.die_with import die_with
from edge.errors import EdgeError
from edge.guard import cli_guard
from edge.vision_link import VisionLink
from edge.vision_wire import Fatal, Start

USAGE = 2


def main() -> int:
    """Run the child and return its exit status."""
    if len(sys.argv) != 3:  # noqa: PLR2004 - two arguments and the name
        return USAGE
    return cli_guard("edged vision", lambda: run(int(sys.argv[1]), int(sys.argv[2])), log_unexpected=True)


def run(wire_fd: int, parent: int) -> int:
    """Work until the parent says stop, or is gone, or the film is over and the parent knows."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which stops this one in order
    die_with(parent)
    link = VisionLink(socket.socket(fileno=wire_fd))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        link.stop()

    signal.signal(signal.SIGTERM, stop)
    first = link.first()
    if first is None:
        return 0
    try:
        _see(link, first)
    except EdgeError as error:
        link.send(Fatal(line=" ".join(str(error).split())[:500]))
        return 1
    return 0


def _see(link: VisionLink, first: Start) -> None:
    from edge.bootstrap.vision import build_vision
    from edge.config import Settings
    from edge.log import configure_logging

    settings = Settings.model_validate_json(json.dumps(first.settings))
    configure_logging(settings.log.level, "json")  # the parent reads it and writes it as configured
    build_vision(settings, link, until_end=first.until_end, live_fd=first.live_fd).run()


if __name__ == "__main__":
    sys.exit(main())
