"""Secrets from files: never from the configuration, an argument or the environment, and never shown.

A bare name is looked for among the credentials that the service manager handed over
(https://systemd.io/CREDENTIALS/), then beside the configuration file.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from edge.errors import ConfigError

CREDENTIALS = "CREDENTIALS_DIRECTORY"
MAX_BYTES = 4096


def credential_path(name: str, beside: Path, environ: Mapping[str, str] | None = None) -> Path:
    """Return the file called `name`; a relative one lies with the credentials, else in folder `beside`."""
    folder = (os.environ if environ is None else environ).get(CREDENTIALS)
    if folder and "/" not in name and (handed_over := Path(folder) / name).is_file():
        return handed_over
    return beside / name


def credential_problem(path: Path, groups: frozenset[int] | None) -> str | None:
    """Return what is wrong with a file that the configuration names, None where nothing is.

    It has to be a file that this process can read. A secret, which `groups` says it is, may besides be
    readable for nobody but its owner and one of these groups; what the service manager handed over is kept
    by it.
    """
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
    except OSError as error:
        return f"{path}: it cannot be read ({error.strerror}); check its name, owner and mode"
    if not stat.S_ISREG(found.st_mode):
        return f"{path}: it is no file; name the file itself"
    if groups is None:
        return None
    if found.st_mode & stat.S_IROTH:
        return f"{path}: everybody may read this secret; chmod 600 it"
    handed_over = os.environ.get(CREDENTIALS)
    kept = handed_over is not None and path.is_relative_to(handed_over)
    if found.st_mode & stat.S_IRGRP and found.st_gid not in groups and not kept:
        return f"{path}: a group may read this secret that the daemon is not of; chmod 600 it"
    return None


def read_credential(path: Path, *, shortest: int = 1) -> bytes:
    """Return what the file holds, without its last line end.

    Raises ConfigError for a file that is missing, unreadable, empty, shorter than `shortest` bytes, larger
    than 4 KiB, or readable for everybody.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            [f"{path}: it cannot be read ({error.strerror}); check its owner and mode"]
        ) from None
    if mode & stat.S_IROTH:
        raise ConfigError([f"{path}: everybody may read this secret; chmod o-r it"])
    if len(text) > MAX_BYTES:
        raise ConfigError([f"{path}: over {MAX_BYTES} bytes, which no secret needs; check the name"])
    secret = text.removesuffix(b"\n").removesuffix(b"\r")
    if len(secret) < shortest:
        raise ConfigError([f"{path}: {len(secret)} bytes, at least {shortest} are needed"])
    return secret
