"""A file that only takes up room. On a full disk even DELETE needs space: freeing this one gives it."""

import os
from pathlib import Path

from edge.adapters.store_sqlite.lock import give_to_owner

BALLAST_NAME = "ballast.bin"
BALLAST_BYTES = 4 * 1024 * 1024
_SPARE = 4  # the ballast is laid only where this many times its size is free


def lay_ballast(folder: Path, size: int = BALLAST_BYTES) -> bool:
    """Make sure that `size` bytes are set aside in `folder`; return False where there is no room for it."""
    path = folder / BALLAST_NAME
    room = os.statvfs(folder)
    if path.exists() and path.stat().st_size >= size:
        return True
    if room.f_bavail * room.f_frsize < _SPARE * size:
        return False
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, size)
        give_to_owner(file, folder)
    except OSError:
        path.unlink()  # half a ballast would be taken for one
        return False
    finally:
        os.close(file)
    return True


def free_ballast(folder: Path) -> int:
    """Remove the ballast of `folder`; return the number of bytes that gave, 0 where there was none."""
    path = folder / BALLAST_NAME
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size
