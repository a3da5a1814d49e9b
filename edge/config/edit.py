"""Changes keys of a configuration file in place: comments, order and everything else stay as they are."""

import re
import tomllib
from collections.abc import Mapping

from edge.errors import ConfigError


def with_keys(text: str, section: str, values: Mapping[str, str]) -> str:
    """Return the text of a file with some keys of a section set to strings.

    A key takes the place of its line, commented out or not, or comes first in its section, which is added at
    the end where there is none. Raises ConfigError where the file is written in a way that this would not
    change, or would change more than this.
    """
    lines = text.splitlines()
    for key, value in values.items():
        lines = _with_key(lines, section, f'{key} = "{value}"', re.compile(rf"(#\s*)?{re.escape(key)}\s*="))
    changed = "\n".join(lines) + "\n"
    expected = tomllib.loads(text)
    table = expected.setdefault(section, {})
    if isinstance(table, dict):
        table.update(values)
    try:
        if tomllib.loads(changed) == expected:
            return changed
    except tomllib.TOMLDecodeError:
        pass  # said below: the file's own text is good, or its reader would have said so
    wanted = ", ".join(f'{key} = "{value}"' for key, value in values.items())
    raise ConfigError([f"the file is not written one key a line; set {wanted} in [{section}] by hand"])


def _with_key(lines: list[str], section: str, line: str, pattern: re.Pattern[str]) -> list[str]:
    header = f"[{section}]"
    starts = [number for number, one in enumerate(lines) if one.strip().split("#")[0].strip() == header]
    if not starts:
        return [*lines, *([""] if lines else []), header, line]
    start = starts[0]
    end = next((n for n in range(start + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
    places = [n for n in range(start + 1, end) if pattern.match(lines[n])]
    set_already = [n for n in places if not lines[n].startswith("#")]
    for place in (set_already or places)[:1]:
        return [*lines[:place], line, *lines[place + 1 :]]
    return [*lines[: start + 1], line, *lines[start + 1 :]]
