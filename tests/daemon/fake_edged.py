"""`fake_edged.py PLAY ARGUMENT…` is `edged ARGUMENT…` with the vision child of fake_vision.py."""

import sys
from pathlib import Path

from edge.daemon import run
from edge.guard import cli_guard

if __name__ == "__main__":
    fake = Path(__file__).with_name("fake_vision.py")
    command = [sys.executable, "-P", str(fake), sys.argv[1]]
    sys.exit(cli_guard("edged", lambda: run(sys.argv[2:], vision_command=command), log_unexpected=True))
