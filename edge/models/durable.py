"""Files and folders that are there whole or not at all, also after a power cut."""

import contextlib
import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from edge.errors import ModelError

_STAGING = ".prepare-"  # a folder being filled
_REPLACED = ".replaced-"  # a folder that has just made room for its successor


def refusal(folder: Path, error: OSError) -> ModelError:
    """Return what is to be said of an error in `folder`: the names in it that nobody knows are not told."""
    named = Path(error.filename) if isinstance(error.filename, str) else folder
    if named.is_relative_to(folder):
        parts = named.relative_to(folder).parts
        known = itertools.takewhile(lambda part: not part.startswith("."), parts)
        named = folder.joinpath(*known)
    return ModelError(f"{named}: {error.strerror or error}")


def write_durably(path: Path, data: bytes) -> None:
    """Replace the file by one with `data`, in one step that survives a power cut.

    An OSError names `path`.
    """
    try:
        _write(path, data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def _write(path: Path, data: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as stream:
        try:
            stream.write(data)
            stream.flush()
            os.fchmod(stream.fileno(), 0o644)
            os.fsync(stream.fileno())
            Path(stream.name).replace(path)
        except BaseException:
            Path(stream.name).unlink(missing_ok=True)
            raise
    _sync(path.parent)


@contextlib.contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Make `folder` where it is missing, and hold it alone: other users of this function are refused.

    What interrupted ones left there is cleared away. A folder made here is removed again where the block
    fails and leaves it empty.
    """
    made = _make(folder)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ModelError(
                f"{folder}: another program is preparing models here; wait for it to end"
            ) from None
        _recover(folder)
        yield
    except BaseException:
        for one in reversed(made):
            with contextlib.suppress(OSError):
                one.rmdir()
        raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Give an empty folder inside `folder` that is gone after the block, unless it was published."""
    path = Path(tempfile.mkdtemp(dir=folder, prefix=_STAGING))
    try:
        path.chmod(0o755)
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def publish(staged: Path, target: Path) -> None:
    """Move a filled folder to its place, whole and durably; one that is there already makes room."""
    for child in staged.iterdir():
        _sync(child)
    _sync(staged)
    replaced = target.with_name(f"{_REPLACED}{target.name}")
    if target.exists():
        target.rename(replaced)
    staged.rename(target)
    _sync(target.parent)
    shutil.rmtree(replaced, ignore_errors=True)


def _recover(folder: Path) -> None:
    for left in folder.glob(f"{_STAGING}*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in folder.glob(f"{_REPLACED}*"):
        place = folder / left.name.removeprefix(_REPLACED)
        if place.exists():
            shutil.rmtree(left, ignore_errors=True)
        else:  # ended between the two renames of `publish`
            left.rename(place)


def _make(folder: Path) -> list[Path]:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return list(reversed(missing))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
