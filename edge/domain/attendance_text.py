"""The rules of attendance as the configuration writes them."""

import re

from edge.domain.attendance_punch import PunchKind, Source
from edge.errors import RuleError

_CLOCK = re.compile(r"(\d{1,2}):(\d\d)")
_LAST_MINUTE = 59
_SOURCES = (Source.KEY, Source.DIRECTION, Source.SCHEDULE, Source.TURN)


def parse_order(text: str) -> tuple[Source, ...]:
    """Return the order of sources of a text as in `key direction turn`; raises RuleError."""
    words = text.split()
    known = {str(source): source for source in _SOURCES}
    for word in words:
        if word not in known:
            raise RuleError(f'"{word}" says nothing of a punch; known are {", ".join(known)}')
    if not words or len(set(words)) < len(words):
        raise RuleError(f"each source once, at least one; known are {', '.join(known)}")
    return tuple(known[word] for word in words)


def parse_times(text: str) -> tuple[tuple[str, PunchKind], ...]:
    """Return (schedule name, kind) of a text as in `morning=in; lunch=break_start`; raises RuleError."""
    found = []
    kinds = {str(kind): kind for kind in PunchKind}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, kind = (word.strip() for word in part.partition("="))
        if not name or kind not in kinds:
            raise RuleError(f'"{part}": write SCHEDULE=KIND, the kind one of {", ".join(kinds)}')
        found.append((name, kinds[kind]))
    return tuple(found)


def parse_breaks(text: str) -> tuple[tuple[float, float], ...]:
    """Return (seconds of work, seconds of break) of a text as in `6:00 0:30; 9:00 0:45`; raises RuleError."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        words = part.split()
        if len(words) != 2:  # noqa: PLR2004 - work and break
            raise RuleError(
                f'"{part}": write the hours of work and of the break that follows, as in "6:00 0:30"'
            )
        found.append((parse_clock(words[0]) * 60.0, parse_clock(words[1]) * 60.0))
    return tuple(found)


def parse_clock(text: str) -> int:
    """Return the minutes of a text as in 6:30; raises RuleError."""
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[2]) > _LAST_MINUTE:
        raise RuleError(f'"{text}" is no time of day nor a number of hours; write one as in 6:30')
    return int(match[1]) * 60 + int(match[2])
