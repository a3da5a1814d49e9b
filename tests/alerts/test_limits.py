"""How often somebody is told."""

import json
from typing import Any

import pytest

from edge.config.delivery import AlertSettings
from edge.domain.alert import alert_of, closed_alerts
from edge.domain.alert_limits import AlertLimits, LimitRules
from edge.domain.alert_memory import HOUR, AlertMemory, recalled
from edge.domain.events import MAX_DATA_BYTES, Event, EventType

RULES = LimitRules(quiet=900, per_kind=3, per_hour=5)


class Teller:
    """Feeds alerts to limits and notes what was told."""

    def __init__(self, limits: AlertLimits | None = None) -> None:
        self.limits = limits or AlertLimits(RULES)
        self.seq = 0

    def take(self, at: float, kind: EventType, **data: Any) -> bool | None:
        """Return whether it was told; None where it was worth no thought."""
        self.seq += 1
        time = f"2026-01-31T12:00:{self.seq % 60:02}.000Z"
        event = Event(self.seq, f"j:{self.seq}", "b", time, 0, True, kind, data.pop("person", None), data)
        alert = alert_of(event) or closed_alerts(event)[0]
        if not self.limits.concerns(alert):
            return None
        told = self.limits.judge(alert, at)
        (self.limits.told if told else self.limits.held)(alert, at)
        return told

    def held(self) -> dict[str, int]:
        return {key: one.count for key, one in self.limits.held_back().items()}


@pytest.fixture
def teller() -> Teller:
    return Teller()


def test_the_same_alert_is_quiet_for_a_while_and_then_told_again(teller: Teller) -> None:
    assert teller.take(0, EventType.DOOR_FORCED, door="a")
    assert not teller.take(899, EventType.DOOR_FORCED, door="a")
    assert teller.take(899, EventType.DOOR_FORCED, door="b")
    assert teller.take(900, EventType.DOOR_FORCED, door="a")
    assert teller.held() == {"forced:a": 1}


def test_no_more_of_a_kind_than_allowed_in_any_hour(teller: Teller) -> None:
    doors = "abcdef"
    assert [teller.take(n * 10, EventType.DOOR_FORCED, door=door) for n, door in enumerate(doors)] == [
        *(True, True, True),
        *(False, False, False),
    ]
    assert not teller.take(HOUR - 1, EventType.DOOR_FORCED, door="g")
    assert teller.take(HOUR, EventType.DOOR_FORCED, door="h")
    assert not teller.take(HOUR, EventType.DOOR_FORCED, door="i")


def test_no_more_of_all_kinds_than_allowed_in_any_hour(teller: Teller) -> None:
    kinds = [
        *(EventType.DOOR_FORCED, EventType.DOOR_TAMPERED, EventType.FIRE_STARTED),
        *(EventType.CAMERA_LOST, EventType.THERMAL_THROTTLED, EventType.SYSTEM_DISK_LOW),
    ]
    assert [teller.take(0, kind) for kind in kinds] == [True] * 5 + [False]


def test_duress_is_always_told_and_takes_no_place_of_others(teller: Teller) -> None:
    for n in range(50):
        assert teller.take(n, EventType.ACCESS_DURESS, person="01P", door="a")
    assert teller.take(50, EventType.DOOR_FORCED, door="a")


def test_the_end_is_told_where_the_beginning_was(teller: Teller) -> None:
    assert teller.take(0, EventType.CAMERA_LOST)
    assert teller.take(5, EventType.CAMERA_RESTORED)
    assert teller.take(6, EventType.CAMERA_RESTORED) is None
    assert not teller.take(7, EventType.CAMERA_LOST)
    assert not teller.take(8, EventType.CAMERA_RESTORED)
    assert teller.take(9, EventType.DOOR_CLOSED, door="a") is None
    [held] = teller.limits.held_back().values()
    assert (held.count, held.over, held.first_seq, held.last_seq) == (1, True, 4, 5)


