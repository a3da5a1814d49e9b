import csv
import io
import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from playwright.sync_api import expect

from edge.domain.attendance_log import read_punches
from edge.domain.attendance_punch import Mark
from edge.domain.attendance_report import Day, report
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.events import Event, EventType
from edge.web import day_chart
from edge.web.days import bounds, month_of, next_day, next_month
from edge.web.roles import Role
from edge.web.sheets import days_of_month
from tests.pages.conftest import PHONE, Client, Open, Site
from tests.pages.made_up import ZONE

DAY = date(2026, 11, 26)


def punch(person: str, kind: str, hour: float, day: date = DAY) -> Event:
    wall = datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp() + hour * 3600
    time = datetime.fromtimestamp(wall, ZoneInfo("UTC")).isoformat(timespec="milliseconds")
    data = {"kind": kind, "source": "turn"}
    seq = int(wall)
    return Event(seq, f"j:{seq}", "b", time, seq, True, EventType.ATTENDANCE_PUNCHED, person, data)


def days_of(*events: Event, now: float = 2e9) -> list[Day]:
    return report(read_punches(events), DAY, DAY, now, AttendanceRules(zone=ZONE))


def test_the_chart_of_a_day_has_room_for_every_shift() -> None:
    days = days_of(punch("a", "in", 6.5), punch("a", "out", 21.2))
    axis = day_chart.axis(DAY, days, 2e9, ZONE)
    assert (axis.first, axis.last) == (6 * 60, 22 * 60)
    bar = day_chart.bars(days[0], axis, 2e9)[0]
    assert bar.kind == "done"
    assert (bar.x, bar.width) == pytest.approx((0.5 / 16 * 1000, 14.7 / 16 * 1000), abs=0.2)


def test_a_night_shift_runs_on_and_a_gap_is_a_mark() -> None:
    night = days_of(punch("a", "in", 22.0), punch("a", "out", 29.0))
    axis = day_chart.axis(DAY, night, 2e9, ZONE)
    assert axis.last == 29 * 60
    assert day_chart.bars(night[0], axis, 2e9)[0].x + day_chart.bars(night[0], axis, 2e9)[0].width == 1000
    gap = days_of(punch("a", "out", 17.0))
    assert day_chart.bars(gap[0], day_chart.axis(DAY, gap, 2e9, ZONE), 2e9)[0].kind == "gap"


def test_the_curve_counts_who_was_there_and_ends_now() -> None:
    now = datetime(2026, 11, 26, 12, 5, tzinfo=ZONE).timestamp()
    events = [punch("a", "in", 8.0), punch("a", "out", 11.0), punch("b", "in", 9.0)]
    days = days_of(*events, now=now)
    axis = day_chart.axis(DAY, days, now, ZONE)
    curve = dict(day_chart.presence(days, axis, now))
    assert [curve[axis.x(hour * 60)] for hour in (8, 9, 10, 11, 12)] == [1, 2, 2, 1, 1]
    assert max(curve) == axis.x(12 * 60)
    assert day_chart.steps(list(curve.items()), 100).startswith("M0.0,100")
    assert day_chart.steps([], 100) == ""


def test_days_and_months_stay_within_all_calendars() -> None:
    assert next_month(date(2026, 12, 1), 1) == date(2027, 1, 1)
    assert next_month(date(2026, 1, 1), -1) == date(2025, 12, 1)
    assert next_day(date.max, 1) == date.max
    assert next_month(date(9999, 12, 1), 1) == date(9999, 12, 1)
    assert len(days_of_month(date(2028, 2, 1))) == 29
    assert month_of("2026-13") is None
    begin, end = bounds(date(2026, 3, 29), date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
    assert end - begin == 23 * 3600  # the clock skips an hour


def test_a_day_shows_who_worked_when(visit: Open) -> None:
    page = visit("/attendance?day=2026-11-26")
    rows = page.locator(".sheet tbody tr")
    assert rows.count() > 30
    expect(rows.first.locator(".bar")).to_have_count(1)
    expect(page.locator(".day-chart .area")).to_have_attribute("d", re.compile("^M"))
    page.get_by_role("link", name="Earlier").click()
    expect(page.locator(".lead")).to_contain_text("2026-11-25")


def test_a_day_without_punches_says_so(client: Client) -> None:
    assert "Nobody punched on this day" in client.get("/attendance?day=2020-01-01").text
    assert "Nobody punched in this month" in client.get("/attendance/month?month=2020-01").text


@pytest.mark.parametrize("strange", ["day=x", "day=0001-01-01", "day=9999-12-31", "page=999999", "page=-1"])
def test_strange_days_do_no_harm(client: Client, strange: str) -> None:
    assert client.get(f"/attendance?{strange}").status_code == 200
    assert client.get(f"/attendance/month?{strange.replace('day', 'month')}").status_code == 200


@pytest.fixture
def worker(site: Site) -> str:
    """Give the id of somebody who worked on DAY."""
    text = Client(site.app).get(f"/attendance?day={DAY}").text
    found = re.search(r"/attendance/person/(\w+)/2026-11-26", text)
    assert found is not None
    return found[1]


def test_a_forgotten_punch_is_added_changed_and_cancelled(site: Site, visit: Open, worker: str) -> None:
    page = visit(f"/attendance/person/{worker}/2026-11-20")
    expect(page.locator("main")).to_contain_text("No punch counts on this day")
    page.get_by_label("What").select_option("in")
    page.get_by_label("Time of day").fill("08:15")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".banner.ok")).to_contain_text("The punch was added.")
    row = page.locator(".feed.log > li").first
    expect(row).to_contain_text("08:15:00")
    expect(row).to_contain_text("corrected")
    row.get_by_text("Correct", exact=True).click()
    row.get_by_label("Time of day").fill("08:45")
    row.get_by_role("button", name="Save").click()
    expect(page.locator(".feed.log > li").first).to_contain_text("08:45:00")
    page.locator(".feed.log > li").first.get_by_text("Correct", exact=True).click()
    page.get_by_role("button", name="Does not count").click()
    expect(page.locator("main")).to_contain_text("No punch counts on this day")
    history = page.locator("section", has_text="Corrections").locator("li")
    expect(history).to_have_count(3)
    expect(history.first).to_contain_text("yui cancelled a punch")
    kinds = [event.data["action"] for event in corrections(site, worker)]
    assert kinds == ["add", "change", "void"]


