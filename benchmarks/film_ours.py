"""Shows a film to the vision child's own loop and prints what it cost and whom it named, as JSON.

`python -m benchmarks.film_ours FOLDER FILM RATE`: the terminal's data folder; every frame is offered.
"""

import json
import os
import sys
from pathlib import Path

from benchmarks import terminal
from edge.bootstrap.vision import build_vision
from edge.vision_wire import Ended, Message, NotRecognised, Recognised, encode


class Tally:
    """The parent's end of the wire: encodes what is sent, as the real one does, and keeps it."""

    def __init__(self) -> None:
        self.stopping = False
        self.heard: list[Message] = []

    def send(self, message: Message) -> None:
        encode(message)
        self.heard.append(message)

    def wait(self, seconds: float) -> None:
        """End: only after the film does the loop wait at all."""
        del seconds
        self.stopping = True


def main() -> None:
    folder, film, rate = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    tally = Tally()
    loop = build_vision(terminal.settings(folder, film, rate=rate), tally, until_end=True)
    before = os.times()
    loop.run()
    after = os.times()
    frames = sum(one.frames for one in tally.heard if isinstance(one, Ended))
    print(
        json.dumps(
            {
                "cpu": after.user + after.system - before.user - before.system,
                "frames": frames,
                "named": [one.person_id for one in tally.heard if isinstance(one, Recognised)],
                "nobody": [one.reason for one in tally.heard if isinstance(one, NotRecognised)],
            }
        )
    )


if __name__ == "__main__":
    main()
