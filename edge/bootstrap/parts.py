"""What finds and cuts faces, as the settings choose it and the embedder's profile needs it."""

from dataclasses import dataclass

from edge.config import Settings
from edge.domain.dlib_box import dlib_square
from edge.domain.face import Box, Landmarks, LandmarkScheme, Picture
from edge.models.profile import ModelProfile
from edge.models.profile_file import load_profile
from edge.models.use import BUILT_IN, LANDMARKER, check_fit, detector_scheme
from edge.ports import Aligner, Detector, Landmarker


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts before the embedder; `landmarker` is None where the detector brings its points along."""

    detector: Detector
    landmarker: Landmarker | None
    aligner: Aligner


def parts(settings: Settings, profile: ModelProfile) -> Parts:
    """Return the parts that serve an embedder, their model files checked.

    Raises ModelError where one is missing, damaged, or does not fit.
    """
    name = settings.vision.detector
    check_fit(profile, name, detector_scheme(settings.models_dir, name))
    needs_landmarker = profile.landmarks is LandmarkScheme.DLIB5
    return Parts(_detector(settings), _landmarker(settings) if needs_landmarker else None, _aligner(profile))


def _detector(settings: Settings) -> Detector:
    if settings.vision.detector == BUILT_IN:
        from edge.adapters.detector_dlib import DetectorDlib

        return DetectorDlib(min_face=settings.vision.min_face)
    from edge.adapters.detector_yunet import DetectorYunet

    model = load_profile(settings.models_dir, settings.vision.detector)
    model.verify()
    detector = DetectorYunet(model.path, min_face=settings.vision.min_face)
    detector.load()
    return detector


def _landmarker(settings: Settings) -> Landmarker:
    from edge.adapters.landmarker_dlib import LandmarkerDlib

    points = load_profile(settings.models_dir, LANDMARKER)
    points.verify()
    landmarker = LandmarkerDlib(points.path)
    return landmarker if settings.vision.detector == BUILT_IN else _InDlibSquares(landmarker)


def _aligner(profile: ModelProfile) -> Aligner:
    crop, pixels = profile.crop, profile.pixels
    if crop.kind == "dlib_chip":
        from edge.adapters.aligner_dlib import AlignerDlib

        return AlignerDlib(size=crop.size, padding=crop.padding)
    from edge.adapters.aligner_template import AlignerTemplate

    return AlignerTemplate(crop.template, width=pixels.width, height=pixels.height)


@dataclass(frozen=True, slots=True)
class _InDlibSquares:
    """dlib's landmarker behind a detector whose boxes are not dlib's squares."""

    landmarker: Landmarker

    @property
    def scheme(self) -> LandmarkScheme:
        """Return the scheme of the points found."""
        return self.landmarker.scheme

    def locate(self, picture: Picture, box: Box) -> Landmarks:
        """Return the landmarks of the face in the other detector's `box`."""
        return self.landmarker.locate(picture, dlib_square(box))
