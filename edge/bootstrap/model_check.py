"""The models in use, looked at by the parent before it opens or changes anything.

Only profiles are read and files hashed; what computes with them is loaded by the vision child alone, which
checks them once more.
"""

import structlog

from edge.bootstrap.recognition import embedder_profile, recognition_rules
from edge.config import Settings
from edge.domain.face import LandmarkScheme
from edge.models.catalogue import recommended
from edge.models.profile import ModelProfile
from edge.models.profile_file import installed, load_profile
from edge.models.use import BUILT_IN, LANDMARKER, check_fit, detector_scheme

log = structlog.get_logger("edge.models")


def models_in_use(settings: Settings) -> list[ModelProfile]:
    """Return the profiles of all models that the configuration makes use of, the embedder first.

    Raises ModelError where one is not installed or they do not fit together.
    """
    embedder, detector = embedder_profile(settings), settings.vision.detector
    check_fit(embedder, detector, detector_scheme(settings.models_dir, detector))
    others = [] if detector == BUILT_IN else [detector]
    if embedder.landmarks is LandmarkScheme.DLIB5:
        others.append(LANDMARKER)
    return [embedder, *(load_profile(settings.models_dir, name) for name in others)]


def check_models(settings: Settings) -> None:
    """Refuse models that are missing, damaged, do not fit together or do not reach the threshold set.

    Raises ModelError and ConfigError. Hashing takes a quarter of a second for a hundred megabytes.
    """
    used = models_in_use(settings)
    recognition_rules(settings, used[0])
    for profile in used:
        profile.verify()


def recommend_models(settings: Settings) -> None:
    """Say in the log which known models are better than a default and not installed here."""
    for line in recommended([profile.name for profile in installed(settings.models_dir)]):
        log.info(line)
