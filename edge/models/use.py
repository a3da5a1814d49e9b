"""Use case: choose the embedder, or what finds faces for it, in the configuration."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.config import Settings, load_settings
from edge.config.edit import with_keys
from edge.domain.face import LandmarkScheme
from edge.errors import ConfigError, ModelError
from edge.models.profile import Form, ModelProfile, Role
from edge.models.profile_file import installed, load_profile, use_form

BUILT_IN = "dlib-hog"  # dlib's own detector needs no model file
LANDMARKER = "dlib-landmarks5"  # finds dlib's five points, after any detector
_MODE = 0o640  # of a new file: a camera's address in it may hold a password


@dataclass(frozen=True, slots=True)
class Choice:
    """What is in use now: the keys of `[vision]` that changed in `file`, and the embedder."""

    file: Path
    changes: Mapping[str, str]
    embedder: ModelProfile


def use_model(settings: Settings, file: Path, name: str, *, form: Form | None = None) -> Choice:
    """Take a model into use: write `[vision]` of the configuration `file`, and the form into the profile.

    `name` is an installed embedder or detector, or `dlib-hog`. An embedder that the detector in use finds no
    landmarks for brings an installed one along that does. Raises ModelError where the parts do not fit
    together, and ConfigError where the file cannot be changed; then nothing is.
    """
    changes = _changes(settings, name)
    embedder = load_profile(settings.models_dir, changes.get("model", settings.vision.model))
    embedder.verify()
    _check_scores(settings, embedder)
    if form is not None:
        embedder.in_form(form).verify()
    if any(getattr(settings.vision, key) != value for key, value in changes.items()):
        _write(file, changes)
    if form is not None and form is not embedder.form:
        embedder = use_form(embedder, form)
    return Choice(file, changes, embedder)


def check_fit(embedder: ModelProfile, detector: str, scheme: LandmarkScheme | None) -> None:
    """Raise ModelError where a detector cannot serve an embedder.

    `scheme` is that of the points the detector finds, None where it finds none. dlib's predictor finds dlib5
    points after any detector; the points of the other scheme only a detector brings along.
    """
    if embedder.landmarks is LandmarkScheme.ARCFACE5 and scheme is not LandmarkScheme.ARCFACE5:
        raise ModelError(
            f"{embedder.name} needs {embedder.landmarks} landmarks, which {detector} does not find: "
            "use a detector such as yunet (`edgectl models pull yunet`)"
        )


def detector_scheme(models_dir: Path, detector: str) -> LandmarkScheme | None:
    """Return the scheme of the points that a detector finds itself; raises ModelError for what is none."""
    if detector == BUILT_IN:
        return None
    profile = load_profile(models_dir, detector)
    if profile.role is not Role.DETECTOR:
        raise ModelError(
            f"{profile.folder}: {detector} is no detector but a model with the role {profile.role}"
        )
    return profile.landmarks


def _check_scores(settings: Settings, embedder: ModelProfile) -> None:
    """Refuse a model whose scores mean something else than those set in the configuration."""
    set_scores = [
        f"{section}.{key} = {value:g}"
        for section, key in (
            ("recognition", "threshold_score"),
            ("recognition", "margin"),
            ("enrolment", "duplicate_score"),
        )
        if (value := getattr(getattr(settings, section), key)) is not None
    ]
    if not set_scores or embedder.name == settings.vision.model:
        return
    before = load_profile(settings.models_dir, settings.vision.model).vectors.metric
    after = embedder.vectors.metric
    if after is not before:
        raise ModelError(
            f"{embedder.name} compares by {after}, {settings.vision.model} by {before}: remove "
            f"{', '.join(set_scores)} from the configuration first, which would mean something else then"
        )


def _changes(settings: Settings, name: str) -> dict[str, str]:
    models_dir, detector = settings.models_dir, settings.vision.detector
    if name != BUILT_IN:
        profile = load_profile(models_dir, name)
        profile.verify()
        if profile.role is Role.EMBEDDER:
            found = _detector_for(models_dir, profile, detector)
            return {"model": name} if found == detector else {"model": name, "detector": found}
    scheme = detector_scheme(models_dir, name)
    check_fit(load_profile(models_dir, settings.vision.model), name, scheme)
    return {"detector": name}


def _detector_for(models_dir: Path, embedder: ModelProfile, detector: str) -> str:
    """Return the detector in use, or one that serves the embedder where that does not."""
    try:
        check_fit(embedder, detector, detector_scheme(models_dir, detector))
    except ModelError:
        for profile in installed(models_dir):
            if profile.role is Role.DETECTOR and profile.landmarks is embedder.landmarks:
                return profile.name
        raise
    return detector


def _write(file: Path, changes: Mapping[str, str]) -> None:
    """Change the configuration file in one step, or not at all where the result would not be loaded."""
    try:
        text = file.read_text(encoding="utf-8-sig") if file.exists() else ""
        changed = with_keys(text, "vision", changes)
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".edge-") as scratch:
            new = Path(scratch) / file.name
            new.write_text(changed, encoding="utf-8")
            if file.exists():
                shutil.copystat(file, new)
                _keep_owner(file, new)
            else:
                new.chmod(_MODE)
            _check(new)
            new.replace(file)
    except OSError as error:
        raise ConfigError([f"{file}: it cannot be written: {error.strerror}"]) from error


def _check(new: Path) -> None:
    try:
        load_settings(new)
    except ConfigError as error:
        # What is wrong is wrong in the file to be, which lies one folder deeper while it is made.
        problems = [problem.replace(f"{new.parent.name}/", "") for problem in error.problems]
        raise ConfigError(problems) from error


def _keep_owner(file: Path, new: Path) -> None:
    owner = file.stat()
    if (owner.st_uid, owner.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(new, owner.st_uid, owner.st_gid)
