"""What the pages of the office work with: sheets, settings, backups, the clock."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

from edge.domain.attendance_rules import AttendanceRules
from edge.office.punch_log import PunchLog
from edge.office.table import Cell, Table
from edge.ports import AttendanceChanges

WriteRows: TypeAlias = Callable[[BinaryIO, str, Sequence[str], Iterable[Sequence[Cell]]], None]
"""Writes a workbook of one sheet to a file, row by row: takes the file, a title, headings and rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeParts:
    """The collaborators of the pages that the office uses.

    `workbook` makes an Excel file of tables; `rules` are those of attendance as they stand now.
    """

    write_rows: WriteRows
    workbook: Callable[[Sequence[Table]], bytes]
    punches: PunchLog
    rules: Callable[[], AttendanceRules]
    attendance: AttendanceChanges
