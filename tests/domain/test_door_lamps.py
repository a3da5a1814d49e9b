import math

import pytest

from edge.domain.door_lamps import Cue, Lamps, shown
from edge.domain.door_state import Buzzer, Indication

LOCKED = Indication(green=False, red=True, buzzer=Buzzer.OFF)
UNLOCKED = Indication(green=True, red=False, buzzer=Buzzer.OFF)
NEVER = -math.inf


def course(
    indication: Indication, cue: Cue | None, *, stuck: bool = False, seconds: float = 3.0
) -> list[Lamps]:
    """Return what is shown one after the other, each as long as it says itself."""
    found, now = list[Lamps](), 100.0
    while now < 100.0 + seconds:
        one = shown(indication, cue, 100.0, now, stuck=stuck)
        if not found or found[-1] != one.lamps:
            found.append(one.lamps)
        now += max(one.left, 1e-9)
    return found


def test_red_is_locked_and_green_unlocked_and_neither_changes_by_itself() -> None:
    assert shown(LOCKED, None, NEVER, 5.0).lamps == Lamps(red=True)
    assert shown(UNLOCKED, None, NEVER, 5.0).lamps == Lamps(green=True)
    assert shown(LOCKED, None, NEVER, 5.0).left == math.inf


def test_a_grant_beeps_once_and_a_denial_twice_with_a_red_lamp_that_blinks() -> None:
    assert course(UNLOCKED, Cue.GRANTED) == [Lamps(green=True, buzzer=True), Lamps(green=True)]
    denied = course(LOCKED, Cue.DENIED)
    assert [one.red for one in denied].count(True) >= 6
    beeps = sum(
        one.buzzer and not before.buzzer for before, one in zip([Lamps(), *denied], denied, strict=False)
    )
    assert beeps == 2
    assert denied[-1] == Lamps(red=True)


def test_a_missing_pin_is_asked_for_by_a_green_lamp_that_blinks_for_half_a_minute() -> None:
    assert course(LOCKED, Cue.WAITING)[:2] == [Lamps(green=True, red=True), Lamps(red=True)]
    assert shown(LOCKED, Cue.WAITING, 0.0, 31.0).lamps == Lamps(red=True)
    assert shown(UNLOCKED, Cue.WAITING, 0.0, 1.0).lamps == Lamps(green=True)


def test_a_journal_that_is_stuck_blinks_red_for_as_long_as_it_is() -> None:
    assert Lamps() in course(LOCKED, None, stuck=True)
    assert Lamps(green=True, red=True) in course(UNLOCKED, None, stuck=True)
    assert len(course(LOCKED, None, stuck=True, seconds=60)) > 50


@pytest.mark.parametrize(("buzzer", "share"), [(Buzzer.WARNING, 0.1), (Buzzer.ALARM, 2 / 3)])
def test_a_warning_ticks_and_an_alarm_is_heard_most_of_the_time_whatever_else_beeps(
    buzzer: Buzzer, share: float
) -> None:
    indication = Indication(green=False, red=True, buzzer=buzzer)
    for cue in (None, *Cue):
        on = sum(shown(indication, cue, 50.0, 50 + tenth / 1000).lamps.buzzer for tenth in range(9000))
        assert on / 9000 == pytest.approx(share, abs=0.01)


def test_what_is_shown_stays_for_as_long_as_it_says() -> None:
    for cue in Cue:
        now = 0.0
        while now < 2.0:
            one = shown(LOCKED, cue, 0.0, now)
            if 1e-6 < one.left < math.inf:
                assert shown(LOCKED, cue, 0.0, now + one.left * 0.99).lamps == one.lamps
            now += 0.01
