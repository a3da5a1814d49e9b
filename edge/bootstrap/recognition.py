"""The parts that see, compare and enrol, put together as the settings and the model's profile say."""

import dataclasses
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from edge.bootstrap.parts import parts
from edge.bootstrap.storage import people as writable_people
from edge.compare import Comparer
from edge.config import EnrolmentSettings, QualitySettings, Settings
from edge.domain.enrolment import EnrolmentRules
from edge.domain.face import Picture
from edge.domain.gallery import Gallery
from edge.domain.quality import QualityLimits
from edge.domain.recognise import RecognitionRules
from edge.domain.risk import GalleryRisk
from edge.domain.risk import gallery_risk as risk_of
from edge.domain.score import ScoreScale
from edge.enrol import Enrolment
from edge.errors import ConfigError
from edge.gallery_sync import GallerySync
from edge.identify import Identifier
from edge.models.profile import ModelProfile
from edge.models.profile_file import load_profile
from edge.pipeline import StillPipeline
from edge.ports import Embedder, PeopleReader, References
from edge.stage_times import (
    StageTimes,
    TimedAligner,
    TimedDetector,
    TimedEmbedder,
    TimedLandmarker,
    TimedMeter,
)

if TYPE_CHECKING:
    from edge.adapters.embedder_onnx import EmbedderOnnx


def read_pictures(paths: Sequence[Path]) -> list[tuple[str, Picture]]:
    """Return (file name, RGB picture) of each file, all or none; raises ImageError."""
    from edge.adapters.picture_file import read_picture

    return [(path.name, read_picture(path)) for path in paths]


def embedder_profile(settings: Settings) -> ModelProfile:
    """Return the profile of the embedder in use; raises ModelError where it is not installed."""
    return load_profile(settings.models_dir, settings.vision.model)


def loaded_embedder(settings: Settings, profile: ModelProfile) -> "EmbedderOnnx":
    """Return the embedder with its model loaded; raises ModelError."""
    from edge.adapters.embedder_onnx import EmbedderOnnx

    provider = settings.vision.provider
    embedder = EmbedderOnnx(
        profile,
        threads=settings.vision.threads,
        providers="auto" if provider == "auto" else (provider,),
    )
    embedder.load()
    return embedder


def still_pipeline(
    settings: Settings,
    profile: ModelProfile,
    embedder: Embedder | None = None,
    times: StageTimes | None = None,
) -> StillPipeline:
    """Return the pipeline of one picture with its models loaded; raises ModelError.

    `embedder` is taken instead of a new one where the caller has it loaded. With `times` each part is
    measured.
    """
    from edge.adapters.quality_cv2 import QualityCv2

    chosen, embedder = parts(settings, profile), embedder or loaded_embedder(settings, profile)
    if times is None:
        return StillPipeline(
            detector=chosen.detector,
            landmarker=chosen.landmarker,
            aligner=chosen.aligner,
            meter=QualityCv2(),
            embedder=embedder,
        )
    return StillPipeline(
        detector=TimedDetector(chosen.detector, times),
        landmarker=TimedLandmarker(chosen.landmarker, times) if chosen.landmarker else None,
        aligner=TimedAligner(chosen.aligner, times),
        meter=TimedMeter(QualityCv2(), times),
        embedder=TimedEmbedder(embedder, times),
    )


def threshold(settings: Settings, profile: ModelProfile) -> float:
    """Return the threshold in force, as a score.

    Raises ConfigError for a percent that no score of the model reaches, or that every score reaches, and for
    a score outside of the model's range.
    """
    chosen, scale = settings.recognition, profile.vectors.scale
    if chosen.threshold_percent is not None:
        try:
            return scale.score(chosen.threshold_percent)
        except ConfigError as error:
            place = settings.origin("recognition.threshold_percent").where
            raise ConfigError(
                [f"{place}: recognition.threshold_percent: {text}" for text in error.problems]
            ) from None
    if chosen.threshold_score is not None:
        if not scale.low <= chosen.threshold_score <= scale.high:
            place = settings.origin("recognition.threshold_score").where
            reach = f"{scale.low:g} to {scale.high:g}"
            text = f"{chosen.threshold_score:g} is no score of {profile.name}; give {reach}"
            raise ConfigError([f"{place}: recognition.threshold_score: {text}"])
        return chosen.threshold_score
    vectors = profile.vectors
    return vectors.door if settings.access.mode == "door" else vectors.attendance