def test_a_repeat_that_was_held_back_does_not_silence_the_end(teller: Teller) -> None:
    assert teller.take(0, EventType.CAMERA_LOST)
    assert not teller.take(1, EventType.CAMERA_COVERED)
    assert teller.take(2, EventType.CAMERA_RESTORED)
    [held] = teller.limits.held_back().values()
    assert held.over


def test_after_a_summary_the_end_is_told_as_well(teller: Teller) -> None:
    teller.take(0, EventType.CAMERA_LOST)
    teller.take(1, EventType.CAMERA_RESTORED)
    assert not teller.take(2, EventType.CAMERA_LOST)
    assert teller.limits.due() == 2 + 900
    teller.limits.summed_up()
    assert teller.limits.due() is None
    assert teller.take(3, EventType.CAMERA_RESTORED)


def test_what_was_given_up_is_summed_up_and_its_repeats_are_quiet(teller: Teller) -> None:
    event = Event(1, "j:1", "b", "2026-01-31T12:00:00.000Z", 0, True, EventType.DOOR_FORCED, None, {})
    alert = alert_of(event)
    assert alert is not None
    teller.limits.given_up(alert, 0)
    assert not teller.take(10, EventType.DOOR_FORCED)
    assert teller.held() == {"forced": 2}


def test_what_is_remembered_survives_a_restart(teller: Teller) -> None:
    for n, door in enumerate("abcd"):
        teller.take(100 + n, EventType.DOOR_FORCED, door=door)
    teller.take(110, EventType.DOOR_FORCED, door="a")
    text = json.dumps(teller.limits.memory.json(now=200, wall=5000))
    again = Teller(AlertLimits(RULES, recalled(json.loads(text), now=7, wall=5000)))
    assert again.held() == {"forced:d": 1, "forced:a": 1}
    assert again.limits.due() == 103 - 200 + 7 + 900
    assert not again.take(8, EventType.DOOR_FORCED, door="x")
    assert again.take(8, EventType.CAMERA_LOST) is not None
    again.limits.summed_up()
    assert again.take(9, EventType.DOOR_CLOSED, door="b")


@pytest.mark.parametrize("wall", [0.0, 4000.0, 1e9])
def test_a_clock_that_was_set_meanwhile_silences_nobody_for_longer_than_an_hour(
    teller: Teller, wall: float
) -> None:
    for door in "abc":
        teller.take(0, EventType.DOOR_FORCED, door=door)
    memory = recalled(teller.limits.memory.json(now=1, wall=5000), now=0, wall=wall)
    again = Teller(AlertLimits(RULES, memory))
    assert again.take(HOUR, EventType.DOOR_FORCED, door="a")


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"sent": [[1, "burglars"]], "held": {"x": [1]}, "last": 3, "since": 9}',
        '{"held": {"x": ["burglars", 1, 2, 3, "", "", false]}, "standing": []}',
        '{"last": {"forced": "yesterday"}}',
    ],
)
def test_a_memory_that_makes_no_sense_is_left_out(text: str) -> None:
    limits = AlertLimits(RULES, recalled(json.loads(text), now=0, wall=0))
    assert limits.due() is None
    assert Teller(limits).take(RULES.quiet, EventType.DOOR_FORCED)


def test_the_memory_is_bounded_also_with_the_widest_limits() -> None:
    most = [AlertSettings.model_fields[name].metadata[-1].le for name in ("per_kind", "per_hour")]
    teller = Teller(AlertLimits(LimitRules(1, *most), AlertMemory()))
    for n in range(3000):
        teller.take(float(n), EventType.DOOR_FORCED, door=f"a door with rather a long name {n}")
    memory = teller.limits.memory
    assert len(memory.sent) <= most[1]
    assert sum(one.count for one in memory.held.values()) == 3000 - most[0]
    assert len(json.dumps(memory.json(3000, 1.8e9))) < MAX_DATA_BYTES
