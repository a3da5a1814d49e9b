"""Profiles as files: read with every mistake named by file and key, written whole or not at all."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.models.durable import write_durably
from edge.models.profile import Embedding, Form, ModelProfile, is_model_name

PROFILE = "profile.toml"
MAX_BYTES = 256 * 1024  # a profile with a whole licence text has some ten thousand


def load_profile(models_dir: Path, name: str) -> ModelProfile:
    """Return the profile of an installed model; raises ModelError saying how to get one that is missing."""
    folder = models_dir / name
    if not is_model_name(name) or not (folder / PROFILE).is_file():
        raise ModelError(f"{folder}: no model {name!r} is installed here; run `edgectl models prepare`")
    profile = read_profile(folder)
    if profile.name != name:
        raise ModelError(f"{folder / PROFILE}: name: it says {profile.name!r} in the folder of {name!r}")
    return profile


def installed(models_dir: Path) -> list[ModelProfile]:
    """Return the profiles of all installed models by name, without those that `broken` tells of."""
    return [found for found in _survey(models_dir) if isinstance(found, ModelProfile)]


def broken(models_dir: Path) -> list[ModelError]:
    """Return what is wrong with the profiles in `models_dir` that cannot be read."""
    return [found for found in _survey(models_dir) if isinstance(found, ModelError)]


def read_profile(folder: Path) -> ModelProfile:
    """Read `profile.toml` of a folder; raises ModelError naming file, key and what is wrong with it."""
    path = folder / PROFILE
    return replace(parse_profile(_table(_read(path), str(path)), str(path)), folder=folder)


def shipped_table(name: str) -> dict[str, Any]:
    """Return what this program knows of a model beforehand; file and checksums are missing in it."""
    return _shipped(name)


def shipped_ranges(name: str, derived_from: str) -> dict[str, tuple[float, float]] | None:
    """Return the ranges of activations known of a file with this checksum, None where none are known."""
    table = _shipped(f"{name}.ranges")
    if table["derived_from"] != derived_from:
        return None
    return {key: (low, high) for key, (low, high) in table["ranges"].items()}


def shipped_reference(name: str) -> NDArray[np.float64] | None:
    """Return the vector that a known embedder gives for the reference crop, None where none is known."""
    if not (resources.files("edge.models") / "profiles" / f"{name}.reference.toml").is_file():
        return None
    return np.array(_shipped(f"{name}.reference")["vector"], dtype=np.float64)


def parse_embedding(table: Mapping[str, Any]) -> Embedding:
    """Return the embedding section of a shipped table."""
    from pydantic import TypeAdapter

    return TypeAdapter(Embedding).validate_json(json.dumps(table))


def use_form(profile: ModelProfile, form: Form) -> ModelProfile:
    """Write down that another form of an installed model is in use, and return the profile so.

    Raises ModelError where there is no such form or its file does not verify.
    """
    changed = profile.in_form(form)
    changed.verify()
    write_profile(changed)
    return changed


def parse_profile(table: Mapping[str, Any], where: str) -> ModelProfile:
    """Check a table and return it as a profile; ModelErrors begin with `where`."""
    from pydantic import TypeAdapter, ValidationError  # a slow import that most commands do not need

    if "folder" in table:
        raise ModelError(f"{where}: folder: unknown key")
    try:
        return TypeAdapter(ModelProfile).validate_json(json.dumps(table, default=str))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        text = "unknown key" if first["type"] == "unexpected_keyword_argument" else first["msg"]
        text = text.removeprefix("Value error, ")
        raise ModelError(f"{where}: {key}: {text}" if key else f"{where}: {text}") from error


def write_profile(profile: ModelProfile) -> None:
    """Write `profile.toml` into the profile's folder."""
    import tomlkit

    table = profile_table(profile)
    for holder, key in ((table, "limitations"), (table["licence"], "text")):
        if "\n" in holder[key]:
            holder[key] = tomlkit.string(holder[key], multiline=True)
    write_durably(profile.folder / PROFILE, tomlkit.dumps(table).encode())


def profile_table(profile: ModelProfile) -> dict[str, Any]:
    """Return a profile as the table it is written as: plain strings, numbers, lists and tables."""
    from pydantic import TypeAdapter

    adapter = TypeAdapter(ModelProfile)
    table: dict[str, Any] = adapter.dump_python(profile, mode="json", exclude={"folder"}, exclude_none=True)
    return table


def _shipped(name: str) -> dict[str, Any]:
    resource = resources.files("edge.models") / "profiles" / f"{name}.toml"
    return _table(resource.read_bytes(), f"{name}.toml of this program")


def _survey(models_dir: Path) -> list[ModelProfile | ModelError]:
    if not models_dir.is_dir():
        return []
    found: list[ModelProfile | ModelError] = []
    for folder in sorted(models_dir.iterdir()):
        if folder.is_dir() and not folder.name.startswith("."):
            try:
                found.append(load_profile(models_dir, folder.name))
            except ModelError as error:
                found.append(error)
    return found


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise ModelError(f"{path}: over {MAX_BYTES} bytes; this is no profile")
    return data


def _table(data: bytes, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode())
    except UnicodeDecodeError as error:
        raise ModelError(f"{where}: not UTF-8 text at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise ModelError(f"{where}: {error}") from error
