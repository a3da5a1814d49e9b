"""Is a face good enough to be compared, and if not, what would the person have to do."""

from dataclasses import dataclass
from enum import StrEnum

from edge.domain.face import QualityFigures


class QualityReason(StrEnum):
    """Why a face is not good enough; `sentence` is what to tell the person."""

    NOT_A_FACE = "not_a_face"
    TOO_NEAR = "too_near"
    CUT_OFF = "cut_off"
    TOO_FAR = "too_far"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    LOW_CONTRAST = "low_contrast"
    LOOK_AT_CAMERA = "look_at_camera"
    HOLD_STILL = "hold_still"

    @property
    def sentence(self) -> str:
        """Return one sentence to the person in front of the camera."""
        return SENTENCES[self]


SENTENCES = {
    QualityReason.NOT_A_FACE: "no clear face; take off what covers it and face the camera",
    QualityReason.TOO_NEAR: "the face is too near; step back",
    QualityReason.CUT_OFF: "part of the face is outside of the picture; move to its middle",
    QualityReason.TOO_FAR: "the face is too small; come closer",
    QualityReason.TOO_DARK: "the face is too dark; bring light in front of it",
    QualityReason.TOO_BRIGHT: "the face is too bright; turn away from the strong light",
    QualityReason.LOOK_AT_CAMERA: "the face is turned away; face the camera",
    QualityReason.HOLD_STILL: "the face is blurred; hold still",
    QualityReason.LOW_CONTRAST: "the face is hard to see; wipe the lens or take off what covers it",
}

# Times the lowest brightness: where a face has little contrast and less light than this, it lacks light.
# Portraits taken at 0.3 of their light have a brightness of 23 to 48 and a contrast of 10 to 20.
DIM = 1.5


@dataclass(frozen=True, slots=True)
class QualityLimits:
    """The limits of the figures, each in the unit of `QualityFigures`; what is at a limit still passes.

    They have no defaults here: the configuration's are the only ones.
    """

    min_width: float
    min_sharpness: float
    min_brightness: float
    max_brightness: float
    min_contrast: float
    max_saturated: float
    min_inside: float
    max_yaw: float
    max_pitch: float
    max_roll: float
    min_detector: float
    max_span: float


@dataclass(frozen=True, slots=True)
class QualityVerdict:
    """What is wrong with a face, the reason to act on first; nothing where it is good."""

    reasons: tuple[QualityReason, ...] = ()

    @property
    def ok(self) -> bool:
        """Return whether the face is good enough."""
        return not self.reasons


def judge(figures: QualityFigures, limits: QualityLimits) -> QualityVerdict:
    """Return what is wrong with a face by the limits.

    Causes come before their effects: a face too near is cut off as well, a dark camera exposes long and
    blurs, what fogs a face takes its sharpness too. A figure that is no number counts as wrong.
    """
    grey = figures.contrast >= limits.min_contrast
    dim = figures.brightness < DIM * limits.min_brightness
    good = {
        QualityReason.NOT_A_FACE: figures.detector >= limits.min_detector,
        QualityReason.TOO_NEAR: figures.span <= limits.max_span,
        QualityReason.CUT_OFF: figures.inside >= limits.min_inside,
        QualityReason.TOO_FAR: figures.face_width >= limits.min_width,
        QualityReason.TOO_DARK: figures.brightness >= limits.min_brightness and (grey or not dim),
        QualityReason.TOO_BRIGHT: figures.brightness <= limits.max_brightness
        and figures.saturated <= limits.max_saturated,
        QualityReason.LOW_CONTRAST: grey or dim,
        QualityReason.LOOK_AT_CAMERA: abs(figures.yaw) <= limits.max_yaw
        and abs(figures.pitch) <= limits.max_pitch
        and abs(figures.roll) <= limits.max_roll,
        QualityReason.HOLD_STILL: figures.sharpness >= limits.min_sharpness,
    }
    return QualityVerdict(tuple(reason for reason, holds in good.items() if not holds))
