from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.attendance_log import add_punch, change_punch, read_punches, void_punch
from edge.domain.attendance_punch import Mark, Punch, PunchKind
from edge.domain.attendance_report import Day, report
from edge.domain.attendance_rules import AttendanceRules, Rounding
from edge.domain.attendance_shift import pair
from edge.domain.events import Event, EventType, NewEvent
from edge.errors import NotFoundError, RuleError

BERLIN = ZoneInfo("Europe/Berlin")
RULES = AttendanceRules(zone=BERLIN)
KINDS = {
    "in": PunchKind.IN,
    "out": PunchKind.OUT,
    "break": PunchKind.BREAK_START,
    "back": PunchKind.BREAK_END,
}
HOUR = 3600.0
LATER = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
YEARS = 10 * 365.25 * 86400


def wall(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp()


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Journal:
    """Events with a true time, from which the wall clock differs by `error` seconds."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.boot, self.booted, self.error, self.trusted = "b", wall("2026-03-01 00:00"), 0.0, True

    def add(self, text: str, event: EventType, person: str = "ann", fold: int = 0, /, **data: Any) -> str:
        true = wall(text, fold)
        seq = len(self.events) + 1
        shown, mono = iso(true + self.error), round((true - self.booted) * 1e9)
        self.events.append(Event(seq, f"j:{seq}", self.boot, shown, mono, self.trusted, event, person, data))
        return f"j:{seq}"

    def punch(self, text: str, kind: str, person: str = "ann", fold: int = 0) -> str:
        data = {"kind": str(KINDS[kind]), "source": "turn"}
        return self.add(text, EventType.ATTENDANCE_PUNCHED, person, fold, **data)

    def course(self, day: str, *punches: str) -> "Journal":
        for item in punches:
            time, kind = item.split(" ")
            self.punch(f"{day} {time}", kind)
        return self

    def correct(self, event: NewEvent) -> str:
        assert event.type is EventType.ATTENDANCE_CORRECTED
        return self.add("2026-06-01 12:00", event.type, str(event.person), **event.data)

    @property
    def punches(self) -> list[Punch]:
        return read_punches(self.events)

    def days(self, rules: AttendanceRules = RULES, now: float = LATER) -> list[Day]:
        return report(self.punches, date(2026, 1, 1), date(2026, 12, 31), now, rules)


def brief(days: Sequence[Day]) -> list[tuple[str, float, float, set[str]]]:
    return [
        (day.day.isoformat()[5:], day.worked / HOUR, day.breaks / HOUR, {str(m) for m in day.marks})
        for day in days
    ]


# --- pairing


def test_a_day_with_a_break() -> None:
    journal = Journal().course("2026-03-02", "08:00 in", "12:00 break", "12:30 back", "17:00 out")
    (day,) = journal.days()
    assert brief([day]) == [("03-02", 8.5, 0.5, set())]
    assert (day.came, day.left) == (wall("2026-03-02 08:00"), wall("2026-03-02 17:00"))


def test_several_stays_add_up() -> None:
    journal = Journal().course("2026-03-02", "08:00 in", "12:00 out", "13:00 in", "17:00 out")
    assert brief(journal.days()) == [("03-02", 8, 0, set())]


@pytest.mark.parametrize(
    ("punches", "worked", "marks"),
    [
        (["17:00 out"], 0, {"missing_in"}),
        (["08:00 in"], 0, {"missing_out"}),
        (["08:00 in", "13:00 in", "17:00 out"], 4, {"missing_out"}),
        (["08:00 in", "12:00 out", "17:00 out"], 4, {"missing_in"}),
        (["08:00 in", "12:00 back", "17:00 out"], 9, {"missing_break_start"}),
        (["08:00 in", "12:00 break", "17:00 out"], 4, {"missing_break_end"}),
        (["08:00 in", "12:00 break", "13:00 break", "14:00 back", "17:00 out"], 8, {"missing_break_end"}),
        (["12:00 break", "17:00 out"], 0, {"missing_in"}),
    ],
)
def test_gaps_are_flagged_and_never_guessed(punches: list[str], worked: float, marks: set[str]) -> None:
    ((_, found, _, flags),) = brief(Journal().course("2026-03-02", *punches).days())
    assert (found, flags) == (worked, marks)


def test_who_is_still_at_work_is_no_gap_until_the_longest_shift_has_passed() -> None:
    journal = Journal().course("2026-03-02", "08:00 in")
    assert brief(journal.days(now=wall("2026-03-02 20:00")))[0][3] == {"open"}
    assert brief(journal.days(now=wall("2026-03-03 00:01")))[0][3] == {"missing_out"}
    assert brief(journal.days(now=wall("2026-03-02 07:00")))[0][3] == {"missing_out"}  # a clock set back


def test_an_out_long_after_an_in_belongs_to_another_stay() -> None:
    journal = Journal().course("2026-03-02", "08:00 in").course("2026-03-03", "17:00 out")
    assert brief(journal.days()) == [("03-02", 0, 0, {"missing_out"}), ("03-03", 0, 0, {"missing_in"})]


def test_everybody_has_days_of_their_own() -> None:
    journal = Journal().course("2026-03-02", "08:00 in", "12:00 out")
    journal.punch("2026-03-02 09:00", "in", "bob")
    journal.punch("2026-03-02 10:00", "out", "bob")
    assert [(day.person, day.worked / HOUR) for day in journal.days()] == [("ann", 4), ("bob", 1)]


def test_the_report_begins_and_ends_with_its_days() -> None:
    journal = (
        Journal().course("2026-03-02", "08:00 in", "12:00 out").course("2026-03-03", "08:00 in", "09:00 out")
    )
    (day,) = report(journal.punches, date(2026, 3, 3), date(2026, 3, 3), LATER, RULES)
    assert brief([day]) == [("03-03", 1, 0, set())]


# --- night shifts, daylight saving, rounding, breaks by rule


@pytest.mark.parametrize(
    ("day", "morning", "hours"),
    [("2026-03-02", "2026-03-03", 8), ("2026-03-28", "2026-03-29", 7), ("2026-10-24", "2026-10-25", 9)],
)
def test_a_night_shift_counts_on_the_day_it_began_and_lasts_as_long_as_it_does(
    day: str, morning: str, hours: float
) -> None:
    journal = Journal().course(day, "22:00 in").course(morning, "06:00 out")
    assert brief(journal.days()) == [(day[5:], hours, 0, set())]


def test_a_shift_that_begins_after_midnight_counts_before_the_cutoff() -> None:
    journal = Journal().course("2026-03-03", "00:30 in", "06:00 out")
    assert brief(journal.days(AttendanceRules(zone=BERLIN, cutoff=240)))[0][0] == "03-02"


def test_both_times_of_an_hour_that_is_shown_twice_are_told_apart() -> None:
    journal = Journal()
    journal.punch("2026-10-25 02:15", "in", fold=0)
    journal.punch("2026-10-25 02:45", "out", fold=1)
    assert brief(journal.days())[0][1] == 1.5


def test_rounding_changes_the_hours_and_not_the_punches() -> None:
    quarters = {PunchKind.IN: Rounding.UP, PunchKind.OUT: Rounding.DOWN}
    rules = AttendanceRules(zone=BERLIN, step=15, rounding=quarters)
    (day,) = Journal().course("2026-03-02", "07:52 in", "17:07 out").days(rules)
    assert (day.worked / HOUR, day.came) == (9, wall("2026-03-02 07:52"))
    (short,) = Journal().course("2026-03-02", "08:01 in", "08:02 out").days(rules)
    assert short.worked == 0


@pytest.mark.parametrize(
    ("punches", "worked", "breaks"),
    [
        (["08:00 in", "14:00 out"], 6, 0),
        (["08:00 in", "14:10 out"], 6, 1 / 6),  # never below the work that the rule begins with
        (["08:00 in", "16:00 out"], 7.5, 0.5),
        (["08:00 in", "12:00 break", "12:20 back", "16:00 out"], 7.5, 0.5),
        (["08:00 in", "12:00 break", "13:00 back", "17:00 out"], 8, 1),
        (["08:00 in", "19:00 out"], 10.25, 0.75),
    ],
)
def test_breaks_that_were_not_taken_are_taken_off(punches: list[str], worked: float, breaks: float) -> None:
    rules = AttendanceRules(zone=BERLIN, breaks=((6 * HOUR, 0.5 * HOUR), (9 * HOUR, 0.75 * HOUR)))
    ((_, found, taken, _),) = brief(Journal().course("2026-03-02", *punches).days(rules))
    assert [found, taken] == pytest.approx([worked, breaks])


# --- clocks


def test_a_punch_under_an_untrusted_clock_is_marked() -> None:
    journal = Journal()
    journal.trusted, journal.error = False, -YEARS
    journal.course("2026-03-02", "08:00 in", "16:00 out")
    (day,) = report(journal.punches, date(2016, 1, 1), date(2016, 12, 31), LATER, RULES)
    assert day.worked / HOUR == 8
    assert day.marks == {Mark.CLOCK_UNTRUSTED}


def test_a_clock_that_is_trusted_later_in_the_same_boot_dates_what_went_before() -> None:
    journal = Journal()
    journal.trusted, journal.error = False, -YEARS
    journal.punch("2026-03-02 08:00", "in")
    journal.trusted, journal.error = True, 0.0
    journal.add("2026-03-02 09:00", EventType.SYSTEM_STARTED)
    journal.punch("2026-03-02 16:00", "out")
    (day,) = journal.days()
    assert (brief([day]), day.came) == ([("03-02", 8, 0, {"redated"})], wall("2026-03-02 08:00"))


def test_the_nearest_trusted_event_dates_a_punch() -> None:
    journal = Journal()
    journal.error = 7200.0
    journal.add("2026-03-02 06:00", EventType.SYSTEM_STARTED)
    journal.trusted = False
    journal.course("2026-03-02", "08:00 in", "16:00 out")
    journal.trusted, journal.error = True, 0.0
    journal.add("2026-03-02 08:30", EventType.CAMERA_LOST)
    journal.add("2026-03-02 15:30", EventType.CAMERA_LOST)
    assert journal.days()[0].came == wall("2026-03-02 08:00")


def test_a_break_under_an_untrusted_clock_marks_its_shift() -> None:
    journal = Journal().course("2026-03-02", "08:00 in")
    journal.boot, journal.trusted = "c", False
    journal.course("2026-03-02", "12:00 break", "12:30 back")
    journal.boot, journal.trusted = "d", True
    journal.course("2026-03-02", "16:00 out")
    assert brief(journal.days()) == [("03-02", 7.5, 0.5, {"clock_untrusted"})]


@pytest.mark.parametrize(
    ("step", "worked", "marks"),
    [
        (1.0, 8 * HOUR + 1, set()),
        (-1.0, 8 * HOUR - 1, set()),
        (YEARS, 8 * HOUR, {"clock_stepped"}),
        (-YEARS, 8 * HOUR, {"clock_stepped"}),
    ],
)
def test_a_clock_that_is_set_between_two_punches_does_not_change_the_work(
    step: float, worked: float, marks: set[str]
) -> None:
    journal = Journal().course("2026-03-02", "08:00 in")
    journal.error = step
    journal.course("2026-03-02", "16:00 out")
    ((_, hours, _, flags),) = brief(journal.days())
    assert hours * HOUR == pytest.approx(worked)
    assert flags == marks


def test_over_a_restart_a_clock_that_went_back_is_a_gap() -> None:
    journal = Journal().course("2026-03-02", "08:00 in")
    journal.boot, journal.error = "c", -2 * 86400
    journal.course("2026-03-02", "16:00 out")
    assert [(day, marks) for day, _, _, marks in brief(journal.days())] == [
        ("02-28", {"missing_in"}),
        ("03-02", {"missing_out"}),
    ]


# --- corrections


def test_a_forgotten_punch_is_added_in_its_place() -> None:
    journal = Journal().course("2026-03-02", "08:00 in").course("2026-03-03", "08:00 in", "16:00 out")
    journal.correct(add_punch("ann", PunchKind.OUT, wall("2026-03-02 16:00"), actor="boss"))
    assert brief(journal.days()) == [("03-02", 8, 0, {"corrected"}), ("03-03", 8, 0, set())]


def test_a_punch_is_changed_and_the_event_stays_as_it_was() -> None:
    journal = Journal().course("2026-03-02", "08:00 in", "09:00 in")
    before = list(journal.events)
    event = change_punch(
        "j:2", PunchKind.OUT, wall("2026-03-02 17:00"), actor="boss", punches=journal.punches
    )
    journal.correct(event)
    assert journal.events[:2] == before
    assert brief(journal.days()) == [("03-02", 9, 0, {"corrected"})]


def test_the_last_correction_of_a_punch_counts() -> None:
    journal = Journal().course("2026-03-02", "08:00 in", "16:00 out")
    for hour in ("17", "18"):
        journal.correct(
            change_punch(
                "j:2",
                PunchKind.OUT,
                wall(f"2026-03-02 {hour}:00"),
                actor="boss",
                punches=journal.punches,
            )
        )
    assert brief(journal.days())[0][1] == 10
    journal.correct(void_punch("j:2", actor="boss", punches=journal.punches))
    assert brief(journal.days())[0][3] == {"missing_out"}
    with pytest.raises(NotFoundError, match='punch "j:2": there is none by this id'):
        void_punch("j:2", actor="boss", punches=journal.punches)


def test_an_added_punch_can_be_taken_back() -> None:
    journal = Journal()
    added = journal.correct(add_punch("ann", PunchKind.IN, wall("2026-03-02 08:00"), actor="boss"))
    journal.correct(void_punch(added, actor="boss", punches=journal.punches))
    assert journal.punches == []


def test_a_correction_beyond_all_calendars_is_refused() -> None:
    with pytest.raises(RuleError, match="beyond all calendars"):
        add_punch("ann", PunchKind.IN, 1e18, actor="boss")


# --- whatever comes


@given(
    st.lists(st.tuples(st.sampled_from(sorted(KINDS)), st.floats(0, 20), st.floats(-1, 1)), max_size=30),
    st.sampled_from(list(Rounding)),
)
def test_every_punch_is_accounted_for_and_no_time_is_invented(
    course: list[tuple[str, float, float]], mode: Rounding
) -> None:
    rules = AttendanceRules(zone=BERLIN, step=15, rounding=dict.fromkeys(PunchKind, mode))
    true, punches = wall("2026-03-28 12:00"), []
    for number, (kind, hours, error) in enumerate(course):
        true += hours * HOUR
        punches.append(
            Punch(
                id=str(number),
                person="ann",
                kind=KINDS[kind],
                wall=true + (YEARS if error > 0.9 else error),
                boot="b",
                monotonic=true,
            )
        )
    shifts = pair(punches, true, rules)
    starts = [shift.start.id for shift in shifts if shift.start is not None]
    ends = [shift.end.id for shift in shifts if shift.end is not None]
    assert [one for one in starts if punches[int(one)].kind is PunchKind.IN] == [
        punch.id for punch in punches if punch.kind is PunchKind.IN
    ]
    assert ends == [punch.id for punch in punches if punch.kind is PunchKind.OUT]
    for shift in shifts:
        assert 0 <= shift.breaks <= shift.seconds <= rules.longest + 900
        if shift.start is None or shift.end is None:
            assert shift.seconds == 0
            assert shift.marks & {Mark.MISSING_IN, Mark.MISSING_OUT, Mark.OPEN}
    assert sum(shift.seconds for shift in shifts) <= true - wall("2026-03-28 12:00") + len(shifts) * 1802
