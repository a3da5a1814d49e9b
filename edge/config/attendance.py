"""How punches are taken and what is made of them."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from edge.config.section import Section, Text
from edge.domain.attendance_text import parse_breaks, parse_clock, parse_order, parse_times
from edge.domain.schedule_interval import DAY

_HOUR = 60  # minutes


def _order(text: str) -> str:
    parse_order(text)
    return text


def _times(text: str) -> str:
    parse_times(text)
    return text


def _breaks(text: str) -> str:
    parse_breaks(text)
    return text


def _cutoff(text: str) -> str:
    if parse_clock(text) >= DAY:
        raise ValueError("a day has 24 hours; write a time from 0:00 to 23:59")
    return text


def _divisor(minutes: int) -> int:
    if _HOUR % minutes:
        raise ValueError("it must divide an hour; write 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60")
    return minutes


class AttendanceSettings(Section):
    """How punches are taken, and how working time is made of them."""

    take_punches: bool = True
    order: Annotated[Text, AfterValidator(_order)] = "key direction schedule turn"
    direction: Literal["both", "in", "out"] = "both"
    times: Annotated[Text, AfterValidator(_times)] = ""
    double_seconds: Annotated[float, Field(ge=0, le=3600)] = 60.0
    day_begins: Annotated[Text, AfterValidator(_cutoff)] = "0:00"
    longest_hours: Annotated[float, Field(gt=0, le=48)] = 16.0
    round_minutes: Annotated[int, Field(ge=1, le=60), AfterValidator(_divisor)] = 1
    round_in: Literal["none", "up", "down", "nearest"] = "none"
    round_out: Literal["none", "up", "down", "nearest"] = "none"
    breaks: Annotated[Text, AfterValidator(_breaks)] = ""
