"""A large file that comes in pieces: one at a time, in the folder of state."""

import os
import threading
from pathlib import Path

from edge.errors import BackupError

PIECE = 4 * 1024 * 1024  # bytes of one request
NAME = ".restore-upload"
PAUSE = 300.0  # seconds between two pieces, and between the last and its use: as long as a password counts
LEAST_FREE = 256 * 1024 * 1024  # bytes of the disk that stay free: the journal comes first


class UploadSlot:
    """Takes the pieces of one file in their order; a first piece begins anew. From any thread.

    Times are seconds of a monotonic clock.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._lock = threading.Lock()
        self._sender: tuple[str, float] | None = None

    def is_of(self, sender: str, now: float) -> bool:
        """Return whether the file that is there was begun by this sender, and went on until just now."""
        with self._lock:
            return self._is_of(sender, now)

    def add(self, offset: int, piece: bytes, *, sender: str, now: float) -> int:
        """Add a piece at its place and return how long the file is; raises BackupError.

        Only who began the file adds to it, and without long pauses.
        """
        with self._lock:
            if offset and not self._is_of(sender, now):
                raise BackupError("backup: a piece is missing; send the file once more")
            try:
                self._require_room(len(piece))
                with self.path.open("wb" if offset == 0 else "r+b") as file:
                    self.path.chmod(0o600)
                    if file.seek(0, os.SEEK_END) != offset:
                        raise BackupError("backup: a piece is missing; send the file once more")
                    file.write(piece)
                    self._sender = (sender, now)
                    return file.tell()
            except FileNotFoundError:
                raise BackupError("backup: a piece is missing; send the file once more") from None
            except OSError as error:
                raise BackupError(f"backup: it cannot be kept ({error.strerror})") from error

    def drop(self) -> None:
        """Forget the file; may be called twice."""
        with self._lock:
            self._sender = None
            self.path.unlink(missing_ok=True)

    def _is_of(self, sender: str, now: float) -> bool:
        return self._sender is not None and self._sender[0] == sender and now - self._sender[1] < PAUSE

    def _require_room(self, length: int) -> None:
        room = os.statvfs(self.path.parent)
        if room.f_bavail * room.f_frsize < LEAST_FREE + length:
            raise BackupError("backup: the disk has no room for it")
