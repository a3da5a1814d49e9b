"""Tables as an Excel workbook: typed cells, no formula ever."""

import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from xlsxwriter import Workbook

from edge.office.table import Cell, Table

_WIDEST = 40  # characters of a column


def workbook(tables: Sequence[Table]) -> bytes:
    """Return an XLSX file with a sheet for each table, its columns filtered and its heading fixed."""
    out = io.BytesIO()
    # Text stays text: no formula, link or number is ever made of it.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = Workbook(out, options)
    formats = {
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        timedelta: book.add_format({"num_format": "[h]:mm"}),
    }
    heading = book.add_format({"bold": True})
    for table in tables:
        sheet = book.add_worksheet(table.title)
        sheet.write_row(0, 0, table.columns, heading)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(table.rows), 1), max(len(table.columns) - 1, 0))
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                _write(sheet, number, column, cell, formats)
        for column, name in enumerate(table.columns):
            widths = (len(str(row[column])) for row in table.rows)
            sheet.set_column(column, column, min(max(len(name), *widths, 8), _WIDEST))
    book.close()
    return out.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Cell, formats: dict[type, Any]) -> None:
    match cell:
        case None:
            return
        case datetime():
            sheet.write_datetime(row, column, cell, formats[datetime])
        case date():
            sheet.write_datetime(row, column, cell, formats[date])
        case timedelta():
            sheet.write_number(row, column, cell.total_seconds() / 86400, formats[timedelta])
        case str():
            sheet.write_string(row, column, cell)
        case _:
            sheet.write_number(row, column, cell)
