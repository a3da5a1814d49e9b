"""Lines of the program in the language of a page: errors, reasons of the health, answers of the doors.

The program says them in English. `texts/lines.toml` holds the ones that people meet on pages as templates, in
which `{…}` is whatever stands there; a line that fits none is shown as it is.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files

from edge.web.language import Language

_HOLE = re.compile(r"\\\{(\w+)\\\}")


def line_words(line: str, language: Language) -> str:
    """Return a line of the program in a language."""
    if language == "en" or not line:
        return line
    for pattern, text in _templates():
        found = pattern.fullmatch(line)
        if found is not None:
            said = {name: line_words(value, language) for name, value in found.groupdict().items()}
            return text.format_map(said)
    return line


@cache
def _templates() -> tuple[tuple[re.Pattern[str], str], ...]:
    file = files("edge.web").joinpath("texts").joinpath("lines.toml")
    lines = tomllib.loads(file.read_text("utf-8"))["line"]
    return tuple((re.compile(_HOLE.sub(r"(?P<\1>.+?)", re.escape(one))), text) for one, text in lines.items())
