"""A camera that is a command: writes Motion JPEG and fails as a file tells it to, frame by frame.

`python faulty_camera.py CONTROL`: the file holds one word, read before each frame.
"""

import os
import sys
import time

import cv2
import numpy as np

RATE = 15
RANDOM = np.random.default_rng()


def jpeg(width: int, height: int, *, light: int = 120) -> bytes:
    """Return a rough, noisy picture; with no light a black one."""
    picture = np.zeros((height, width, 3), np.uint8)
    if light:
        wall = np.linspace(light - 40, light + 40, width)[None, :, None]
        noise = RANDOM.normal(0, 12, (height, width, 3))
        picture = np.clip(wall + noise, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", picture)[1].tobytes()


def main() -> None:
    """Write until the end of the pipe."""
    cv2.setNumThreads(1)
    last = jpeg(160, 90)
    while True:
        with open(sys.argv[1], encoding="ascii") as control:  # noqa: PTH123 - as short as can be
            fault = control.read().strip()
        if fault == "ends":
            sys.exit("the camera was unplugged")
        if fault == "blocks":
            time.sleep(0.05)
            continue
        if fault == "garbage":
            data = os.urandom(3000)
        elif fault == "black":
            data = jpeg(160, 90, light=0)
        elif fault == "resizes":
            data = jpeg(200, 120)
        else:
            data = last if fault == "repeats" else jpeg(160, 90)
            last = data
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            os._exit(0)
        time.sleep(1 / RATE)


if __name__ == "__main__":
    main()
