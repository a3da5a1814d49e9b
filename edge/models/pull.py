"""Use case: fetch a model of the catalogue from where it is published, and add it."""

import hashlib
import http.client
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from edge.errors import ModelError
from edge.models.add import Added, add_model, check_licence
from edge.models.catalogue import CatalogueEntry, Publication, PublishedFile
from edge.models.profile_file import load_profile, shipped_table

MAX_BYTES = 128 * 2**20  # of one file; the largest in the catalogue has 4 MB
TIMEOUT = 30.0  # seconds without a byte
PATIENCE = 900.0  # seconds for one file: 5 kB/s for the largest
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
    were. What was interrupted begins anew with the next call.
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
    _check_scheme(address)
    digest, received = hashlib.sha256(), 0
    try:
        with _opener().open(address, timeout=TIMEOUT) as answer, target.open("wb") as stream:
            until = time.monotonic() + PATIENCE
            while piece := answer.read1(_PIECE):
                received += len(piece)
                if received > MAX_BYTES:
                    raise ModelError(f"{address}: over {MAX_BYTES // 2**20} MiB; this is not {file.name}")
                if time.monotonic() > until:
                    raise ModelError(f"{address}: only {received} bytes in {PATIENCE:.0f} s, given up")
                digest.update(piece)
                stream.write(piece)
                progress(file.name, len(piece))
            missing = answer.length or 0  # of what the header promised; None where it promised nothing
    except (OSError, http.client.HTTPException) as error:
        raise ModelError(f"{address}: {_said(error)}") from error
    if missing:
        raise ModelError(f"{address}: cut off after {received} of {received + missing} bytes; try again")
    if file.sha256 and digest.hexdigest() != file.sha256:
        raise ModelError(f"{address}: its SHA-256 is {digest.hexdigest()[:12]}…, not {file.sha256[:12]}…")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows an address that moved, as far as the connection stays encrypted."""

    def redirect_request(  # noqa: PLR0917 - urllib's own signature
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        _check_scheme(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _said(error: Exception) -> str:
    """Return what went wrong in one line; some of it the server itself wrote."""
    plain = isinstance(error, urllib.error.URLError) and not isinstance(error, urllib.error.HTTPError)
    words = str(error.reason if plain else error).split()  # type: ignore[attr-defined] # of an URLError
    return " ".join(words)[:200] or type(error).__name__


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(_Redirects())


def _check_scheme(address: str) -> None:
    if not address.startswith(f"{SCHEME}://"):
        raise ModelError(f"{address}: models are fetched by {SCHEME} only")
