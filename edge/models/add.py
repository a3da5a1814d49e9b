"""Use case: take a model file that somebody brought, as it is or converted, with all that is known of it."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from edge.errors import ModelError
from edge.models.catalogue import CatalogueEntry, entry_of
from edge.models.durable import exclusive, publish, refusal, staging
from edge.models.pixels import model_input, reference_crop
from edge.models.profile import ModelProfile, Role, sha256_of
from edge.models.profile_file import (
    load_profile,
    parse_profile,
    shipped_reference,
    shipped_table,
    write_profile,
)
from edge.models.session import first_line, open_session, runtime_errors

MAX_BYTES = 1024 * 2**20
REFERENCE = 1e-4  # cosine distance from the reference vector


class LicenceNotAcceptedError(ModelError):
    """A model whose terms have to be accepted first; `text` holds them."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


@dataclass(frozen=True, slots=True)
class Added:
    """A model that is now installed; `made` is False where it was so before."""

    profile: ModelProfile
    made: bool


def add_model(
    models_dir: Path,
    file: Path,
    *,
    profile: Path | None = None,
    licence_accepted: bool = False,
    force: bool = False,
) -> Added:
    """Install a model file: ONNX as it is, OpenVINO IR (`.xml` with its `.bin`) converted to ONNX.

    A file of the catalogue brings its profile along; for any other `profile` is a TOML file with the keys of
    a profile but `file`, `sha256` and `derived_from`. Raises LicenceNotAcceptedError where terms have to be
    accepted, and ModelError for a file that cannot be used, leaving the models as they were.
    """
    known_by = file.with_suffix(".bin") if file.suffix == ".xml" else file
    if file.suffix not in {".onnx", ".xml", ".bin"}:
        raise ModelError(f"{file}: neither .onnx nor OpenVINO IR (.xml with .bin)")
    checksum = sha256_of(known_by)
    entry = entry_of(checksum)
    table = _table(file, entry, profile)
    check_licence(table, str(file), accepted=licence_accepted)
    ready = None if force else _ready(models_dir, str(table.get("name")), checksum)
    if ready:
        return Added(ready, made=False)
    data = _onnx(file)
    table |= {"file": "model.onnx", "sha256": hashlib.sha256(data).hexdigest()}
    if file.suffix != ".onnx":
        table["derived_from"] = checksum
    made = parse_profile(table, str(profile or file))
    _try_out(made, data, file, known=entry is not None)
    try:
        with exclusive(models_dir), staging(models_dir) as scratch:
            return Added(_install(models_dir, scratch, made, data), made=True)
    except OSError as error:
        raise refusal(models_dir, error) from error


def _table(file: Path, entry: CatalogueEntry | None, profile: Path | None) -> dict[str, Any]:
    if entry is not None:
        return shipped_table(entry.name) | {"name": entry.name}
    if profile is None:
        raise ModelError(
            f"{file}: it is not a file of the catalogue; describe it with --profile FILE (see docs/models.md)"
        )
    try:
        return tomllib.loads(profile.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{profile}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"{profile}: {error}") from error


def check_licence(table: Mapping[str, Any], what: str, *, accepted: bool) -> None:
    """Raise LicenceNotAcceptedError where a profile's terms have to be accepted and are not."""
    licence = table.get("licence")
    if isinstance(licence, dict) and licence.get("must_accept") is True and not accepted:
        name = licence.get("name", "its licence")
        raise LicenceNotAcceptedError(
            f"{what}: the terms of {name} have to be accepted first: read them, then add --licence-accepted",
            str(licence.get("text", "")),
        )


def _ready(models_dir: Path, name: str, checksum: str) -> ModelProfile | None:
    try:
        profile = load_profile(models_dir, name)
        profile.verify()
    except ModelError:
        return None
    if checksum in {profile.derived_from, profile.sha256}:
        return profile
    raise ModelError(
        f"{profile.folder}: a model made from another file is installed by this name; replace it with --force"
    )


def _onnx(file: Path) -> bytes:
    """Return the model as ONNX."""
    if file.suffix == ".onnx":
        if file.stat().st_size > MAX_BYTES:
            raise ModelError(f"{file}: over {MAX_BYTES // 2**20} MiB; this is no model for a terminal")
        return file.read_bytes()
    from edge.models.openvino_onnx import convert_ir

    return bytes(convert_ir(file.with_suffix(".xml")).SerializeToString())


def _try_out(profile: ModelProfile, data: bytes, file: Path, *, known: bool) -> None:
    """Run the model once; one of the catalogue has to give its reference vector."""
    try:
        session = open_session(data)
    except ModelError as error:
        raise ModelError(f"{file}: {error}") from error
    if profile.role is not Role.EMBEDDER:
        return
    pixels = profile.pixels
    crop = reference_crop(pixels.width, pixels.height)
    try:
        vector = np.asarray(
            session.run(None, {session.get_inputs()[0].name: model_input(crop[None], pixels)})[0]
        ).ravel()
    except runtime_errors() as error:
        raise ModelError(f"{file}: it does not take the input of its profile: {first_line(error)}") from error
    if vector.size != profile.vectors.dimension:
        raise ModelError(
            f"{file}: it gives {vector.size} values; its profile says {profile.vectors.dimension}"
        )
    if not np.isfinite(vector).all():
        raise ModelError(f"{file}: it gives values that are not finite")
    reference = shipped_reference(profile.name) if known else None
    if reference is not None:
        distance = 1 - float(vector @ reference / np.linalg.norm(vector) / np.linalg.norm(reference))
        if not distance < REFERENCE:
            raise ModelError(
                f"{file}: not accepted: its vector is {distance:.2g} (cosine distance) from the published "
                f"net's, more than {REFERENCE:g}"
            )


def _install(models_dir: Path, scratch: Path, profile: ModelProfile, data: bytes) -> ModelProfile:
    folder = scratch / profile.name
    folder.mkdir()
    (folder / profile.file).write_bytes(data)
    write_profile(replace(profile, folder=folder))
    publish(folder, models_dir / profile.name)
    return replace(profile, folder=models_dir / profile.name)
