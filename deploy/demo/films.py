"""Makes the demo's films out of photographs: somebody comes to a camera in front of a plain wall.

A film is 640×360 Motion JPEG at 15 frames a second, as many a USB camera gives. Beside `NAME.avi` lies
`NAME.json`, its ground truth: for each frame what is really to be seen in it.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from deploy.demo.cut_out import SEED, CutOut, Layer, Portrait, Pose

WIDTH, HEIGHT, RATE = 640, 360, 15
NOISE = 1.5  # grey levels, standard deviation of the sensor's noise
SHARPENING = 0.6  # share of the finest detail that small cameras add once more

# obama.jpg is the picture that is enrolled; obama3.jpg was taken on another day, in another place.
ENROLLED = Portrait("obama.jpg", 366, 136, 259)
SAME_PERSON = Portrait("obama3.jpg", 646, 302, 310)
STRANGER = Portrait("biden.jpg", 439, 233, 311)


@dataclass(frozen=True)
class FrameTruth:
    """One frame: the face's width (0 where none is wholly in the picture), and its motion blur, in pixels."""

    width: float
    blur: float


@dataclass(frozen=True)
class Film:
    """Who (None: nobody) moves how, for how many seconds, at what exposure time in seconds."""

    name: str
    title: str
    portrait: Portrait | None
    path: Callable[[float], Pose | None]
    seconds: float
    exposure: float


def walk_up(at: float) -> Pose | None:
    """Return the pose of somebody who comes from 3 m to 0.8 m, stays for 3 s and leaves to the right."""
    come, stay, leave = 0.5, 3.0, 6.0  # seconds at which each begins
    if at < come:
        return None
    metres = max(3.0 - 0.88 * (at - come), 0.8)  # an unhurried walk
    width = 120 / metres  # pixels: 40 at first, 150 at last
    x, y = WIDTH / 2, 150.0
    if at < stay:  # the bob of walking, two steps a second
        return Pose(x + 0.02 * width * math.sin(6.3 * at), y + 0.02 * width * math.sin(12.6 * at), width)
    still = at - stay
    x += 4 * math.sin(1.9 * still) + 500 * max(at - leave, 0) ** 2
    return Pose(x, y + 2 * math.sin(2.7 * still), width * (1 + 0.015 * math.sin(1.3 * still)))


def pass_by(at: float) -> Pose | None:
    """Return the pose of somebody who hurries past the camera from left to right, within two seconds."""
    enter, speed, width = 0.5, 450.0, 170.0
    return Pose(speed * (at - enter) - width, 170, width) if at > enter else None


def nobody(_at: float) -> Pose | None:
    """Return no pose: an empty scene."""
    return None


FILMS = (
    Film("walk-up", "he walks up, in another picture", SAME_PERSON, walk_up, 7.5, 1 / 120),
    Film("stranger", "a stranger walks up", STRANGER, walk_up, 7.5, 1 / 120),
    Film("empty", "nobody is there", None, nobody, 4.0, 1 / 120),
    Film(
        "blurred", "he hurries by, a blur", ENROLLED, pass_by, 3.0, 1 / 15
    ),  # a dark corridor: long exposures
)


def make_film(film: Film, photographs: Path, folder: Path) -> Path:
    """Write `film` and its truth into `folder`; return the film's path."""
    path = folder / f"{film.name}.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (WIDTH, HEIGHT))
    if not writer.isOpened():
        raise SystemExit(f"{path}: OpenCV cannot write a Motion JPEG film there")
    writer.set(cv2.VIDEOWRITER_PROP_QUALITY, 95)
    truths = []
    for picture, truth in exposures(film, photographs):
        writer.write(picture)
        truths.append(asdict(truth))
    writer.release()
    path.with_suffix(".json").write_text(json.dumps({"rate": RATE, "frames": truths}), encoding="utf-8")
    return path


def exposures(film: Film, photographs: Path) -> Iterator[tuple[NDArray[np.uint8], FrameTruth]]:
    """Yield the frames of a film (BGR, HEIGHT×WIDTH×3), each with its truth."""
    random = np.random.default_rng(SEED)
    scene = wall(random)
    person = CutOut(photographs, film.portrait) if film.portrait else None
    for number in range(round(film.seconds * RATE)):
        pose, later = film.path(number / RATE), film.path(number / RATE + film.exposure)
        light, truth = scene, FrameTruth(0, 0)
        if person and pose and later:
            blur = abs(later.x - pose.x)
            light = person.put(scene, pose, blur)
            reach = (pose.width + blur) / 2
            seen = reach <= pose.x <= WIDTH - reach
            truth = FrameTruth(round(pose.width if seen else 0, 1), round(blur, 1))
        yield developed(light, random), truth


def wall(random: np.random.Generator) -> Layer:
    """Return a slightly rough wall, lit from the left."""
    rough = random.normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    plaster = 6 * cv2.GaussianBlur(rough, (0, 0), 2) + 120 * cv2.GaussianBlur(rough, (0, 0), 40)
    light = plaster + np.linspace(15, -15, WIDTH, dtype=np.float32)
    return np.asarray(light[..., None] + np.array([150, 160, 168], np.float32), np.float32)


def developed(light: Layer, random: np.random.Generator) -> NDArray[np.uint8]:
    """Return the picture a small camera makes of `light`: noise, and its usual sharpening."""
    noisy = light + random.normal(0, NOISE, light.shape).astype(np.float32)
    sharp = noisy + SHARPENING * (noisy - cv2.GaussianBlur(noisy, (0, 0), 1.0))
    return np.clip(sharp, 0, 255).astype(np.uint8)
