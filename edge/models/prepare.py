"""Use case: make dlib's models usable by this program, each compared with dlib itself before it counts."""

import hashlib
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edge.domain.face import Picture
from edge.errors import ModelError
from edge.models.dlib_convert import CROPS, Converted, Progress, convert
from edge.models.dlib_dat import SIDE
from edge.models.dlib_source import EMBEDDER_SHA256, LANDMARKER_FILE, LANDMARKER_SHA256, find_dlib_files
from edge.models.durable import exclusive, publish, refusal, staging
from edge.models.forms import FormComparison, compare_forms
from edge.models.profile import NAME_RULE, Form, ModelProfile, is_model_name, sha256_of
from edge.models.profile_file import (
    PROFILE,
    load_profile,
    parse_embedding,
    parse_profile,
    shipped_ranges,
    shipped_table,
    use_form,
    write_profile,
)
from edge.models.synthetic import drawn_faces, varied
from edge.models.use import LANDMARKER

EMBEDDER = "dlib-resnet29"
FEWEST_FACES = 20  # crops on which an 8-bit form may be calibrated


@dataclass(frozen=True, slots=True)
class Prepared:
    """One model that is now ready.

    `made` is False where it was so before; `difference` is the largest of any value from dlib's vectors, and
    `comparison` what the 8-bit form is against the float form, each None where nothing was compared.
    """

    profile: ModelProfile
    made: bool
    difference: float | None = None
    comparison: FormComparison | None = None


def prepare(
    models_dir: Path,
    *,
    source: Path | None = None,
    name: str | None = None,
    force: bool = False,
    form: Form | None = None,
    faces: Sequence[Picture] = (),
    progress: Progress = lambda _what, _share: None,
) -> list[Prepared]:
    """Make dlib's embedder and landmarker ready in `models_dir`, and return both.

    `source` is a `.dat` file (then only that model is made), a folder or source distribution that holds the
    files, or None for the installed package. `name` names the embedder where it is another than dlib's own.
    The embedder is made in both forms; `form` is the one to use, None the better one on this CPU. A net
    other than dlib's own has an 8-bit form only where aligned crops of `faces` are given to calibrate it.
    What is there and verifies is left as it is unless `force`. `progress` is told each step and the share
    done. Raises ModelError, leaving the models as they were.
    """
    if source is None and not force:
        ready = [_ready(models_dir, one) for one in (EMBEDDER, LANDMARKER)]
        if name in {None, EMBEDDER} and all(ready):
            return [
                Prepared(_in_form(one, form) if one.name == EMBEDDER else one, made=False)
                for one in ready
                if one
            ]
    try:
        with exclusive(models_dir), staging(models_dir) as scratch:
            return _prepare(_Job(models_dir, scratch, force, form, faces, progress), source, name)
    except OSError as error:
        raise refusal(models_dir, error) from error


@dataclass(frozen=True, slots=True)
class _Job:
    models_dir: Path
    scratch: Path
    force: bool
    form: Form | None
    faces: Sequence[Picture]
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
        return Prepared(_in_form(ready, job.form), made=False)
    if ready:
        raise ModelError(
            f"{ready.folder}: a model made from another file is installed by this name; "
            "give this one another with --name, or replace it with --force"
        )
    table = shipped_table(EMBEDDER) | {"name": name, "derived_from": checksum}
    if not known:
        table |= _of_unknown_origin(dat)
    folder = job.scratch / name
    folder.mkdir()
    converted = convert(dat, job.progress)
    comparison = _forms(job, converted, folder, table)
    return Prepared(_accept(job, folder, table), True, converted.difference, comparison)


def _forms(job: _Job, converted: Converted, folder: Path, table: dict[str, Any]) -> FormComparison | None:
    """Write both forms of a net into its folder, and name in `table` the one to use."""
    from edge.models.calibrate import activation_ranges
    from edge.models.resnet29_int8 import Ranges, build_resnet29_int8

    fp32 = converted.model.SerializeToString()
    made = [_write(folder, Form.FP32, "model.onnx", fp32)]
    comparison = None
    job.progress("calibrating the 8-bit form", 0.75)
    ranges: Ranges | None = shipped_ranges(EMBEDDER, table["derived_from"])
    if ranges is None and len(job.faces) >= FEWEST_FACES:
        ranges = activation_ranges(converted.model, varied(job.faces))
    if ranges is not None:
        int8 = build_resnet29_int8(converted.net, ranges).SerializeToString()
        made.append(_write(folder, Form.INT8, "model.int8.onnx", int8))
        job.progress("comparing both forms", 0.85)
        faces = [*job.faces[:CROPS], *drawn_faces(CROPS, SIDE, SIDE)]
        comparison = compare_forms(fp32, int8, faces, parse_embedding(table["embedding"]))
    used = _choose(job, comparison, table["name"])
    table["forms"] = made
    table |= next(one for one in made if one["form"] == used)
    return comparison


def _choose(job: _Job, comparison: FormComparison | None, name: str) -> Form:
    if job.form is Form.INT8 and comparison is None:
        raise ModelError(
            f"{name}: the 8-bit form of a net other than dlib's own needs {FEWEST_FACES} or more photographs "
            "of faces to be calibrated on; name their folder with --faces"
        )
    if job.form is Form.INT8 and comparison and not comparison.agrees:
        raise ModelError(f"{name}: the 8-bit form is not accepted on this CPU: {comparison.sentence}")
    if job.form is not None:
        return job.form
    return Form.INT8 if comparison and comparison.taken else Form.FP32


def _write(folder: Path, form: Form, file: str, data: bytes) -> dict[str, str]:
    (folder / file).write_bytes(data)
    return {"form": str(form), "file": file, "sha256": hashlib.sha256(data).hexdigest()}


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


def _in_form(ready: ModelProfile, form: Form | None) -> ModelProfile:
    """Return an installed model with the form asked for in use."""
    if form is None or form is ready.form:
        return ready
    return use_form(ready, form)


def _accept(job: _Job, folder: Path, table: dict[str, Any]) -> ModelProfile:
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
