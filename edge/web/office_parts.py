"""What the pages of the office work with: sheets, settings, backups, the clock."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from edge.backup import BackupDesk
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.model_in_force import ModelInForce
from edge.office.punch_log import PunchLog
from edge.office.schedules import ScheduleDesk
from edge.office.table import Cell, Table
from edge.ports import AccessChanges, AttendanceChanges, ClockDesk, Journal
from edge.web.accuracy_desk import AccuracyDesk
from edge.web.settings_desk import SettingsDesk
from edge.web.upload_slot import UploadSlot

WriteRows: TypeAlias = Callable[[BinaryIO, str, Sequence[str], Iterable[Sequence[Cell]]], None]
"""Writes a workbook of one sheet to a file, row by row: takes the file, a title, headings and rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeParts:
    """The collaborators of the pages that the office uses.

    `workbook` makes an Excel file of tables; `rules` are those of attendance as they stand now; `model` is
    the embedder in use, None where none is installed. `set_clock` sets the wall clock to a UTC second and
    raises DeviceError; `restart` has the daemon begin anew, and raises ConflictError where it could not.
    """

    journal: Journal
    write_rows: WriteRows
    workbook: Callable[[Sequence[Table]], bytes]
    punches: PunchLog
    rules: Callable[[], AttendanceRules]
    attendance: AttendanceChanges
    model: Callable[[], ModelInForce | None]
    accuracy: AccuracyDesk
    settings: SettingsDesk
    clock: ClockDesk
    access: AccessChanges
    schedules: ScheduleDesk
    set_clock: Callable[[float], None]
    backups: BackupDesk
    upload: UploadSlot
    restart: Callable[[], str] | None = None
