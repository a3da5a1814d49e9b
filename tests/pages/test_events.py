import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from playwright.sync_api import expect

from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType, NewEvent
from edge.web.event_groups import GROUPS, types_of
from edge.web.event_pages import PAGE
from edge.web.roles import Role
from tests.pages.conftest import PHONE, Client, Open, Site
from tests.pages.made_up import ZONE


def times(text: str) -> list[str]:
    return re.findall(r'<li><time datetime="([^"]+)"', text)


def test_the_newest_come_first_and_the_lock_keeps_quiet(client: Client) -> None:
    text = client.get("/events").text
    found = times(text)
    assert len(found) == PAGE
    assert found == sorted(found, reverse=True)
    assert "The door was locked" not in text
    assert "The door was locked" in client.get("/events?kind=all").text


def numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"<dd>[0-9a-f-]{36}:(\d+)</dd>", text)]


def links(text: str) -> dict[str, str]:
    return {
        rel: href.replace("&amp;", "&") for rel, href in re.findall(r'rel="(prev|next)" href="([^"]+)"', text)
    }


@pytest.mark.parametrize("kind", ["", "all", "denied", "punches"])
def test_paging_there_and_back_shows_each_event_once(client: Client, kind: str) -> None:
    pages, address = [], f"/events?kind={kind}"
    while True:
        text = client.get(address).text
        pages.append(numbers(text))
        if "next" not in links(text):
            break
        address = links(text)["next"]
    there = [number for page in pages for number in page]
    assert there == sorted(set(there), reverse=True)
    if len(pages) > 1:
        back = client.get(links(text)["prev"]).text
        assert numbers(back) == pages[-2]
    assert "prev" not in links(client.get(f"/events?kind={kind}").text)


def test_a_day_a_kind_and_a_person_together(site: Site, client: Client) -> None:
    begin, end = (datetime(2026, 11, day, tzinfo=ZONE).timestamp() for day in (26, 27))
    punches = EventFilter(types=frozenset({EventType.ATTENDANCE_PUNCHED}), begin=begin, end=end)
    person = site.store.people.find(str(site.store.query.oldest(punches, limit=1)[0].person))
    text = client.get(f"/events?first=2026-11-26&last=2026-11-26&kind=punches&who={person.external_id}").text
    found = times(text)
    assert found
    assert all("2026-11-25T15" <= time < "2026-11-26T15" for time in found)  # a day of Tokyo
    assert text.count(f"{person.name} ") >= len(found)


def test_part_of_a_name_offers_who_it_may_be(client: Client) -> None:
    text = client.get("/events?who=佐藤").text
    assert "Whom do you mean?" in text
    assert text.count("?who=01JD") + text.count("who=01JD") >= 2
    assert "Nobody by this name" in client.get("/events?who=Nessie").text


@pytest.mark.parametrize(
    "strange", ["before=x", "after=-1", "first=2026-13-45", "kind=nothing", "before=" + "9" * 30]
)
def test_strange_addresses_show_events_all_the_same(client: Client, strange: str) -> None:
    assert client.get(f"/events?{strange}").status_code == 200


def test_every_type_belongs_to_a_group() -> None:
    named = [group for group in GROUPS if group.key != "all"]
    for kind in EventType:
        assert sum(kind in group.types for group in named) == 1, kind
    assert types_of("door.forced") == {EventType.DOOR_FORCED}
    assert types_of("no such") == frozenset()


def test_details_come_on_demand(visit: Open) -> None:
    page = visit("/events?kind=granted", size=PHONE)
    first = page.locator("details.event").first
    expect(first.locator("dl")).to_be_hidden()
    first.locator("summary").click()
    expect(first.locator("dl")).to_contain_text("Similarity")
    expect(first.locator("dl")).to_contain_text("Clock vouched for")


def test_a_changed_filter_is_shown_at_once(visit: Open) -> None:
    page = visit("/events")
    page.get_by_label("Kind").select_option("denied")
    page.wait_for_url("**kind=denied**")
    expect(page.locator(".feed.log > li").first).to_contain_text("ot let in")
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_label("Kind")).to_have_value("")


@contextmanager
def named(site: Site, name: str) -> Iterator[str]:
    """Give the id of a person who has a name for the time being."""
    person = site.store.people.people()[5]
    changed = site.store.people.update(replace(person, name=name), actor="admin:mori")
    yield person.id
    site.store.people.update(replace(changed, name=person.name), actor="admin:mori")


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(1)"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_formula(site: Site, client: Client, name: str) -> None:
    with named(site, name) as person:
        data = client.get(f"/events/export/csv?who={person}").data.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(data)))
        assert {row["Person"] for row in rows} == {f"'{name}"}
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"/events/export/xlsx?who={person}").data))
        cells = [cell for row in book.active.iter_rows(min_row=2) for cell in row]
        assert name in {cell.value for cell in cells}
        assert {cell.data_type for cell in cells} <= {"s", "n", "d"}  # none is a formula


def test_a_file_holds_what_the_filter_lets_through(site: Site, client: Client) -> None:
    which = EventFilter(types=frozenset({EventType.ACCESS_DENIED}))
    data = client.get("/events/export/csv?kind=denied").data
    assert data.startswith(b"\xef\xbb\xbfNumber,Time,Event")
    assert data.count(b"\r\n") == site.store.query.count(which) + 1
    book = openpyxl.load_workbook(io.BytesIO(client.get("/events/export/xlsx?kind=denied").data))
    assert book.active.max_row == site.store.query.count(which) + 1
    assert "attachment; filename=front-door-events-2026-11-27.csv" in client.get(
        "/events/export/csv?kind=denied"
    ).headers.get("Content-Disposition", "")


def test_a_file_speaks_the_language_of_the_page(client: Client) -> None:
    data = client.get("/events/export/csv?kind=denied", language="ja").data
    assert data.decode("utf-8-sig").startswith("番号,日時,イベント内容")


def test_it_is_written_down_who_took_a_file(site: Site, client: Client) -> None:
    client.get("/events/export/csv?kind=denied")
    last = site.store.journal.events(since_seq=site.store.journal.last_seq() - 1)[0]
    assert last.type == EventType.ADMIN_EXPORTED
    assert last.data == {"what": "events", "form": "csv", "actor": "admin:yui"}


def test_who_may_take_files(site: Site, client: Client) -> None:
    before = site.store.journal.last_seq()
    site.as_role(Role.VIEWER)
    assert client.get("/events/export/csv").status_code == 403
    assert "/events/export/" not in client.get("/events").text
    site.as_role(Role.OPERATOR)
    assert client.get("/events/export/pdf").status_code == 404
    assert client.get("/events/export/csv?who=Nessie").status_code == 404
    assert site.store.journal.last_seq() == before


def test_markup_in_names_and_data_is_text(site: Site, visit: Open) -> None:
    with named(site, "<img src=x onerror=alert(1)>") as person:
        site.store.journal.append(
            NewEvent(EventType.CAMERA_LOST, None, {"detail": "<script>alert(2)</script>"})
        )
        page = visit(f"/events?who={person}")
        expect(page.locator("main")).to_contain_text("<img src=x onerror=alert(1)>")
        assert page.locator("main img").count() == 0
        page.goto(page.url.split("?")[0] + "?kind=camera")
        assert page.locator("main script").count() == 0
