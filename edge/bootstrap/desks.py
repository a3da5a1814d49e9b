"""The use cases of the office, as a command or a page needs them, over whoever holds the database."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from edge.bootstrap.storage import Office
from edge.config import Settings
from edge.domain.attendance_punch import PunchKind
from edge.domain.attendance_rules import AttendanceRules, Rounding
from edge.domain.attendance_text import parse_breaks, parse_clock, parse_order, parse_times
from edge.domain.passback import Direction
from edge.office.attendance_rules import CurrentAttendance
from edge.office.pins import NewPins
from edge.office.punch_taker import PunchTaker
from edge.office.schedules import ScheduleDesk
from edge.office.table import Table
from edge.office.visitors import VisitorDesk
from edge.ports import AccessBook, EventQuery, SecretHasher

if TYPE_CHECKING:
    from edge.adapters.control import DoorsOverControl


def secret_hasher() -> SecretHasher:
    """Return what hashes PINs."""
    from edge.adapters.hasher_argon2 import HasherArgon2

    return HasherArgon2()


def schedule_desk(settings: Settings, office: Office) -> ScheduleDesk:
    """Return what writes schedules, holidays and groups down."""
    return ScheduleDesk(office.access, needed_schedules(settings))


def new_pins(settings: Settings, office: Office) -> NewPins:
    """Return what gives people PINs."""
    return NewPins(office.access, secret_hasher(), shortest=settings.access.pin_digits)


def visitor_desk(settings: Settings, office: Office) -> VisitorDesk:
    """Return what gives visitors PINs."""
    return VisitorDesk(office.access, secret_hasher(), shortest=settings.access.pin_digits)


def doors(settings: Settings) -> "DoorsOverControl":
    """Return the doors of the running daemon."""
    from edge.adapters.control import ControlClient, DoorsOverControl

    return DoorsOverControl(ControlClient(settings.control_socket))


def needed_schedules(settings: Settings) -> dict[str, str]:
    """Return the names of schedules that the configuration needs, each with its key."""
    named = {
        settings.access.default_schedule: "access.default_schedule",
        settings.access.second_factor_outside: "access.second_factor_outside",
        settings.door.unlock_schedule: "door.unlock_schedule",
    }
    times = {name: "attendance.times" for name, _ in parse_times(settings.attendance.times)}
    return {name: key for name, key in {**times, **named}.items() if name}


def current_attendance(settings: Settings, book: AccessBook) -> CurrentAttendance:
    """Return the rules of attendance, which follow the book."""
    from edge.bootstrap.time_zone import site_zone

    given = settings.attendance
    fixed = AttendanceRules(
        zone=site_zone(settings),
        sources=parse_order(given.order),
        double=given.double_seconds,
        cutoff=parse_clock(given.day_begins),
        longest=given.longest_hours * 3600,
        step=given.round_minutes,
        rounding={PunchKind.IN: Rounding(given.round_in), PunchKind.OUT: Rounding(given.round_out)},
        breaks=parse_breaks(given.breaks),
    )
    return CurrentAttendance(book, fixed, parse_times(given.times))


def punch_taker(
    settings: Settings,
    book: AccessBook,
    query: EventQuery,
    boot_id: str,
    key: Callable[[], PunchKind | None],
) -> PunchTaker | None:
    """Return what turns grants into punches, None where nobody punches at this terminal."""
    given = settings.attendance
    if not given.take_punches:
        return None
    return PunchTaker(
        query=query,
        rules=current_attendance(settings, book).rules,
        boot_id=boot_id,
        direction=None if given.direction == "both" else Direction(given.direction),
        key=key,
    )


def workbook(tables: Sequence[Table]) -> bytes:
    """Return tables as an Excel file."""
    from edge.adapters.table_xlsx import workbook as write

    return write(tables)
