"""One writer per data folder: an exclusive flock on a file whose text is the holder's process id."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from edge.errors import StoreBusyError, StoreError

LOCK_NAME = "edge.lock"


class WriterLock:
    """Held from construction until `release`, or until the process ends in whatever way.

    Raises StoreBusyError naming the holder, StoreError where the folder may not be written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK_NAME
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"{folder}: the folder cannot be written ({error.strerror}); check its owner and mode"
            ) from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self._holder()
            os.close(self._file)
            raise StoreBusyError(
                f"{self._path}: {holder} writes to this database; stop it, or go through its control socket"
            ) from error
        with suppress(OSError):  # a full disk: the lock holds all the same, only its text is missing
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)
        give_to_owner(self._file, folder)

    def release(self) -> None:
        """Let the next writer in; may be called twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _holder(self) -> str:
        text = os.pread(self._file, 32, 0).decode("ascii", "replace").strip()
        return f"process {text}" if text.isdigit() else "another process"


def give_to_owner(file: int, folder: Path) -> None:
    """Give an open file to the owner of its folder: a command run as root must not lock out the service."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
