"""Use case: fetch a model of the catalogue from where it is published, and add it."""

import hashlib
import http.client
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from edge.errors import ModelError
from edge.models.add import Added, add_model, check_licence
from edge.models.catalogue import CatalogueEntry, Publication, PublishedFile
from edge.models.profile_file import load_profile, shipped_table

MAX_BYTES = 128 * 2**20  # of one file; the largest in the catalogue has 4 MB
TIMEOUT = 30.0  # seconds without a byte
SCHEME = "https"
_PIECE = 256 * 1024

Progress: TypeAlias = Callable[[str, int], None]


def pull_model(
    models_dir: Path,
    entry: CatalogueEntry,
    *,
    licence_accepted: bool = False,
    force: bool = False,
    progress: Progress = lambda _file, _size: None,
) -> Added:
    """Download a model of the catalogue, compare its checksum and install it; one that is there is kept.

    `progress` is told the file and each number of bytes received. Raises LicenceNotAcceptedError before
    anything is fetched, and ModelError with the reason of every address tried, leaving the models as they
    were.
    """
    check_licence(shipped_table(entry.name), entry.name, accepted=licence_accepted)
    if not force:
        try:
            profile = load_profile(models_dir, entry.name)
            profile.verify()
        except ModelError:
            pass
        else:
            return Added(profile, made=False)
    failures = []
    for publication in entry.publications:
        if not publication.address:
            continue
        with tempfile.TemporaryDirectory(prefix="edge-pull-") as scratch:
            try:
                file = _fetch(publication, Path(scratch), progress)
            except ModelError as error:
                failures.append(str(error))
            else:
                return add_model(models_dir, file, licence_accepted=licence_accepted, force=force)
    raise ModelError(
        f"{entry.name} cannot be fetched ({'; '.join(failures) or 'it has no address'}); "
        "bring its files on a medium and use `edgectl models add`"
    )


def _fetch(publication: Publication, folder: Path, progress: Progress) -> Path:
    """Download all files of a publication and return the first, which stands for them."""
    for file in publication.files:
        _download(publication.address + file.name, file, folder / file.name, progress)
    return folder / publication.files[0].name


def _download(address: str, file: PublishedFile, target: Path, progress: Progress) -> None:
    if not address.startswith(f"{SCHEME}://"):
        raise ModelError(f"{address}: models are fetched by {SCHEME} only")
    digest, received = hashlib.sha256(), 0
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer, target.open("wb") as stream:  # noqa: S310 - the scheme is checked above, the content by its checksum
            while piece := answer.read(_PIECE):
                received += len(piece)
                if received > MAX_BYTES:
                    raise ModelError(f"{address}: over {MAX_BYTES // 2**20} MiB; this is not {file.name}")
                digest.update(piece)
                stream.write(piece)
                progress(file.name, len(piece))
    except urllib.error.HTTPError as error:
        raise ModelError(f"{address}: {error}") from error
    except urllib.error.URLError as error:
        raise ModelError(f"{address}: {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise ModelError(f"{address}: {error or type(error).__name__}") from error
    if file.sha256 and digest.hexdigest() != file.sha256:
        raise ModelError(f"{address}: its SHA-256 is {digest.hexdigest()[:12]}…, not {file.sha256[:12]}…")
