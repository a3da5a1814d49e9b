"""Many people at once: the browser takes the archive apart and sends one person after the other."""

from flask import Response, render_template

from edge.web.pages.people_pages import people
from edge.web.parts import people_parts
from edge.web.request_show import words
from edge.web.roles import Role, allows

# What the script says, by the keys it knows.
SAID = {
    "row": "Row",
    "name": "Name",
    "result": "Result",
    "pictures": "Pictures",
    "reading": "Being read …",
    "found": "{people} people with {pictures} pictures",
    "nothing": "No people were found in it.",
    "unreadable": "This cannot be read. Choose a ZIP archive, a folder, or pictures and a list.",
    "count": "{done} of {all}",
    "sums": "{ok} enrolled, {warn} passed over, {bad} refused",
    "enrolled": "Enrolled. Pictures: {count}",
    "stopped": "The import was stopped: {why}",
    "zip_none": "This is no ZIP archive, or it is damaged.",
    "zip_64": "This archive is too large. Divide it into several.",
    "zip_many": "There is too much in this archive. Divide it into several.",
    "name_encoding": "The name of the file cannot be read",
    "name_path": "The name of the file leads out of the archive",
    "encrypted": "The file is encrypted",
    "method": "The file is packed in a way that cannot be read",
    "too_large": "The file is too large once it is unpacked",
    "damaged": "The file is damaged",
    "csv_name": "The list has no column called name.",
    "row_encoding": "This row is in an unknown encoding",
    "row_name": "There is no name in this row",
    "row_pictures": "There is no picture for this row",
    "picture_missing": "There is no such picture",
    "picture_unreadable": "This is no picture, or it is damaged",
}
COLUMNS = ("name", "employee_number", "pictures", "groups", "valid_from", "valid_until")


@people.get("/import")
@allows(Role.OPERATOR)
def importing() -> str:
    """Show where a list and its pictures are chosen."""
    return render_template(
        "people/import.html",
        most=people_parts().most,
        columns=COLUMNS,
        words_for_script={key: words(text) for key, text in SAID.items()},
    )


@people.get("/import/example.csv")
@allows(Role.OPERATOR)
def example() -> Response:
    """Give a list to begin with, as a spreadsheet opens it."""
    lines = [
        COLUMNS,
        (words("Yamada Hanako"), "A-0001", "hanako-1.jpg;hanako-2.jpg", "", "", ""),
        (words("Suzuki Ren"), "A-0002", "ren/", "", "2026-12-01", "2027-03-31"),
    ]
    text = "\r\n".join(",".join(line) for line in lines) + "\r\n"
    answer = Response(("\ufeff" + text).encode(), content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="people.csv")
    return answer
