"""Crops of the site's own photographs, for calibrating and measuring models."""

from pathlib import Path

from edge.config import Settings
from edge.domain.face import Picture
from edge.errors import ImageError
from edge.models.profile_file import load_profile
from edge.models.use import LANDMARKER

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


def dlib_crops(settings: Settings, folder: Path) -> list[Picture]:
    """Return the 150×150 crop of the most confident face of each picture below a folder, by file name.

    Pictures without a face are passed over. Raises ImageError where the folder holds no face at all or a
    picture cannot be read, and ModelError where dlib's landmarker is not installed.
    """
    from edge.adapters.aligner_dlib import AlignerDlib
    from edge.adapters.detector_dlib import DetectorDlib
    from edge.adapters.landmarker_dlib import LandmarkerDlib
    from edge.adapters.picture_file import read_picture

    if not folder.is_dir():
        raise ImageError(f"{folder}: no such folder")
    points = load_profile(settings.models_dir, LANDMARKER)
    points.verify()
    detector, landmarker = DetectorDlib(min_face=settings.vision.min_face), LandmarkerDlib(points.path)
    aligner = AlignerDlib()
    crops: list[Picture] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            picture = read_picture(path)
            crops += [
                aligner.align(picture, landmarker.locate(picture, detection.box))
                for detection in detector.detect(picture)[:1]
            ]
    if not crops:
        raise ImageError(f"{folder}: no face was found in any picture there")
    return crops
