"""Use case: make dlib's models usable by this program, each compared with dlib itself before it counts."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from edge.errors import ModelError
from edge.models.dlib_dat import read_resnet29
from edge.models.dlib_source import (
    EMBEDDER_SHA256,
    LANDMARKER_FILE,
    LANDMARKER_SHA256,
    find_dlib_files,
)
from edge.models.durable import exclusive, publish, staging
from edge.models.profile import NAME_RULE, ModelProfile, is_model_name, sha256_of
from edge.models.profile_file import PROFILE, load_profile, parse_profile, shipped_table, write_profile
from edge.models.session import open_session
from edge.models.synthetic import synthetic_crops

EMBEDDER = "dlib-resnet29"
LANDMARKER = "dlib-landmarks5"
CROPS = 24  # compared with dlib before a conversion is accepted
TOLERANCE = 1e-5  # of any value of a vector; float32 arithmetic in another order gives 2e-6 at most

Progress: TypeAlias = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """One model that is now ready.

    `made` is False where it was so before; `difference` is the largest of any value from dlib's vectors, None
    where nothing was compared.
    """

    profile: ModelProfile
    made: bool
    difference: float | None = None


def prepare(
    models_dir: Path,
    *,
    source: Path | None = None,
    name: str | None = None,
    force: bool = False,
    progress: Progress = lambda _what, _share: None,
) -> list[Prepared]:
    """Make dlib's embedder and landmarker ready in `models_dir`, and return both.

    `source` is a `.dat` file (then only that model is made), a folder or source distribution that holds the
    files, or None for the installed package. `name` names the embedder where it is another than dlib's own.
    What is there and verifies is left as it is unless `force`. `progress` is told each step and the share
    done. Raises ModelError, leaving the models as they were.
    """
    if source is None and not force:
        ready = [_ready(models_dir, one) for one in (EMBEDDER, LANDMARKER)]
        if name in {None, EMBEDDER} and all(ready):
            return [Prepared(one, made=False) for one in ready if one]
    try:
        with exclusive(models_dir), staging(models_dir) as scratch:
            return _prepare(_Job(models_dir, scratch, force, progress), source, name)
    except OSError as error:
        raise ModelError(f"{error.filename or models_dir}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class _Job:
    models_dir: Path
    scratch: Path
    force: bool
    progress: Progress


def _prepare(job: _Job, source: Path | None, name: str | None) -> list[Prepared]:
    job.progress("looking for dlib's files", 0.0)
    files = find_dlib_files(source, job.scratch)
    embedder, landmarker = files.embedder, files.landmarker
    if files.sole:
        if sha256_of(files.sole) == LANDMARKER_SHA256:
            landmarker = files.sole
        else:
            embedder = files.sole
    prepared = []
    if embedder:
        prepared.append(_embedder(job, embedder, name))
    if landmarker:
        prepared.append(_landmarker(job, landmarker))
    job.progress("done", 1.0)
    return prepared


def _embedder(job: _Job, dat: Path, name: str | None) -> Prepared:
    checksum = sha256_of(dat)
    known = checksum == EMBEDDER_SHA256
    name = name or (EMBEDDER if known else _name_of(dat))
    if name == EMBEDDER and not known:
        raise ModelError(f"{dat}: these are not dlib's own weights; give the model another name with --name")
    if not is_model_name(name):
        raise ModelError(f"--name {name!r}: a model's name is made of {NAME_RULE}")
    ready = None if job.force else _ready(job.models_dir, name)
    if ready and ready.derived_from == checksum:
        return Prepared(ready, made=False)
    if ready:
        raise ModelError(
            f"{ready.folder}: a model made from another file is installed by this name; "
            "give this one another with --name, or replace it with --force"
        )
    table = shipped_table(EMBEDDER) | {"name": name, "file": "model.onnx", "derived_from": checksum}
    if not known:
        table |= _of_unknown_origin(dat)
    folder = job.scratch / name
    folder.mkdir()
    difference = _convert(job, dat, folder / "model.onnx")
    return Prepared(_accept(job, folder, table), made=True, difference=difference)


def _convert(job: _Job, dat: Path, target: Path) -> float:
    """Write the ONNX form of a `.dat` and return how far it is from dlib; raises ModelError where too far."""
    from edge.models.resnet29 import build_resnet29

    job.progress(f"reading {dat.name}", 0.05)
    net = read_resnet29(dat)
    job.progress("building the ONNX graph", 0.1)
    target.write_bytes(build_resnet29(net).SerializeToString())
    difference = _difference_from_dlib(job, dat, target)
    if not difference < TOLERANCE:
        raise ModelError(
            f"{dat}: the converted model is not accepted: it differs from dlib by {difference:.2g}, "
            f"more than {TOLERANCE:g}"
        )
    return difference


def _difference_from_dlib(job: _Job, dat: Path, onnx_file: Path) -> float:
    """Return the largest difference of any value between both on pictures that hold no person."""
    import dlib

    job.progress("loading both", 0.15)
    try:
        peer = dlib.face_recognition_model_v1(str(dat))
    except RuntimeError as error:
        raise ModelError(f"{dat}: dlib itself does not load it: {error}") from error
    session = open_session(onnx_file.read_bytes())
    largest = 0.0
    for number, crop in enumerate(synthetic_crops(CROPS, 150, 150)):
        job.progress("comparing with dlib", 0.2 + 0.7 * number / CROPS)
        expected = np.array(peer.compute_face_descriptor(crop))
        found = session.run(None, {"crops": crop[None]})[0][0]
        largest = max(largest, float(np.abs(found - expected).max()))
    return largest


def _landmarker(job: _Job, dat: Path) -> Prepared:
    checksum = sha256_of(dat)
    if checksum != LANDMARKER_SHA256:
        raise ModelError(f"{dat}: it is not dlib's five-point predictor: its SHA-256 is {checksum[:12]}…")
    ready = None if job.force else _ready(job.models_dir, LANDMARKER)
    if ready:
        return Prepared(ready, made=False)
    job.progress("copying the landmarker", 0.95)
    folder = job.scratch / LANDMARKER
    folder.mkdir()
    shutil.copyfile(dat, folder / LANDMARKER_FILE)
    table = shipped_table(LANDMARKER) | {"name": LANDMARKER, "file": LANDMARKER_FILE}
    return Prepared(_accept(job, folder, table), made=True)


def _accept(job: _Job, folder: Path, table: dict[str, object]) -> ModelProfile:
    """Complete the profile of a filled folder and move the folder to its place."""
    checksum = sha256_of(folder / str(table["file"]))
    profile = parse_profile(table | {"sha256": checksum}, str(folder / PROFILE))
    write_profile(replace(profile, folder=folder))
    target = job.models_dir / profile.name
    publish(folder, target)
    return replace(profile, folder=target)


def _ready(models_dir: Path, name: str) -> ModelProfile | None:
    """Return an installed model whose file is as its profile says."""
    try:
        profile = load_profile(models_dir, name)
        profile.verify()
    except ModelError:
        return None
    return profile


def _name_of(dat: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", dat.stem.lower()).strip("-")[:64] or "dlib-custom"


def _of_unknown_origin(dat: Path) -> dict[str, object]:
    """Return what replaces the facts of dlib's own weights: nothing was measured, nothing promised."""
    return {
        "source": f"{dat.name}, given by the operator; a net of the shape of dlib's, converted to ONNX",
        "limitations": "Its false match rates were never measured, so they count as the worst.",
        "licence": {"name": "unknown", "text": "Ask whoever trained this model.", "must_accept": False},
        "false_match": [],
    }
