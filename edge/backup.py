"""Use case: a backup of all state in one file, and putting one back, which takes effect at the next start."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType, NewEvent
from edge.errors import BackupError
from edge.ports import EventQuery, Journal

SHORTEST = 12  # characters of a passphrase: whoever has the file may try for years
LONGEST = 1024
WAITING = "restore"  # the folder of a backup that takes its place at the next start
SCRATCH = ".restore-"
REPLACED = "before-restore-"
KEPT = 30 * 86_400.0  # seconds
ABOUT = "about.json"
DATABASE = "edge.db"


class Copies(Protocol):
    """What knows databases and the files of backups."""

    def copy(self, target: Path) -> Mapping[str, int]:
        """Write a copy of the database in use to a new file and return counts of what it holds."""
        ...

    def pack(
        self,
        out: BinaryIO,
        database: Path,
        about: Mapping[str, Any],
        passphrase: str,
        extras: Mapping[str, bytes],
    ) -> None:
        """Write the file of a backup; raises BackupError."""
        ...

    def unpack(self, file: Path, folder: Path, passphrase: str) -> dict[str, Any]:
        """Take the database out of a backup into a folder; return what it says of itself. BackupError."""
        ...

    def check(self, database: Path) -> Mapping[str, int]:
        """Look through a database; return counts of what it holds. Raises StoreError."""
        ...

    def prepare(self, database: Path, *, forget: Collection[str], actor: str, taken: str) -> None:
        """Make a database ready to take the place of the one in use. Raises StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class BackupPlace:
    """Where things lie, and what is written into a backup about the terminal."""

    data_dir: Path
    device: str
    version: str
    config: Path | None


class BackupDesk:
    """Takes backups and puts them back; `now` gives ISO 8601 UTC."""

    def __init__(
        self,
        place: BackupPlace,
        copies: Copies,
        *,
        journal: Journal,
        query: EventQuery,
        now: Callable[[], str],
    ) -> None:
        self._place = place
        self._copies = copies
        self._journal = journal
        self._query = query
        self._now = now

    def take(self, out: BinaryIO, passphrase: str, *, actor: str) -> dict[str, Any]:
        """Write a backup to `out` and return what it says of itself.

        It is journaled before it begins. Raises BackupError for a passphrase that is too short, StoreError.
        """
        check_passphrase(passphrase)
        self._journal.append(NewEvent(EventType.ADMIN_BACKUP_TAKEN, data={"actor": actor}))
        with tempfile.TemporaryDirectory(dir=self._place.data_dir, prefix=".backup-") as folder:
            copy = Path(folder) / DATABASE
            about = {
                "format": 1,
                "device": self._place.device,
                "version": self._place.version,
                "taken": self._now(),
                **self._copies.copy(copy),
            }
            self._copies.pack(out, copy, about, passphrase, self._extras())
        return about

    def put_back(self, file: Path, passphrase: str, *, actor: str) -> dict[str, Any]:
        """Check a backup in a scratch place and have it wait for the next start; return what it says.

        What waited before is dropped. Raises BackupError, StoreError; then nothing is changed.
        """
        data_dir = self._place.data_dir
        if not file.is_file():
            raise BackupError("backup: choose a file")
        with tempfile.TemporaryDirectory(dir=data_dir, prefix=SCRATCH, ignore_cleanup_errors=True) as folder:
            scratch = Path(folder)
            about = self._copies.unpack(file, scratch, passphrase)
            about |= self._copies.check(scratch / DATABASE)
            about["actor"] = actor
            taken = str(about.get("taken", ""))[:40]
            self._copies.prepare(scratch / DATABASE, forget=self._removed(), actor=actor, taken=taken)
            for leftover in scratch.iterdir():
                if leftover.name != DATABASE:
                    leftover.unlink()
            (scratch / ABOUT).write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
            _give_to_owner(data_dir, scratch, *scratch.iterdir())
            self.drop()
            try:
                scratch.rename(data_dir / WAITING)
            except OSError as error:
                raise BackupError(f"{data_dir / WAITING}: it cannot be made ({error.strerror})") from error
        return about

    def waiting(self) -> dict[str, Any] | None:
        """Return what is said of the backup that takes its place at the next start, None for none."""
        try:
            found = json.loads((self._place.data_dir / WAITING / ABOUT).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def drop(self) -> None:
        """Let no backup wait any more."""
        shutil.rmtree(self._place.data_dir / WAITING, ignore_errors=True)

    def _removed(self) -> list[str]:
        """Return the people that were forgotten here, who must not come back."""
        which, after, found = EventFilter(types=frozenset({EventType.PERSON_REMOVED})), 0, []
        while page := self._query.oldest(which, after=after):
            found += [event.person for event in page if event.person is not None]
            after = page[-1].seq
        return found

    def _extras(self) -> dict[str, bytes]:
        """Return the configuration, to be read by whoever sets up a new terminal."""
        files = {"edge.toml": self._place.config, "page.toml": self._place.data_dir / "page.toml"}
        return {
            name: file.read_bytes() for name, file in files.items() if file is not None and file.is_file()
        }


def _give_to_owner(of: Path, *paths: Path) -> None:
    """Give files to the owner of a folder: a command run as root must not lock out the service."""
    if os.geteuid() == 0:
        owner = of.stat()
        for path in paths:
            os.chown(path, owner.st_uid, owner.st_gid)


def check_passphrase(passphrase: str) -> None:
    """Raise BackupError for a passphrase that protects nothing."""
    if len(passphrase) < SHORTEST:
        raise BackupError(f"backup: the passphrase needs at least {SHORTEST} characters")
    if len(passphrase) > LONGEST:
        raise BackupError(f"backup: the passphrase has more than {LONGEST} characters")


def expire_kept(data_dir: Path, now: float) -> None:
    """Delete databases that a backup took the place of, KEPT seconds after: forgotten people are in them."""
    for folder in (data_dir / "backups").glob(f"{REPLACED}*"):
        if now - folder.stat().st_mtime > KEPT:
            shutil.rmtree(folder, ignore_errors=True)
