"""When a sign of life is true: which loops answer, and by when."""

from dataclasses import replace

import pytest

from edge.domain.watchdog import Deadlines, Loops, Stage, late

NOW = 1000.0
DEADLINES = Deadlines(vision=5, job=10, grace=2)
WORKING = Loops(stage=Stage.WORKING, sign=NOW - 0.5, due=NOW + 9.5, job=None)


def test_a_parent_whose_loops_all_work_is_alive() -> None:
    assert late(WORKING, NOW, DEADLINES) == []
    assert late(replace(WORKING, job=NOW - 10), NOW, DEADLINES) == []


def test_a_child_without_a_sign_is_late_although_its_supervisor_still_waits() -> None:
    silent = replace(WORKING, sign=NOW - 6, due=NOW + 4)
    assert late(silent, NOW, DEADLINES) == ["vision gave no sign for 6 s"]
    assert late(replace(silent, sign=NOW - 5), NOW, DEADLINES) == []


@pytest.mark.parametrize("due", [NOW + 29, NOW, NOW - 2])
def test_a_child_that_starts_or_waits_for_its_start_has_the_supervisors_time(due: float) -> None:
    assert late(Loops(stage=Stage.AWAITED, sign=NOW - 500, due=due, job=None), NOW, DEADLINES) == []


@pytest.mark.parametrize("due", [NOW - 3, None])
def test_a_supervisor_that_forgot_its_child_is_late(due: float | None) -> None:
    forgotten = Loops(stage=Stage.AWAITED, sign=NOW, due=due, job=None)
    assert late(forgotten, NOW, DEADLINES) == ["vision is overdue and was not seen to"]


def test_a_child_that_has_to_be_killed_is_no_progress() -> None:
    ending = Loops(stage=Stage.ENDING, sign=NOW, due=NOW + 1, job=None)
    assert late(ending, NOW, DEADLINES) == ["vision is being ended"]


def test_a_doorkeeper_that_is_stuck_is_late_whatever_vision_does() -> None:
    assert late(replace(WORKING, job=NOW - 11), NOW, DEADLINES) == [
        "the doorkeeper works on one job for 11 s"
    ]


def test_a_door_that_is_stuck_is_late_too() -> None:
    assert late(replace(WORKING, door=NOW - 9), NOW, DEADLINES) == []
    assert late(replace(WORKING, door=NOW - 11), NOW, DEADLINES) == ["a door works on one thing for 11 s"]


def test_each_late_loop_is_named() -> None:
    assert len(late(Loops(stage=Stage.WORKING, sign=0, due=None, job=0), NOW, DEADLINES)) == 2
