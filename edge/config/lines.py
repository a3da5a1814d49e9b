"""On which line of a TOML file each table and key stands; `tomllib` gives values without their places."""

import re
from collections.abc import Sequence

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_HEADER = re.compile(rf"\[\[?[ \t]*(?P<key>{_DOTTED})[ \t]*\]\]?")
_ASSIGNMENT = re.compile(rf"(?P<key>{_DOTTED})[ \t]*=")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_VALUE_PIECE = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}'''
    r"""|'{3}.*?'{3,5}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
    r"""|\#[^\n]*|[\[{]|[\]}]|\n|[^"'\[\]{}\#\n]+|.""",
    re.DOTALL,
)


class KeyLines:
    """The lines of the tables and keys of one valid TOML text, counted from 1.

    Keys inside inline tables and arrays have the line on which the whole value begins. `last_table` is the
    table that a key written at the end of the text would belong to.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, ...], int] = {}
        self.last_table: tuple[str, ...] = ()
        self._scan(text.replace("\r\n", "\n"))

    def line(self, key: Sequence[str]) -> int:
        """Return the line of `key`, or that of the nearest table or value around it, or 1."""
        for length in range(len(key), 0, -1):
            if tuple(key[:length]) in self._lines:
                return self._lines[tuple(key[:length])]
        return 1

    def _scan(self, text: str) -> None:
        position, line, counted = 0, 1, 0
        while (position := _skip_blank(text, position)) < len(text):
            line, counted = line + text.count("\n", counted, position), position
            if header := _HEADER.match(text, position):
                self.last_table = _parts(header["key"])
                self._note(self.last_table, line)
                position = header.end()
            elif assignment := _ASSIGNMENT.match(text, position):
                self._note((*self.last_table, *_parts(assignment["key"])), line)
                position = _skip_value(text, assignment.end())
            else:  # nothing TOML knows: leave the rest alone rather than guess
                return

    def _note(self, key: tuple[str, ...], line: int) -> None:
        for length in range(1, len(key) + 1):  # [a.b] and a.b = 1 make the table a as well
            self._lines.setdefault(key[:length], line)


def key_on_line(text: str, number: int) -> str:
    """Return the table or whole key that line `number` (from 1) begins with, or an empty text."""
    lines = text.splitlines()
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    if header := _HEADER.match(line):
        return ".".join(_parts(header["key"]))
    if assignment := _ASSIGNMENT.match(line):
        table = KeyLines("\n".join(lines[: number - 1])).last_table
        return ".".join((*table, *_parts(assignment["key"])))
    return ""


def _skip_blank(text: str, position: int) -> int:
    found = _BLANK.match(text, position)
    return found.end() if found else position


def _skip_value(text: str, position: int) -> int:
    depth = 0
    while found := _VALUE_PIECE.match(text, position):
        piece = found[0]
        if piece == "\n" and depth == 0:
            break
        if piece in "[{":
            depth += 1
        elif piece in "]}":
            depth -= 1
        position = found.end()
    return position


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_KEY, dotted))
