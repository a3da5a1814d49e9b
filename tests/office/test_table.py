import csv
import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest

from edge.adapters.table_xlsx import workbook
from edge.office.table import Cell, Table, cell_text, csv_bytes, hours_text

HOSTILE = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+49 30",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\uff1d1+1",
    '=HYPERLINK("http://x","y")',
]
AT = datetime.combine(date(2026, 1, 31), time(8, 1, 2))
TABLE = Table(
    "Days",
    ("day", "name", "at", "worked", "count"),
    (
        (date(2026, 1, 31), "山田 花子", AT, timedelta(hours=30, minutes=5), 3),
        (date(2026, 2, 1), 'a "quoted", name\nwith a line', None, timedelta(0), 0),
        *((None, text, None, None, None) for text in HOSTILE),
    ),
)


def test_csv_comes_back_as_it_was_and_no_cell_is_a_formula() -> None:
    raw = csv_bytes(TABLE)
    assert raw.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert read[0] == list(TABLE.columns)
    assert read[1] == ["2026-01-31", "山田 花子", "2026-01-31 08:01:02", "30:05", "3"]
    assert read[2] == ["2026-02-01", 'a "quoted", name\nwith a line', "", "0:00", "0"]
    assert [row[1] for row in read[3:]] == [f"'{text}" for text in HOSTILE]
    assert not any(cell[:1] in "=+-@\t\r\uff1d" for row in read for cell in row if cell)


def test_the_workbook_has_typed_cells_and_no_formula() -> None:
    second = Table("Totals", ("name",), (("x",),))
    book = openpyxl.load_workbook(io.BytesIO(workbook([TABLE, second])))
    assert book.sheetnames == ["Days", "Totals"]
    rows = list(book["Days"].iter_rows())
    assert [cell.value for cell in rows[0]] == list(TABLE.columns)
    day, name, at, worked, count = rows[1]
    assert (day.value, at.value) == (datetime.combine(date(2026, 1, 31), time()), AT)
    assert worked.value == timedelta(hours=30, minutes=5)
    assert (name.value, count.value, worked.number_format) == ("山田 花子", 3, "[h]:mm")
    assert rows[3][1].value == "=1+1"
    assert {row[1].data_type for row in rows[1:]} == {"s"}
    assert not any(cell.data_type == "f" for row in rows for cell in row)
    assert all(cell.hyperlink is None for row in rows for cell in row)


def test_an_empty_table_is_a_heading() -> None:
    empty = Table("Days", ("day",), ())
    assert csv_bytes(empty).decode("utf-8-sig") == "day\r\n"
    sheet = openpyxl.load_workbook(io.BytesIO(workbook([empty])))["Days"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["day"]]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (29, "0:00"), (31, "0:01"), (3599, "1:00"), (90_000, "25:00"), (-1800, "-0:30")],
)
def test_lengths_are_shown_in_hours_and_minutes(seconds: int, text: str) -> None:
    assert hours_text(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(("cell", "text"), [(None, ""), (1.5, "1.5"), (-2, "-2"), ("\ud800", "\ud800")])
def test_a_number_is_no_formula_and_nothing_is_nothing(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text
    assert csv_bytes(Table("t", ("a",), ((cell,),))).startswith(b"\xef\xbb\xbf")
