"""A long list as an Excel workbook, written row by row: the memory does not grow with the rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from xlsxwriter import Workbook

from edge.office.table import Cell

MOST_ROWS = 1_048_575  # a sheet has 2^20, the heading included
WIDTH = 18  # characters of a column: the widest cell is not known before the end
PLAIN = {
    "constant_memory": True,
    "strings_to_formulas": False,  # text stays text
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_rows(out: BinaryIO, title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write an XLSX file of one sheet to `out`; rows that no sheet has room for are left out."""
    book = Workbook(out, PLAIN)
    heading = book.add_format({"bold": True})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet(title)
    sheet.set_column(0, len(columns) - 1, WIDTH)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, columns, heading)
    for number, row in enumerate(islice(rows, MOST_ROWS), start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell, moment)
            elif isinstance(cell, int | float):
                sheet.write_number(number, column, cell)
            elif cell:
                sheet.write_string(number, column, str(cell))
    book.close()
