"""The files that the configuration names: where they lie, and whether secrets are kept as such."""

import os
from pathlib import Path

from edge.config import Sections, Settings
from edge.credentials import credential_path, credential_problem
from edge.errors import ConfigError

PUBLIC = ("ca_file", "cert_file")  # the ends of the names of keys whose files everybody may read


def file_of(settings: Settings, name: str) -> Path:
    """Return the file that a key names: a bare name lies with the credentials, else beside the settings."""
    beside = settings.file.absolute().parent if settings.file else Path.cwd()
    return credential_path(name, beside)


def optional_file(settings: Settings, name: str) -> Path | None:
    """Return the file that a key names, None where it names none."""
    return file_of(settings, name) if name else None


def secret_problems(settings: Settings) -> list[str]:
    """Return what is wrong with the files that the configuration names, one line each.

    They have to be there and readable; a secret by nobody but its owner and the group of the daemon, which
    is that of this process or of the folder of its state.
    """
    groups = _groups(settings.data_dir)
    problems = []
    for section in Sections.model_fields:
        for key, value in getattr(settings, section).model_dump().items():
            if not key.endswith("_file") or not isinstance(value, str) or not value:
                continue
            secret = not key.endswith(PUBLIC) or _holds_key(settings, section, key)
            problem = credential_problem(file_of(settings, value), groups if secret else None)
            if problem is not None:
                problems += settings.wrong(f"{section}.{key}", problem).problems
    return problems


def check_secrets(settings: Settings) -> None:
    """Raise ConfigError with everything that `secret_problems` finds."""
    problems = secret_problems(settings)
    if problems:
        raise ConfigError(problems)


def _holds_key(settings: Settings, section: str, key: str) -> bool:
    """Return whether a certificate's file has to hold its key as well."""
    return key == "cert_file" and not getattr(settings, section).key_file


def _groups(folder: Path) -> frozenset[int]:
    try:
        return frozenset({os.getegid(), folder.stat().st_gid})
    except OSError:
        return frozenset({os.getegid()})
