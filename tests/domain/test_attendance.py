from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from edge.domain.attendance import AttendanceState, Passing, last_punches, punch, remember
from edge.domain.attendance_punch import Punch, PunchKind, Source
from edge.domain.attendance_rules import AttendanceRules, Rounding
from edge.domain.events import EventType, Instant
from edge.domain.passback import Direction
from edge.domain.schedule_text import parse_schedule
from edge.errors import RuleError

BERLIN = ZoneInfo("Europe/Berlin")
IN, OUT, BREAK, BACK = PunchKind.IN, PunchKind.OUT, PunchKind.BREAK_START, PunchKind.BREAK_END


def wall(text: str, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).timestamp()


NOON = wall("2026-03-02 12:00")


class Terminal:
    def __init__(self, rules: AttendanceRules | None = None) -> None:
        self.rules = rules or AttendanceRules(zone=BERLIN)
        self.state = AttendanceState()
        self.now, self.wall, self.trusted, self.boot = 1000.0, NOON, True, "b"

    def pass_by(
        self,
        after: float = 3600.0,
        *,
        person: str = "ann",
        key: PunchKind | None = None,
        direction: Direction | None = None,
    ) -> str | None:
        """Return kind and source of the punch that somebody makes `after` seconds, None for none."""
        self.now += after
        self.wall += after
        at = Instant(self.wall, round(self.now * 1e9), self.trusted)
        event = punch(
            Passing(person=person, at=at, boot=self.boot, key=key, direction=direction),
            self.state,
            self.rules,
        )
        if event is None:
            return None
        assert (event.type, event.person, event.at) == (EventType.ATTENDANCE_PUNCHED, person, at)
        assert event.data["day"] == self.rules.day(self.wall).isoformat()
        assert event.data.get("mark") == (None if self.trusted else "clock_untrusted")
        self.state = remember(
            self.state,
            Punch(
                id=str(self.now),
                person=person,
                kind=PunchKind(event.data["kind"]),
                wall=self.wall,
                boot=self.boot,
                monotonic=self.now,
                trusted=self.trusted,
            ),
        )
        return f"{event.data['kind']} by {event.data['source']}"


def test_people_come_and_go_by_turns_each_for_themselves() -> None:
    terminal = Terminal()
    assert [terminal.pass_by() for _ in range(3)] == ["in by turn", "out by turn", "in by turn"]
    assert terminal.pass_by(person="bob") == "in by turn"


def test_a_key_counts_before_the_direction_and_the_direction_before_the_time() -> None:
    times = ((parse_schedule("morning", "daily 00:00-24:00"), BREAK),)
    terminal = Terminal(AttendanceRules(zone=BERLIN, times=times))
    assert terminal.pass_by(key=OUT, direction=Direction.IN) == "out by key"
    assert terminal.pass_by(direction=Direction.IN) == "in by direction"
    assert terminal.pass_by(direction=Direction.OUT) == "out by direction"
    assert terminal.pass_by() == "break_start by schedule"


def test_the_time_of_day_gives_the_kind_where_a_schedule_says_so() -> None:
    times = (
        (parse_schedule("come", "mon-fri 06:00-10:00"), IN),
        (parse_schedule("break", "mon-fri 11:30-12:30"), BREAK),
        (parse_schedule("go", "mon-fri 15:00-20:00"), OUT),
    )
    terminal = Terminal(AttendanceRules(zone=BERLIN, times=times))
    found = []
    for text in ("07:55", "12:00", "12:40", "17:00"):
        terminal.wall = wall(f"2026-03-02 {text}") - 3600
        found.append(terminal.pass_by())
    assert found == ["in by schedule", "break_start by schedule", "break_end by turn", "out by schedule"]


def test_a_clock_that_nobody_vouches_for_gives_no_kind_and_marks_the_punch() -> None:
    terminal = Terminal(AttendanceRules(times=((parse_schedule("s", "daily 00:00-24:00"), OUT),)))
    terminal.trusted = False
    assert terminal.pass_by() == "in by turn"


def test_a_double_punch_counts_once_and_the_clock_on_the_wall_means_nothing_to_it() -> None:
    terminal = Terminal()
    assert terminal.pass_by() == "in by turn"
    terminal.wall += 10 * 365 * 86400
    assert [terminal.pass_by(30), terminal.pass_by(29.9)] == [None, None]
    assert terminal.pass_by(0.1) == "out by turn"


