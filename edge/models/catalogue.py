"""Known public models: what their files are, where they are published, and why one would want them."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from edge.errors import ModelError


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file of a publication; `sha256` is empty where only the converted model is checked."""

    name: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Publication:
    """One way in which a model is published; the first file is what it is known by.

    `address` is that of the folder, with a slash at its end; empty where the files have no public address.
    """

    files: tuple[PublishedFile, ...]
    address: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A known model; `gain` says what it does better than the default, to complete "it …"."""

    name: str
    gain: str
    publications: tuple[Publication, ...]


def catalogue() -> list[CatalogueEntry]:
    """Return all known models that have to be fetched or added."""
    text = (resources.files("edge.models") / "catalogue.toml").read_text(encoding="utf-8")
    return [
        CatalogueEntry(
            model["name"],
            model["gain"],
            tuple(
                Publication(tuple(PublishedFile(**file) for file in one["files"]), one.get("address", ""))
                for one in model["publication"]
            ),
        )
        for model in tomllib.loads(text)["model"]
    ]


def entry_named(name: str) -> CatalogueEntry:
    """Return the entry of a name; raises ModelError naming those there are."""
    entries = catalogue()
    for entry in entries:
        if entry.name == name:
            return entry
    known = ", ".join(entry.name for entry in entries)
    raise ModelError(f"no model {name!r} is in the catalogue; it has {known}")


def entry_of(sha256: str) -> CatalogueEntry | None:
    """Return the entry that a file with this checksum belongs to."""
    for entry in catalogue():
        if any(publication.files[0].sha256 == sha256 for publication in entry.publications):
            return entry
    return None


def recommended(installed: Sequence[str]) -> list[str]:
    """Return one line for each known model that is better than a default and not among `installed`."""
    return [
        f"{entry.name} is not installed: it {entry.gain}; `edgectl models pull {entry.name}`"
        for entry in catalogue()
        if entry.name not in installed
    ]
