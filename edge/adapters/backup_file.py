"""The file of a backup: a ZIP inside of an encrypted stream, for it holds faces and names.

    magic line, then a line of JSON (how the key is made of the passphrase), then frames of FRAME bytes, each
    encrypted with AES-256-GCM: the nonce counts the frames and tells the last one, so that none can be left
    out, swapped or cut off unnoticed (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár).
    The line of JSON is authenticated with each frame.

The key is made with scrypt (RFC 7914), 32 MiB and some tenths of a second a try.
"""

import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from edge.errors import BackupError

MAGIC = b"EDGE BACKUP 1\n"
FRAME = 64 * 1024
TAG = 16
PREFIX = 7  # bytes of a nonce of 12; four count the frames, one tells the last
MOST_HEADER = 1024
COST = {"n": 2**15, "r": 8, "p": 1}
MOST_COST = {"n": 2**18, "r": 8, "p": 4}  # of a file from outside: 256 MiB
DATABASE = "edge.db"
ABOUT = "about.json"
MOST_ABOUT = 16 * 1024
MOST_MEMBERS = 8


def write_backup(
    out: BinaryIO,
    database: Path,
    about: Mapping[str, Any],
    passphrase: str,
    extras: Mapping[str, bytes] | None = None,
) -> None:
    """Write the file of a backup to `out`; raises BackupError where that is not possible."""
    salt, prefix = os.urandom(16), os.urandom(PREFIX)
    header = {"kdf": "scrypt", "salt": salt.hex(), "prefix": prefix.hex(), "frame": FRAME, **COST}
    try:
        line = json.dumps(header).encode() + b"\n"
        out.write(MAGIC + line)
        sealer = _Sealer(out, _key(passphrase, salt, COST), prefix, line)
        with zipfile.ZipFile(sealer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(ABOUT, json.dumps(dict(about), ensure_ascii=False))
            for name, data in (extras or {}).items():
                archive.writestr(name, data)
            archive.write(database, DATABASE)
        sealer.finish()
    except OSError as error:
        raise BackupError(f"backup: it cannot be written ({error.strerror})") from error


def read_backup(file: Path, folder: Path, passphrase: str) -> dict[str, Any]:
    """Take the database out of a backup into `folder`, and return what the backup says of itself.

    Raises BackupError for what is no backup, is cut off or changed, or has another passphrase.
    """
    archive = folder / "backup.zip"
    try:
        with file.open("rb") as source, archive.open("wb") as target:
            _open_sealed(source, target, passphrase)
        with zipfile.ZipFile(archive) as members:
            return _unpacked(members, folder)
    except OSError as error:
        raise BackupError(f"backup: it cannot be read ({error.strerror})") from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BackupError("backup: its content makes no sense; take another one") from error
    finally:
        archive.unlink(missing_ok=True)


def _unpacked(members: zipfile.ZipFile, folder: Path) -> dict[str, Any]:
    if len(members.infolist()) > MOST_MEMBERS or members.getinfo(ABOUT).file_size > MOST_ABOUT:
        raise ValueError("too much in it")
    about = json.loads(members.read(ABOUT))
    if not isinstance(about, dict) or about.get("format") != 1:
        raise ValueError("another format")
    room = os.statvfs(folder)
    if members.getinfo(DATABASE).file_size > room.f_bavail * room.f_frsize:
        raise BackupError("backup: the disk has no room for it")
    with members.open(DATABASE) as source, (folder / DATABASE).open("xb") as target:
        while piece := source.read(FRAME):
            target.write(piece)
    return about


def _open_sealed(source: BinaryIO, target: BinaryIO, passphrase: str) -> None:
    if source.read(len(MAGIC)) != MAGIC:
        raise BackupError("backup: this file is none of this program")
    line = source.readline(MOST_HEADER)
    header = _header(line)
    cipher = AESGCM(_key(passphrase, header.salt, header.cost))
    number, sealed = 0, source.read(header.frame + TAG)
    while sealed:
        following = source.read(header.frame + TAG)
        nonce = _nonce(header.prefix, number, last=not following)
        try:
            target.write(cipher.decrypt(nonce, sealed, line))
        except InvalidTag:
            why = "the passphrase is wrong" if number == 0 else "it is damaged or cut off"
            raise BackupError(f"backup: {why}") from None
        number, sealed = number + 1, following


@dataclass(frozen=True, slots=True)
class _Header:
    salt: bytes
    prefix: bytes
    frame: int
    cost: Mapping[str, int]

    @property
    def good(self) -> bool:
        """Return whether it is one of ours, and costs no more than it may."""
        dear = any(not 1 <= self.cost[name] <= most for name, most in MOST_COST.items())
        return TAG < self.frame <= 16 * FRAME and len(self.prefix) == PREFIX and not dear


def _header(line: bytes) -> _Header:
    try:
        told = json.loads(line)
        cost = {name: int(told[name]) for name in COST}
        frame = int(told["frame"])
        found = _Header(bytes.fromhex(told["salt"]), bytes.fromhex(told["prefix"]), frame, cost)
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError("backup: its beginning is damaged") from error
    if not found.good:
        raise BackupError("backup: its beginning is damaged")
    return found


class _Sealer(io.RawIOBase):
    """Encrypts what is written, frame by frame; it cannot go back."""

    def __init__(self, out: BinaryIO, key: bytes, prefix: bytes, line: bytes) -> None:
        self._out = out
        self._line = line
        self._cipher = AESGCM(key)
        self._prefix = prefix
        self._number = 0
        self._rest = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        rest = self._rest + bytes(data)
        while len(rest) > FRAME:  # one frame is always kept back: it may be the last
            self._seal(rest[:FRAME], last=False)
            rest = rest[FRAME:]
        self._rest = rest
        return len(data)

    def finish(self) -> None:
        """Write the last frame."""
        self._seal(self._rest, last=True)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last=last)
        self._out.write(self._cipher.encrypt(nonce, piece, self._line))
        self._number += 1


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])


def _key(passphrase: str, salt: bytes, cost: Mapping[str, int]) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost["n"], r=cost["r"], p=cost["p"]).derive(passphrase.encode())
