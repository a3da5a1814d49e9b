import pytest
from pydantic import ValidationError

from edge.config import AttendanceSettings

GOOD: dict[str, list[object]] = {
    "order": ["turn", "schedule key"],
    "times": ["morning=in; 昼 休み = break_start ;evening=out", " ; "],
    "day_begins": ["4:30", "23:59", "00:00"],
    "round_minutes": [1, 15, 60],
    "breaks": ["6:00 0:30; 9:00 0:45", "0:00 1:00"],
}
BAD: dict[str, list[object]] = {
    "order": ["", "key key", "face", "key,turn"],
    "times": ["morning", "=in", "morning=later", "morning=in=out"],
    "day_begins": ["", "24:00", "4", "4:60", "-1:00"],
    "round_minutes": [0, 7, 61],
    "breaks": ["6:00", "6:00 0:30 1:00", "six 0:30", "6:00 0:75"],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in GOOD.items() for value in values])
def test_what_makes_sense_is_taken(key: str, value: object) -> None:
    assert getattr(AttendanceSettings.model_validate({key: value}), key) == value


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in BAD.items() for value in values])
def test_what_makes_none_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        AttendanceSettings.model_validate({key: value})
