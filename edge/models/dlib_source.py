"""Finds dlib's two model files: in a folder, a source distribution, the installed package, or alone."""

import importlib.util
import shutil
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from edge.config import default_places
from edge.errors import ModelError

EMBEDDER_FILE = "dlib_face_recognition_resnet_model_v1.dat"
LANDMARKER_FILE = "shape_predictor_5_face_landmarks.dat"
EMBEDDER_SHA256 = "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30"
LANDMARKER_SHA256 = "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888"

_PACKAGE = "face_recognition_models"
_MAX_MEMBER = 256 * 2**20  # bytes of one file of an archive: ten times the larger of the two
_HOW = (
    "install the face-recognition-models package (pip install 'edge[models]'), or name its source "
    "distribution, its unpacked folder or a .dat file with --from PATH"
)


@dataclass(frozen=True, slots=True)
class DlibFiles:
    """What was found; `sole` is a file that was named by itself and may be either."""

    embedder: Path | None = None
    landmarker: Path | None = None
    sole: Path | None = None


def find_dlib_files(source: Path | None, scratch: Path) -> DlibFiles:
    """Return the files of `source`; where it is None of the installed package, or of what set-up fetched.

    Members of an archive are taken out into `scratch`. Raises ModelError saying what there is to do.
    """
    if source is None:
        return _in_folder(_package_folder() or _fetched_folder())
    if source.is_dir():
        return _in_folder(source)
    if not source.exists():
        raise ModelError(f"{source}: no such file or folder; {_HOW}")
    if source.name.endswith((".tar.gz", ".tgz")):
        return _in_archive(source, scratch)
    if not source.is_file() or source.suffix != ".dat":
        raise ModelError(f"{source}: neither a .dat file, a folder, nor a source distribution; {_HOW}")
    return DlibFiles(sole=source)


def _package_folder() -> Path | None:
    # Only looked up: importing the package would need pkg_resources, which setuptools no longer has.
    spec = importlib.util.find_spec(_PACKAGE)
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "models"


def _fetched_folder() -> Path:
    folder = default_places().data_dir / "cache" / "assets" / "dlib"  # where deploy/setup.sh leaves them
    if not folder.is_dir():
        raise ModelError(f"dlib's model files are not on this machine; {_HOW}")
    return folder


def _in_folder(folder: Path) -> DlibFiles:
    for place in (folder, folder / "models", folder / _PACKAGE / "models"):
        files = DlibFiles(_file(place / EMBEDDER_FILE), _file(place / LANDMARKER_FILE))
        if files != DlibFiles():
            return files
    raise ModelError(f"{folder}: it holds neither {EMBEDDER_FILE} nor {LANDMARKER_FILE}; {_HOW}")


def _file(path: Path) -> Path | None:
    return path if path.is_file() else None


def _in_archive(source: Path, scratch: Path) -> DlibFiles:
    wanted = {EMBEDDER_FILE, LANDMARKER_FILE}
    try:
        with tarfile.open(source, "r:gz") as archive:
            for member in archive:
                name = Path(member.name).name
                if name in wanted and member.isfile():
                    _extract(archive, member, scratch / name)
                    wanted.discard(name)
                if not wanted:
                    break
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ModelError(f"{source}: not a readable .tar.gz archive: {error}") from error
    files = DlibFiles(_file(scratch / EMBEDDER_FILE), _file(scratch / LANDMARKER_FILE))
    if files == DlibFiles():
        raise ModelError(f"{source}: it holds neither {EMBEDDER_FILE} nor {LANDMARKER_FILE}")
    return files


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    if member.size > _MAX_MEMBER:
        raise ModelError(
            f"{archive.name!r}: {member.name} has {member.size} bytes; this is no file of dlib's"
        )
    stream = archive.extractfile(member)
    if stream is None:
        raise ModelError(f"{archive.name!r}: {member.name} cannot be read")
    with stream, target.open("wb") as copy:
        shutil.copyfileobj(stream, copy)
