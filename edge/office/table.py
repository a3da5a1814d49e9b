"""A table on its way out: to CSV here, to a spreadsheet by an adapter.

Text that begins like a formula gets an apostrophe in front: spreadsheets would carry it out (CWE-1236).
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

Cell: TypeAlias = str | int | float | date | datetime | timedelta | None

_WIDE = ("\uff1d", "\uff0b", "\uff0d", "\uff20")  # the wide forms of the first four, which are taken for them
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *_WIDE)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; each row has a cell for each column. Times are local ones without a zone."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv_bytes(table: Table) -> bytes:
    """Return the table as CSV (RFC 4180) in UTF-8 with a byte order mark, by which Excel knows it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows([cell_text(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def cell_text(cell: Cell) -> str:
    """Return a cell as text: times as 2026-01-31 18:00:00, lengths as 8:30, nothing as nothing."""
    match cell:
        case None:
            return ""
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M:%S}"
        case date():
            return cell.isoformat()
        case timedelta():
            return hours_text(cell)
        case str():
            return harmless(cell)
    return str(cell)


def hours_text(length: timedelta) -> str:
    """Return a length as hours and minutes, 8:30, rounded to the minute."""
    minutes = round(length.total_seconds() / 60)
    sign = "-" if minutes < 0 else ""
    return f"{sign}{abs(minutes) // 60}:{abs(minutes) % 60:02}"


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
