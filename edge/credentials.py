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
