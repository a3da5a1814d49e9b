"""A large file that comes in pieces: one at a time, in the folder of state."""

import os
import threading
from pathlib import Path

from edge.errors import BackupError

PIECE = 4 * 1024 * 1024  # bytes of one request
NAME = ".restore-upload"
LEAST_FREE = 256 * 1024 * 1024  # bytes of the disk that stay free: the journal comes first


class UploadSlot:
    """Takes the pieces of one file in their order; a first piece begins anew. From any thread."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._lock = threading.Lock()

    def add(self, offset: int, piece: bytes) -> int:
        """Add a piece at its place and return how long the file is; raises BackupError."""
        with self._lock:
            try:
                self._require_room(len(piece))
                with self.path.open("wb" if offset == 0 else "r+b") as file:
                    self.path.chmod(0o600)
                    if file.seek(0, os.SEEK_END) != offset:
                        raise BackupError("backup: a piece is missing; send the file once more")
                    file.write(piece)
                    return file.tell()
            except FileNotFoundError:
                raise BackupError("backup: a piece is missing; send the file once more") from None
            except OSError as error:
                raise BackupError(f"backup: it cannot be kept ({error.strerror})") from error

    def drop(self) -> None:
        """Forget the file; may be called twice."""
        with self._lock:
            self.path.unlink(missing_ok=True)

    def _require_room(self, length: int) -> None:
        room = os.statvfs(self.path.parent)
        if room.f_bavail * room.f_frsize < LEAST_FREE + length:
            raise BackupError("backup: the disk has no room for it")