def corrections(site: Site, person: str) -> list[Event]:
    found = site.store.journal.events(type=EventType.ATTENDANCE_CORRECTED)
    return [event for event in found if event.person == person]


@pytest.mark.parametrize(
    ("data", "refused"),
    [
        ({"act": "add", "kind": "in", "date": "2026-12-24", "time": "08:00"}, (422, "still to come")),
        ({"act": "add", "kind": "in", "date": "2026-11-20", "time": "late"}, (422, "is no time")),
        ({"act": "add", "kind": "dance", "date": "2026-11-20", "time": "08:00"}, (400, "")),
        ({"act": "burn"}, (400, "")),
        ({"act": "void", "of": "j:99999999"}, (404, "there is none by this id")),
        ({"act": "void", "of": "nonsense"}, (404, "there is none by this id")),
    ],
)
def test_a_correction_that_makes_no_sense_changes_nothing(
    site: Site, client: Client, worker: str, data: dict[str, str], refused: tuple[int, str]
) -> None:
    clock = site.app.extensions["edge"].office.clock
    clock.vouch(actor="admin:mori")
    before = len(corrections(site, worker))
    answer = client.post(f"/attendance/person/{worker}/2026-11-20", data)
    assert answer.status_code == refused[0]
    assert refused[1] in answer.text
    assert len(corrections(site, worker)) == before


def test_a_viewer_corrects_nothing(site: Site, client: Client, worker: str) -> None:
    site.as_role(Role.VIEWER)
    assert "Add a forgotten punch" not in client.get(f"/attendance/person/{worker}/{DAY}").text
    assert client.post(f"/attendance/person/{worker}/{DAY}", {"act": "add"}).status_code == 403
    assert client.get(f"/attendance/export/csv?day={DAY}").status_code == 403
    assert client.post("/attendance/inside").status_code == 403


def test_a_person_who_never_was_is_not_found(client: Client) -> None:
    assert client.get("/attendance/person/01JD0000000000000000000000").status_code == 404
    assert client.get("/attendance/person/01JD0000000000000000000000/2026-11-26").status_code == 404
    assert client.get("/attendance/person/01JD0000000000000000000000/yesterday").status_code == 404


def test_a_month_of_one_person_adds_up(client: Client, worker: str) -> None:
    text = client.get(f"/attendance/person/{worker}?month=2026-11").text
    foot = text[text.index("<tfoot>") :]
    total = re.findall(r"(\d+):(\d\d)", foot)[0]
    body = text[text.index("<tbody>") : text.index("<tfoot>")]
    worked = re.findall(r'data-label="Worked">(\d+):(\d\d)<', body)
    minutes = sum(int(hours) * 60 + int(rest) for hours, rest in worked)
    assert abs(minutes - (int(total[0]) * 60 + int(total[1]))) <= len(worked)  # each is cut to the minute
    assert body.count("<tr") == 30


def test_sheets_leave_as_files_in_the_language_of_the_page(client: Client, worker: str) -> None:
    answer = client.get(f"/attendance/export/csv?day={DAY}", language="ja")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:4] == ["日付", "氏名", "社員番号", "出勤"]
    assert len(rows) > 30
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(f"/attendance/export/xlsx?month=2026-11&person={worker}").data)
    )
    assert book.sheetnames == ["Days", "Totals"]
    assert book["Totals"].max_row == 2
    assert client.get("/attendance/export/csv").status_code == 404
    assert client.get(f"/attendance/export/doc?day={DAY}").status_code == 404


def test_every_remark_has_words() -> None:
    from edge.web.sheets import MARKS, marks

    assert set(MARKS) == set(Mark)
    assert marks({Mark.CORRECTED, Mark.MISSING_OUT}, "ja")[0] == ("warn", "退勤打刻なし")


def test_who_is_inside_can_be_read_on_paper_and_cleared(site: Site, visit: Open) -> None:
    page = visit("/attendance/inside", size=PHONE)
    expect(page.get_by_role("heading", name=re.compile(r"\d+ inside"))).to_be_visible()
    before = page.locator("table.inside").first.locator("tbody tr").count()
    page.get_by_role("button", name=re.compile("^Take .* off the list$")).first.click()
    expect(page.locator(".banner.ok")).to_contain_text("They are off the list.")
    assert page.locator("table.inside").first.locator("tbody tr").count() == before - 1
    page.emulate_media(media="print")
    expect(page.locator(".print-cell").first).to_be_visible()
    expect(page.locator(".tabbar")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("button", name="Clear the list").click()
    page.get_by_role("dialog").get_by_role("button", name="Clear the list").click()
    expect(page.locator("main")).to_contain_text("Nobody is inside")
    last = site.store.journal.events(type=EventType.MUSTER_CLEARED)[-1]
    assert (last.person, last.data["actor"]) == (None, "admin:yui")
