"""The few values that an admin changes on the pages: a file in the data folder, laid over the configuration.

The service may not write its configuration, which is root's and names commands and files. So what the pages
change lies in a file of their own, which holds these keys and nothing else. It comes before the configuration
file: whoever changes a value on the page wants that value.
"""

import json
import os
import tempfile
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from edge.config.lines import KeyLines
from edge.config.problems import Problem, find_problems
from edge.errors import ConfigError

PAGE_FILE = "page.toml"
MAX_BYTES = 16 * 1024
HEADER = (
    "# Changed on the pages of the terminal. It comes before the configuration file; remove it to undo.\n"
)
CHANGEABLE: Mapping[str, tuple[str, ...]] = {
    "device": ("language", "timezone"),
    "storage": ("keep_days",),
    "recognition": ("threshold_percent", "cooldown_seconds"),
    "door": ("pulse_seconds",),
}
INSTEAD = {("recognition", "threshold_percent"): "threshold_score"}  # the two exclude each other

Value: TypeAlias = str | int | float


@dataclass(frozen=True, slots=True)
class PageFile:
    """What the file says; `document` is empty where there is none, or it may not be read by this user."""

    path: Path
    document: Mapping[str, Any]
    lines: KeyLines


def read_page_file(data_dir: Path) -> PageFile:
    """Read the file of a data folder; raises ConfigError for one that holds anything else than it may."""
    path = data_dir / PAGE_FILE
    try:
        with path.open("rb") as opened:
            text = opened.read(MAX_BYTES + 1)[:MAX_BYTES].decode()
        document = tomllib.loads(text)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return PageFile(path, {}, KeyLines(""))
    except (OSError, ValueError) as error:
        raise ConfigError(
            [f"{path}: it cannot be read: {error}; remove it to undo what was changed"]
        ) from error
    lines = KeyLines(text)
    foreign = [
        f"{path}:{lines.line((section, key))}: {section}.{key}: it cannot be changed here; remove it"
        for section, values in document.items()
        for key in (values if isinstance(values, dict) else ("",))
        if key not in CHANGEABLE.get(section, ())
    ]
    if foreign:
        raise ConfigError(foreign)
    return PageFile(path, document, lines)


def laid_over(document: Mapping[str, Any], page: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration with what was changed on the pages."""
    found = deepcopy(dict(document))
    for section, values in page.items():
        table = found.setdefault(section, {})
        for key, value in values.items():
            table.pop(INSTEAD.get((section, key), ""), None)
            table[key] = value
    return found


def placed(page: PageFile, problems: list[Problem]) -> ConfigError:
    """Return the error for problems that come of what was changed on the pages."""
    return ConfigError([f"{page.path}:{page.lines.line(problem.key)}: {problem}" for problem in problems])


@dataclass(frozen=True, slots=True)
class PageChange:
    """A change that was found good, written beside the file and not yet in its place."""

    path: Path
    scratch: Path

    def take_effect(self) -> None:
        """Put it in place; the next start reads it. Raises ConfigError."""
        try:
            self.scratch.replace(self.path)
        except OSError as error:
            raise ConfigError([f"{self.path}: it cannot be written: {error.strerror}"]) from error

    def drop(self) -> None:
        """Forget it; may be called after `take_effect`."""
        self.scratch.unlink(missing_ok=True)


def prepare_change(
    data_dir: Path, document: Mapping[str, Any], changes: Mapping[tuple[str, str], Value | None]
) -> PageChange:
    """Write the file as it would be with some keys set, None for taken back; raises ConfigError.

    `document` is the configuration file's. What the file already says stays, and the whole is checked as at a
    start.
    """
    page = read_page_file(data_dir)
    wanted: dict[str, dict[str, Any]] = {name: dict(values) for name, values in page.document.items()}
    for (section, key), value in changes.items():
        if key not in CHANGEABLE.get(section, ()):
            raise ConfigError([f"{section}.{key}: it cannot be changed here"])
        if value is None:
            wanted.get(section, {}).pop(key, None)
        else:
            wanted.setdefault(section, {})[key] = value
    problems = find_problems(laid_over(document, wanted))
    if problems:
        raise ConfigError([str(problem) for problem in problems])
    return PageChange(page.path, _written(page.path, _toml(wanted)))


def _toml(wanted: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [HEADER]
    for section, values in wanted.items():
        if values:
            lines += [f"\n[{section}]\n", *(f"{key} = {_literal(value)}\n" for key, value in values.items())]
    return "".join(lines)


def _literal(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _written(path: Path, text: str) -> Path:
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
            return Path(stream.name)
    except OSError as error:
        raise ConfigError([f"{path}: it cannot be written: {error.strerror}"]) from error
