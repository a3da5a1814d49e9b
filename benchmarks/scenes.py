"""Films with several people in them, cut out of photographs, and the truth about every frame."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import dlib
import numpy as np
from numpy.typing import NDArray

from deploy.demo.cut_out import CutOut, Portrait, Pose
from deploy.demo.films import ENROLLED, HEIGHT, RATE, SAME_PERSON, STRANGER, WIDTH, developed, wall

ROOT = Path(__file__).resolve().parent.parent
ASSETS = Path(os.environ.get("EDGE_TEST_ASSETS") or ROOT / "var/cache/assets")
QUALITY = 90  # of the film's JPEG pictures, which then have 40 kB with their noise, as a USB camera's

Way: TypeAlias = Callable[[float], Pose | None]


@dataclass(frozen=True)
class Model:
    """Somebody to put into films: one photograph to enrol, another one to be seen in."""

    name: str
    enrolled: Path
    folder: Path
    portrait: Portrait


@dataclass(frozen=True)
class Actor:
    """A model and where its face is at each second of the film; of two, the later in a list is in front."""

    model: Model
    way: Way


@dataclass(frozen=True)
class Seen:
    """Somebody in one frame: the face's centre, width and motion blur, and whether it is wholly inside."""

    name: str
    x: float
    y: float
    width: float
    blur: float
    whole: bool


def presidents() -> list[Model]:
    """Return the two whose photographs set-up fetches; of one there is only one picture."""
    folder = ASSETS / "presidents"
    return [
        Model("obama", folder / ENROLLED.file, folder, SAME_PERSON),
        Model("biden", folder / STRANGER.file, folder, STRANGER),
    ]


def london(most: int | None = None) -> list[Model]:
    """Return the people of the London set, seen smiling and enrolled neutral; none without EDGE_TEST_DATA."""
    data = os.environ.get("EDGE_TEST_DATA")
    if not data:
        return []
    detector = dlib.get_frontal_face_detector()
    models = []
    for folder in sorted((Path(data) / "photos/london").iterdir())[:most]:
        if folder.is_dir():
            picture = cv2.imread(str(folder / "smiling.jpg"))
            assert picture is not None, folder
            boxes = list(detector(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), 0))
            if boxes:
                box = max(boxes, key=lambda one: one.width())
                portrait = Portrait("smiling.jpg", box.left(), box.top(), box.width())
                models.append(Model(folder.name, folder / "neutral.jpg", folder, portrait))
    return models


def frames(
    actors: Sequence[Actor], seconds: float, *, exposure: float = 1 / 120, seed: int = 20, rate: float = RATE
) -> Iterator[tuple[NDArray[np.uint8], list[Seen]]]:
    """Yield BGR frames of 640×360 with everybody who is to be seen in them, from the back to the front."""
    random = np.random.default_rng(seed)
    scene = wall(random)
    cut = {one: CutOut(one.folder, one.portrait) for one in {actor.model for actor in actors}}
    people = [cut[actor.model] for actor in actors]
    for number in range(round(seconds * rate)):
        at = number / rate
        light, seen = scene, []
        for actor, person in zip(actors, people, strict=True):
            pose, later = actor.way(at), actor.way(at + exposure)
            if pose and later:
                blur = abs(later.x - pose.x)
                light = person.put(light, pose, blur)
                reach = (pose.width + blur) / 2
                whole = (
                    reach <= pose.x <= WIDTH - reach and pose.width / 2 <= pose.y <= HEIGHT - pose.width / 2
                )
                seen.append(
                    Seen(
                        actor.model.name,
                        float(pose.x),
                        float(pose.y),
                        float(pose.width),
                        float(blur),
                        bool(whole),
                    )
                )
        yield developed(light, random), seen


def write(
    path: Path, shown: Iterator[tuple[NDArray[np.uint8], list[Seen]]], rate: float = RATE
) -> list[list[Seen]]:
    """Write a Motion JPEG film at `path` and its truth beside it as JSON; return the truth."""
    coder = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), cv2.CAP_OPENCV_MJPEG, coder, rate, (WIDTH, HEIGHT))
    assert writer.isOpened(), path
    assert writer.set(cv2.VIDEOWRITER_PROP_QUALITY, QUALITY)  # which OpenCV's other writers ignore
    truth = []
    for picture, seen in shown:
        writer.write(picture)
        truth.append(seen)
    writer.release()
    told = [[asdict(one) for one in seen] for seen in truth]
    path.with_suffix(".json").write_text(json.dumps({"rate": rate, "frames": told}))
    return truth