def recognition_rules(settings: Settings, profile: ModelProfile) -> RecognitionRules:
    """Return the rules of recognition: the settings' values, the profile's where they are unset."""
    chosen = settings.recognition
    return RecognitionRules(
        threshold=threshold(settings, profile),
        margin=profile.vectors.margin if chosen.margin is None else chosen.margin,
        agree_frames=chosen.agree_frames,
        fresh_seconds=chosen.fresh_seconds,
    )


def quality_limits(settings: QualitySettings) -> QualityLimits:
    """Return the limits of quality as the core takes them."""
    names = {field.name for field in dataclasses.fields(QualityLimits)}
    return QualityLimits(**{name: value for name, value in settings.model_dump().items() if name in names})


def enrolment_rules(settings: Settings, profile: ModelProfile) -> EnrolmentRules:
    """Return the rules of the gate."""
    gate: EnrolmentSettings = settings.enrolment
    rules = recognition_rules(settings, profile)
    vectors = profile.vectors
    return EnrolmentRules(
        scale=vectors.scale,
        threshold=rules.threshold,
        margin=rules.margin,
        same_person=vectors.textbook,
        duplicate=vectors.duplicate if gate.duplicate_score is None else gate.duplicate_score,
        max_references=gate.max_references,
        quality=quality_limits(gate),
        keep_crops=gate.keep_crops,
    )


def load_gallery(references: References, profile: ModelProfile) -> Gallery:
    """Return the gallery of the profile's model version."""
    gallery = Gallery(profile.vectors.metric, profile.vectors.dimension)
    GallerySync(references, gallery, profile.version).refresh()
    return gallery


def gallery_risk(settings: Settings, reader: PeopleReader) -> GalleryRisk | None:
    """Return what the gallery risks at the threshold in force; None where the model is not installed."""
    if not (settings.models_dir / settings.vision.model).is_dir():
        return None
    profile = embedder_profile(settings)
    enrolled = reader.enrolled(profile.version)
    return risk_of(profile.false_matches, threshold(settings, profile), enrolled, settings.access.max_fpir)


@contextmanager
def enrolment(settings: Settings) -> Iterator[Enrolment]:
    """Give the use case that enrols, its models loaded; raises ModelError, StoreError, ConfigError."""
    profile = embedder_profile(settings)
    rules = enrolment_rules(settings, profile)
    pipeline = still_pipeline(settings, profile)
    with writable_people(settings) as everybody:
        yield Enrolment(pipeline=pipeline, people=everybody, rules=rules)


@dataclass(frozen=True, slots=True, eq=False)
class Station:
    """What `identify` needs and shows: the use case, who is who, and what the gallery risks."""

    identifier: Identifier
    names: dict[str, str]
    scale: ScoreScale
    threshold: float
    risk: GalleryRisk
    model_version: str


def station(settings: Settings, reader: PeopleReader) -> Station:
    """Return the use case that identifies, its models loaded and its gallery read."""
    profile = embedder_profile(settings)
    rules = recognition_rules(settings, profile)
    snapshot = load_gallery(reader, profile).snapshot
    identifier = Identifier(
        pipeline=still_pipeline(settings, profile),
        gallery=snapshot,
        scale=profile.vectors.scale,
        rules=rules,
        limits=quality_limits(settings.quality),
    )
    return Station(
        identifier=identifier,
        names={person.id: person.name for person in reader.people()},
        scale=profile.vectors.scale,
        threshold=rules.threshold,
        risk=risk_of(profile.false_matches, rules.threshold, snapshot.people, settings.access.max_fpir),
        model_version=profile.version,
    )


def comparer(settings: Settings) -> Comparer:
    """Return the use case that compares two pictures, its models loaded."""
    profile = embedder_profile(settings)
    return Comparer(
        pipeline=still_pipeline(settings, profile),
        scale=profile.vectors.scale,
        threshold=threshold(settings, profile),
        limits=quality_limits(settings.quality),
    )
