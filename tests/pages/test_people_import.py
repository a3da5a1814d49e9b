"""A bulk import in a real browser: archives and lists as offices have them, and as nobody should."""

import csv
import io
import re
import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.pages.conftest import Open
from tests.pages.people_site import Terminal

SLOW = 60_000  # milliseconds


def archive(files: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return sink.getvalue()


def choose(page: Page, data: bytes, name: str = "people.zip", kind: str = "application/zip") -> None:
    page.set_input_files("#import-files", [FilePayload(name=name, mimeType=kind, buffer=data)])


def run(page: Page) -> list[tuple[str, str]]:
    """Run the import and return (name, result) of each row."""
    page.get_by_role("button", name="Begin the import").click()
    expect(page.locator("#import-report")).to_be_visible(timeout=SLOW)
    names = page.locator("#import-body > tr > td:nth-child(2)").all_inner_texts()
    return list(
        zip(names, page.locator("#import-body > tr > td:nth-child(3)").all_inner_texts(), strict=True)
    )


def listed(rows: Sequence[str], encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(rows).encode(encoding)


def test_a_list_and_pictures_in_an_archive_become_people_with_a_report_for_each_row(
    terminal: Terminal, look: Open, presidents: Path, screenshots: Path
) -> None:
    rows = (
        "氏名,社員番号,写真,グループ",
        "バラク オバマ,A-1,obama/,",
        "ジョー バイデン,A-2,pictures/biden.jpg,",
        "誰もいない,A-3,none.jpg,",
        "うえへ,A-4,../../etc/passwd,",
        ",A-5,pictures/biden.jpg,",
        "爆弾,A-6,bomb.jpg,",
        "文章,A-7,notes.jpg,",
    )
    data = archive(
        {
            "社員/list.csv": listed(rows, "cp932"),
            "社員/obama/1.jpg": (presidents / "obama.jpg").read_bytes(),
            "社員/obama/2.jpg": (presidents / "obama2.jpg").read_bytes(),
            "社員/pictures/biden.jpg": (presidents / "biden.jpg").read_bytes(),
            "社員/bomb.jpg": bytes(30 * 1024 * 1024),
            "社員/notes.jpg": b"no picture" * 100,
        }
    )
    page = look("/people/import")
    choose(page, data)
    expect(page.locator("#import-found")).to_have_text("7 people with 6 pictures")
    assert run(page) == [
        ("バラク オバマ", "Enrolled. Pictures: 2"),
        ("ジョー バイデン", "Enrolled. Pictures: 1"),
        ("誰もいない", "none.jpg: There is no such picture"),
        ("うえへ", "../../etc/passwd: The name of the file leads out of the archive"),
        ("", "There is no name in this row"),
        ("爆弾", "社員/bomb.jpg: The file is too large once it is unpacked"),
        ("文章", "社員/notes.jpg: This is no picture, or it is damaged"),
    ]
    expect(page.locator("#import-sums")).to_have_text("2 enrolled, 0 passed over, 5 refused")
    page.screenshot(path=screenshots / "people_import_report.png", full_page=True)
    people = {one.external_id: one for one in terminal.store.people.people()}
    assert {number: one.references for number, one in people.items()} == {"A-1": 2, "A-2": 1}
    with page.expect_download() as waited:
        page.get_by_role("button", name="Report as a list").click()
    report = list(csv.DictReader(io.StringIO(Path(waited.value.path()).read_text("utf-8-sig"))))
    assert [one["result"] for one in report] == ["ok", "ok", "bad", "bad", "bad", "bad", "bad"]
    assert report[0]["id"] == people["A-1"].id


def test_who_is_enrolled_already_is_passed_over(terminal: Terminal, look: Open, presidents: Path) -> None:
    data = archive(
        {
            "people.csv": listed(("name;employee number;photo", "Biden;B-1;biden.jpg", "Twin;B-1;obama.jpg")),
            "biden.jpg": (presidents / "biden.jpg").read_bytes(),
            "obama.jpg": (presidents / "obama.jpg").read_bytes(),
        }
    )
    page = look("/people/import", expect_errors=True)
    choose(page, data)
    assert run(page) == [
        ("Biden", "Enrolled. Pictures: 1"),
        ("Twin", "Somebody else has this employee number."),
    ]
    expect(page.locator("#import-sums")).to_have_text("1 enrolled, 1 passed over, 0 refused")
    assert len(terminal.store.people.people()) == 1


def test_without_a_list_folders_are_people_and_a_look_alike_is_refused(
    terminal: Terminal, look: Open, presidents: Path
) -> None:
    data = archive(
        {
            "Barack Obama/a.jpg": (presidents / "obama.jpg").read_bytes(),
            "His twin/b.jpg": (presidents / "obama2.jpg").read_bytes(),
            "__MACOSX/Barack Obama/._a.jpg": b"x",
        }
    )
    page = look("/people/import", expect_errors=True)
    choose(page, data)
    found = run(page)
    assert found[0] == ("Barack Obama", "Enrolled. Pictures: 1")
    assert found[1][1].startswith("It looks like Barack Obama (99.")
    assert [one.name for one in terminal.store.people.people()] == ["Barack Obama"]


def test_rows_in_no_encoding_are_refused_each_by_itself(
    terminal: Terminal, look: Open, presidents: Path
) -> None:
    rows = b"name,pictures\r\n" + b"Joe Biden,biden.jpg\r\n" + b"\xff\x80\xa0,biden.jpg\r\n"
    data = archive({"people.csv": rows, "biden.jpg": (presidents / "biden.jpg").read_bytes()})
    page = look("/people/import")
    choose(page, data)
    assert run(page) == [
        ("Joe Biden", "Enrolled. Pictures: 1"),
        ("", "This row is in an unknown encoding"),
    ]
    assert len(terminal.store.people.people()) == 1


def test_days_are_read_as_spreadsheets_write_them(people_terminal: Terminal, look: Open) -> None:
    del people_terminal
    written = {
        "2026/4/1": "2026-04-01",
        "2026-04-01": "2026-04-01",
        "2026/04/01 0:00": "2026-04-01",
        "2026/4/1 0:00:00": "2026-04-01",
        "2026年4月1日": "2026-04-01",
        "２０２６／４／１": "2026-04-01",  # noqa: RUF001 - as an input method writes it
        "9999/12/31": "9999-12-31",
        "4/1/2026": "4/1/2026",
        "soon": "soon",
        "": "",
    }
    rows = [f"A {number},{day}" for number, day in enumerate(written)]
    page = look("/people/import")
    found = page.evaluate(
        """async (text) => {
            const { people } = await import("/static/people_csv.js");
            return people(new TextEncoder().encode(text)).map((row) => row.valid_from);
        }""",
        "\r\n".join(("name,開始日", *rows)),
    )
    assert found == list(written.values())


def answered(page: Page, statuses: Sequence[int]) -> list[int]:
    """Have what is sent answered with these statuses, the last one for ever; return those given so far."""
    given: list[int] = []

    def answer(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        status = statuses[min(len(given), len(statuses) - 1)]
        given.append(status)
        enrolled = {"id": "p", "report": {"pictures": [{"outcome": "accepted"}]}}
        route.fulfill(status=status, json={"line": "Please log in"} if status == 401 else enrolled)

    page.route("**/people/new", answer)
    return given


def three(presidents: Path) -> bytes:
    return archive({f"{name}/a.jpg": (presidents / "biden.jpg").read_bytes() for name in "ABC"})


def test_a_session_that_ends_on_the_way_stops_the_import_and_leaves_its_report(
    people_terminal: Terminal, look: Open, presidents: Path
) -> None:
    page = look("/people/import", expect_errors=True)
    given = answered(page, [200, 200, 401])
    choose(page, three(presidents))
    assert [name for name, _ in run(page)] == ["A", "B"]
    expect(page.locator("#import-problem")).to_have_text("The import was stopped: Please log in")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    assert given == [200, 200, 401, 401]
    assert page.url == f"{people_terminal.address}/people/import"


def test_a_cookie_that_is_changed_on_the_way_keeps_the_import_going(
    people_terminal: Terminal, look: Open, presidents: Path
) -> None:
    del people_terminal
    page = look("/people/import", expect_errors=True)
    given = answered(page, [200, 401, 200])
    choose(page, three(presidents))
    assert [text for _, text in run(page)] == ["Enrolled. Pictures: 1"] * 3
    assert given == [200, 401, 200, 200]


def test_elsewhere_a_session_that_ended_leads_to_the_login(people_terminal: Terminal, look: Open) -> None:
    del people_terminal
    page = look("/people/import?x=1", expect_errors=True)
    given = answered(page, [401])
    page.route("**/login?*", lambda route: route.fulfill(body="the login"))
    page.evaluate("import('/static/ui.js').then(({ send }) => void send('/people/new'))")
    expect(page).to_have_url(re.compile(r"/login\?next=%2Fpeople%2Fimport%3Fx%3D1$"))
    assert given == [401, 401]


def _lying(data: bytes) -> bytes:
    """Return an archive whose directory claims that its bomb is small."""
    at = data.index(b"PK\x01\x02")
    at = data.index(b"PK\x01\x02", at + 4)
    return data[: at + 24] + struct.pack("<I", 1000) + data[at + 28 :]


def _escaping() -> bytes:
    return archive({"people.csv": listed(("name,pictures", "Evil,evil.jpg")), "../evil.jpg": b"x"})


def _encrypted() -> bytes:
    data = bytearray(archive({"people.csv": listed(("name,pictures", "A,a.jpg")), "a.jpg": b"x" * 50}))
    at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[at + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            _lying(archive({"people.csv": listed(("name,pictures", "B,b.jpg")), "b.jpg": bytes(30 << 20)})),
            "b.jpg: The file is too large once it is unpacked",
        ),
        (_escaping(), "evil.jpg: There is no such picture"),
        (_encrypted(), "a.jpg: The file is encrypted"),
    ],
)
def test_a_hostile_archive_is_refused_row_by_row(
    terminal: Terminal, look: Open, data: bytes, said: str
) -> None:
    page = look("/people/import")
    choose(page, data)
    assert [text for _, text in run(page)] == [said]
    assert terminal.store.people.people() == []


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("people.zip", b"no archive" * 100, "This is no ZIP archive, or it is damaged."),
        ("people.zip", archive({"people.csv": b"a,b\r\n1,2\r\n"}), "The list has no column called name."),
        ("people.zip", archive({"readme.txt": b"x"}), "No people were found in it."),
        ("people.csv", b"", "The list has no column called name."),
    ],
)
def test_what_is_no_import_is_said_and_nothing_begins(
    people_terminal: Terminal, look: Open, name: str, data: bytes, said: str
) -> None:
    del people_terminal
    page = look("/people/import")
    choose(page, data, name)
    expect(page.locator("#import-problem")).to_have_text(said)
    expect(page.get_by_role("button", name="Begin the import")).to_be_disabled()