def test_the_same_key_twice_is_one_punch_and_another_key_is_another() -> None:
    terminal = Terminal()
    assert [terminal.pass_by(key=IN), terminal.pass_by(5, key=IN)] == ["in by key", None]
    assert terminal.pass_by(5, key=OUT) == "out by key"  # the first was a slip
    assert terminal.pass_by(5) is None


def test_over_a_restart_the_window_goes_by_trusted_clocks_alone() -> None:
    for trusted, expected in ((True, None), (False, "out by turn")):
        terminal = Terminal()
        terminal.pass_by()
        terminal.boot, terminal.now, terminal.trusted = "c", 5.0, trusted
        assert terminal.pass_by(20) == expected


def test_a_clock_that_was_set_back_over_a_restart_swallows_no_punch() -> None:
    terminal = Terminal()
    terminal.pass_by()
    terminal.boot, terminal.now, terminal.wall = "c", 5.0, NOON - 86400
    assert terminal.pass_by(20) == "out by turn"


def test_somebody_who_forgot_to_go_out_yesterday_comes_in_today() -> None:
    terminal = Terminal()
    assert [terminal.pass_by(), terminal.pass_by(17 * 3600)] == ["in by turn", "in by turn"]


def test_sources_can_be_left_out() -> None:
    terminal = Terminal(AttendanceRules(sources=(Source.DIRECTION,)))
    assert terminal.pass_by(key=OUT) == "in by turn"


def test_the_state_is_the_last_punch_of_everybody() -> None:
    punches = [
        Punch(id=str(number), person=person, kind=kind, wall=NOON)
        for number, (person, kind) in enumerate([("ann", IN), ("bob", IN), ("ann", OUT)])
    ]
    assert {who: last.kind for who, last in last_punches(punches).last.items()} == {"ann": OUT, "bob": IN}


@pytest.mark.parametrize(
    ("cutoff", "text", "day"),
    [
        (0, "2026-03-02 23:59", "2026-03-02"),
        (0, "2026-03-03 00:00", "2026-03-03"),
        (240, "2026-03-03 03:59", "2026-03-02"),
        (240, "2026-03-03 04:00", "2026-03-03"),
        (240, "2026-03-29 03:59", "2026-03-28"),  # the night that is an hour short
        (240, "2026-03-29 04:00", "2026-03-29"),
        (240, "2026-10-25 03:59", "2026-10-24"),  # the night that is an hour long
        (240, "2026-10-25 04:00", "2026-10-25"),
    ],
)
def test_a_day_of_work_begins_at_its_cutoff_by_the_clock_on_the_wall(
    cutoff: int, text: str, day: str
) -> None:
    assert AttendanceRules(zone=BERLIN, cutoff=cutoff).day(wall(text)).isoformat() == day


@pytest.mark.parametrize(
    ("mode", "text", "expected"),
    [
        (Rounding.NONE, "08:07:30", "08:07:30"),
        (Rounding.UP, "08:07:30", "08:15:00"),
        (Rounding.DOWN, "08:07:30", "08:00:00"),
        (Rounding.NEAREST, "08:07:29", "08:00:00"),
        (Rounding.NEAREST, "08:07:30", "08:15:00"),
        (Rounding.UP, "08:15:00", "08:15:00"),
        (Rounding.DOWN, "08:15:00", "08:15:00"),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu"])
def test_times_are_rounded_as_the_local_clock_shows_them(
    mode: Rounding, text: str, expected: str, zone: str
) -> None:
    rules = AttendanceRules(zone=ZoneInfo(zone), step=15, rounding={IN: mode})
    shown, rounded = (
        datetime.fromisoformat(f"2026-03-02 {each}").replace(tzinfo=ZoneInfo(zone)).timestamp()
        for each in (text, expected)
    )
    assert rules.rounded(shown, IN) == rounded
    assert rules.rounded(shown, OUT) == shown


@pytest.mark.parametrize(
    "values",
    [
        {"cutoff": -1},
        {"cutoff": 1440},
        {"step": 0},
        {"step": 7},
        {"double": -1},
        {"longest": 0},
        {"longest": 1e9},
    ],
)
def test_rules_that_make_no_sense_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(RuleError, match="attendance: "):
        AttendanceRules(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("beyond", [1e18, -1e18, float("nan")])
def test_a_time_beyond_all_calendars_breaks_nothing(beyond: float) -> None:
    rules = AttendanceRules(zone=BERLIN, step=15, rounding={IN: Rounding.UP})
    rules.day(beyond)
    rules.rounded(beyond, IN)
