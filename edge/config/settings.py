"""The configuration as the program uses it: found, read, checked, with the origin of each value."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from edge.config.lines import KeyLines, key_on_line
from edge.config.page import laid_over, placed, read_page_file
from edge.config.problems import find_problems
from edge.config.sections import CameraSettings, Sections
from edge.errors import ConfigError

CONFIG_VARIABLE = "EDGE_CONFIG"
DATA_VARIABLE = "EDGE_DATA_DIR"
MAX_BYTES = 256 * 1024  # some thirty times the documented file; more is no configuration


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie unless somebody says otherwise."""

    config_file: Path
    data_dir: Path


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: `where` is empty, `FILE:LINE` or the name of the variable."""

    kind: Literal["default", "file", "environment"] = "default"
    where: str = ""


DEFAULT = Origin()


class Settings(Sections):
    """The checked configuration of one start; it never changes.

    `file` is the file it was read from, or None; `data_dir` the absolute folder of all state; `origins` has
    an entry for each key (`camera.rate`) that is not at its default.
    """

    file: Path | None = None
    data_dir: Path
    origins: Mapping[str, Origin] = Field(default_factory=dict)

    @property
    def database(self) -> Path:
        """Return the path of the database."""
        return self.data_dir / "edge.db"

    @property
    def models_dir(self) -> Path:
        """Return the folder of the model profiles."""
        return self.data_dir / "models"

    @property
    def backups_dir(self) -> Path:
        """Return the folder of backups."""
        return self.data_dir / "backups"

    @property
    def control_socket(self) -> Path:
        """Return the path of the daemon's control socket: under /run for the system's own data folder."""
        if self.data_dir == Path("/var/lib/edge"):
            return Path("/run/edge/control.sock")
        return self.data_dir / "control.sock"

    @property
    def web_address(self) -> str:
        """Return the address the pages are served on, empty for every one, as in an installation."""
        return self.web.listen or ("127.0.0.1" if checkout() else "")

    def origin(self, key: str) -> Origin:
        """Return where the value of `section.key` came from."""
        return self.origins.get(key, DEFAULT)

    def wrong(self, key: str, sentence: str) -> ConfigError:
        """Return the error for a value of `section.key` that only its use shows to be wrong.

        `sentence` is `what is wrong; remedy`; a threshold in percent that no score of the model reaches, say.
        """
        where = self.origin(key).where
        return ConfigError([f"{where}: {key}: {sentence}" if where else f"{key}: {sentence}"])


def checkout() -> Path | None:
    """Return the folder of the checkout that this program runs from, None where it is installed."""
    root = Path(__file__).resolve().parents[2]
    return root if (root / "pyproject.toml").is_file() else None


def default_places() -> Places:
    """Return the places of this installation: inside a checkout the checkout's own, else the system's."""
    root = checkout()
    if root is not None:
        return Places(root / "config" / "edge.toml", root / "var")
    return Places(Path("/etc/edge/edge.toml"), Path("/var/lib/edge"))


def config_file(
    path: Path | None = None, environ: Mapping[str, str] | None = None, places: Places | None = None
) -> Path:
    """Return the configuration file that `load_settings` reads, whether or not it is there."""
    environ = os.environ if environ is None else environ
    return path or _path(environ.get(CONFIG_VARIABLE)) or (places or default_places()).config_file


def load_settings(
    path: Path | None = None, environ: Mapping[str, str] | None = None, places: Places | None = None
) -> Settings:
    """Read and check the configuration.

    The file is `path`, or the one EDGE_CONFIG names, or the default one; only the last may be missing, and
    then everything is at its default. What was changed on the pages comes before the file. An empty variable
    counts as unset. Raises ConfigError with every problem, each as `FILE:LINE: key: what is wrong; remedy`; a
    syntax error is reported alone.
    """
    environ = os.environ if environ is None else environ
    places = places or default_places()
    file = config_file(path, environ, places)
    text = _read(file, may_be_missing=path is None and not environ.get(CONFIG_VARIABLE))
    document, lines = _parse(file, text or "")
    problems = find_problems(document)
    if problems:
        numbered = sorted((lines.line(problem.key), problem) for problem in problems)
        raise ConfigError([f"{shown(file)}:{line}: {problem}" for line, problem in numbered])
    sections = Sections.model_validate(document)
    data_dir, moved = _data_dir(sections, file, environ, places)
    page = read_page_file(data_dir)
    if page.document:
        over = laid_over(document, page.document)
        if problems := find_problems(over):
            raise placed(page, problems)
        sections = Sections.model_validate(over)
    values = {name: getattr(sections, name) for name in Sections.model_fields}
    return Settings(
        **values | {"camera": _with_absolute_film(sections.camera, file)},
        file=file if text is not None else None,
        data_dir=data_dir,
        origins=_origins(document, file, lines) | moved | _origins(page.document, page.path, page.lines),
    )


def shown(path: Path) -> str:
    """Return a path as a person would write it: relative where it lies under the working directory."""
    absolute = path.absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def _read(file: Path, *, may_be_missing: bool) -> str | None:
    """Return the text of a file, None where it is missing and may be."""
    try:
        kind = file.stat().st_mode
        raw = _bytes(file) if stat.S_ISREG(kind) else b""
    except FileNotFoundError:
        if may_be_missing:
            return None
        problem = "no such file; check the name, or leave it out for the defaults"
        raise ConfigError([f"{shown(file)}: {problem}"]) from None
    except OSError as error:
        raise ConfigError([f"{shown(file)}: it cannot be read: {error.strerror}"]) from error
    if not stat.S_ISREG(kind):
        what = "a folder" if stat.S_ISDIR(kind) else "no regular file"
        raise ConfigError([f"{shown(file)}: it is {what}; name the configuration file itself"])
    if len(raw) > MAX_BYTES:
        problem = f"over {MAX_BYTES // 1024} KiB, which no configuration needs; check the name"
        raise ConfigError([f"{shown(file)}: {problem}"])
    return _decode(file, raw)


def _bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _decode(file: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")  # editors on Windows begin a file with U+FEFF
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file in that encoding"
        raise ConfigError([f"{shown(file)}:{line}: {problem}"]) from error


def _parse(file: Path, text: str) -> tuple[dict[str, Any], KeyLines]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax_problem(file, text, str(error))]) from error
    except (
        ValueError,
        RecursionError,
    ) as error:  # numbers of thousands of digits; arrays in arrays without end
        raise ConfigError(
            [f"{shown(file)}:1: it holds a value beyond all bounds; start from config/edge.toml"]
        ) from error
    return document, KeyLines(text)


def _syntax_problem(file: Path, text: str, message: str) -> str:
    found = re.fullmatch(
        r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)",
        message,
        re.DOTALL,
    )
    if found is None:
        return f"{shown(file)}:1: {message}; correct the TOML syntax"
    line = int(found["line"]) if found["line"] else max(1, len(text.splitlines()))
    key = key_on_line(text, line)
    prefix = f"{shown(file)}:{line}: {key}: " if key else f"{shown(file)}:{line}: "
    if re.match(r"Cannot (overwrite|declare|mutate|redefine)", found["what"]):
        return f"{prefix}it is written twice; keep one"
    column = f" (column {found['column']})" if found["column"] else ""
    return f"{prefix}{found['what'][:1].lower()}{found['what'][1:]}{column}; correct the TOML syntax"


def _data_dir(
    sections: Sections, file: Path, environ: Mapping[str, str], places: Places
) -> tuple[Path, dict[str, Origin]]:
    if moved := _path(environ.get(DATA_VARIABLE)):
        return moved.absolute(), {"storage.data_dir": Origin("environment", DATA_VARIABLE)}
    if sections.storage.data_dir:
        return (file.absolute().parent / sections.storage.data_dir), {}
    return places.data_dir.absolute(), {}


def _with_absolute_film(camera: CameraSettings, file: Path) -> CameraSettings:
    source = camera.parsed
    if source.kind != "replay":
        return camera
    return camera.model_copy(update={"source": f"replay:{file.absolute().parent / source.target}"})


def _origins(document: Mapping[str, Any], file: Path, lines: KeyLines) -> dict[str, Origin]:
    return {
        f"{section}.{key}": Origin("file", f"{shown(file)}:{lines.line((section, key))}")
        for section, values in document.items()
        for key in values
    }
