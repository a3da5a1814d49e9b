import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from edge.domain.events import EventType, Instant, NewEvent
from edge.web.roles import Role
from tests.pages.conftest import PHONE, Client, Open, Site
from tests.pages.made_up import name
from tests.pages.site import NOON


def happen(site: Site, kind: EventType, person: str | None = None, /, **data: Any) -> None:
    site.store.journal.append(NewEvent(kind, person, data, Instant(NOON + 5, 0, trusted=True)))


def test_it_shows_door_day_and_health(visit: Open) -> None:
    page = visit("/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
    expect(page.locator(".door-headline")).to_have_text("Locked")
    expect(page.locator("#feed > li")).to_have_count(12)
    expect(page.locator("#tiles .tile")).to_have_count(8)
    expect(page.locator("#standing")).to_contain_text("the broker has not acknowledged an event for 75 s")
    counts = [text.replace(",", "") for text in page.locator("#counts .tile-value").all_inner_texts()]
    assert all(int(count) > 0 for count in counts)


def test_in_japanese_every_word_is_japanese(visit: Open) -> None:
    page = visit("/", locale="ja-JP", size=PHONE)
    text = page.locator("main").inner_text()
    assert "施錠中" in text
    assert "MQTTブローカーから75秒間応答がありません" in text
    ours = {"MQTT", "dlib", "resnet", "door", "mori", "office", "hours", "cleaning"}
    names = {part for number in range(50) for part in name(number).split()}
    assert set(re.findall(r"[A-Za-zü]{4,}", text)) - ours - names == set()


def test_the_door_is_unlocked_in_place(site: Site, visit: Open) -> None:
    page = visit("/")
    page.get_by_role("button", name="Unlock").click()
    expect(page.locator(".toast")).to_contain_text("The door is unlocked.")
    expect(page.locator(".door-headline")).to_have_text("Unlocked")
    assert site.doors.asked[-1] == ("unlock", "admin:yui")
    page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.locator(".door-headline")).to_have_text("Locked")


def test_a_hold_is_asked_about_and_ended(site: Site, visit: Open) -> None:
    page = visit("/")
    page.get_by_role("button", name="Hold open").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()
    asked = list(site.doors.asked)
    page.get_by_role("button", name="Hold open").click()
    dialog.get_by_role("button", name="Hold open").click()
    expect(page.locator(".door-notes")).to_contain_text("Held open by the office")
    assert site.doors.asked == [*asked, ("hold", "admin:yui")]
    page.get_by_role("button", name="End the hold").click()
    expect(page.get_by_role("button", name="Hold open")).to_be_visible()
    assert site.doors.asked[-1] == ("release", "admin:yui")


def test_a_door_that_refuses_says_why(site: Site, visit: Open) -> None:
    site.doors.stuck = True
    page = visit("/", locale="ja-JP", expect_errors=True)
    page.get_by_role("button", name="解錠", exact=True).click()
    expect(page.locator(".toast.bad")).to_contain_text("錠が応答しません")


@pytest.mark.parametrize(
    ("role", "act", "status"),
    [
        (Role.VIEWER, "unlock", 403),
        (Role.OPERATOR, "unlock", 303),
        (Role.OPERATOR, "lock", 303),
        (Role.OPERATOR, "hold", 403),
        (Role.OPERATOR, "lockdown", 403),
        (Role.ADMIN, "lockdown", 303),
        (Role.ADMIN, "end-lockdown", 303),
        (Role.ADMIN, "evacuation", 303),
        (Role.ADMIN, "end-evacuation", 303),
        (Role.ADMIN, "explode", 404),
    ],
)
def test_who_may_do_what_to_the_door(site: Site, client: Client, role: Role, act: str, status: int) -> None:
    site.as_role(role)
    before = len(site.doors.asked)
    assert client.post_without_token(f"/door/{act}") in {400, 403}
    assert client.post(f"/door/{act}").status_code == status
    assert len(site.doors.asked) - before == (status == 303)


def test_a_viewer_sees_no_button_of_the_door(site: Site, visit: Open) -> None:
    site.as_role(Role.VIEWER)
    page = visit("/")
    expect(page.locator(".door-headline")).to_be_visible()
    expect(page.get_by_role("button", name="Unlock")).to_have_count(0)


def places(page: Page) -> list[Any]:
    return [
        page.locator(what).bounding_box() for what in (".door", "#live", "#counts", "#tiles", "#today h2")
    ]


def test_what_happens_arrives_live_and_moves_nothing(site: Site, visit: Open) -> None:
    page = visit("/")
    expect(page.locator("#feed > li")).to_have_count(12)
    before, people = places(page), site.store.people.people()
    granted = int(page.locator("#counts .tile-value").first.inner_text())
    happen(site, EventType.ACCESS_GRANTED, people[0].id, reason="face", direction="in")
    expect(page.locator("#feed > li").first).to_contain_text(f"{people[0].name} was let in by face")
    expect(page.locator("#counts .tile-value").first).to_have_text(str(granted + 1))
    expect(page.locator("#feed > li")).to_have_count(12)
    assert places(page) == before


def test_what_happens_while_the_page_is_made_is_told_by_the_stream(
    site: Site, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = site.app.extensions["edge"]

    def health() -> Mapping[str, Any]:
        happen(site, EventType.CAMERA_LOST)
        return parts.health()  # type: ignore[no-any-return] # any extension

    monkeypatch.setitem(site.app.extensions, "edge", replace(parts, health=health))
    last = re.search(r'data-last="(\d+)"', client.get("/").text)
    assert last is not None
    assert int(last[1]) < site.store.journal.last_seq()


def test_that_somebody_was_forced_is_shown_to_admins_only(site: Site, client: Client, visit: Open) -> None:
    happen(site, EventType.ACCESS_DURESS, site.made.people[3])
    expect(visit("/").locator("#feed")).to_contain_text("A duress PIN was entered")
    for role in (Role.OPERATOR, Role.VIEWER):
        site.as_role(role)
        for path in ("/", "/events", "/events?kind=alarms", "/events?kind=access.duress"):
            assert "duress PIN" not in client.get(path).text
    site.as_role(Role.OPERATOR)
    assert b"duress" not in client.get("/events/export/csv").data


def test_language_and_looks_are_remembered(visit: Open) -> None:
    page = visit("/")
    page.locator(".menu.up > summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator(".menu.up > summary").click()
    page.get_by_role("button", name="日本語").click()
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    page.goto(page.url)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_role("heading", level=1)).to_have_text("ダッシュボード")


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "x"])
def test_a_choice_leads_to_no_other_site(client: Client, elsewhere: str) -> None:
    answer = client.post("/preferences", {"next": elsewhere, "theme": "dark"})
    assert answer.headers["Location"] == "/"


def test_a_page_that_is_not_there_has_the_same_looks(client: Client) -> None:
    answer = client.get("/nowhere", language="ja")
    assert answer.status_code == 404
    assert "見つかりません" in answer.text
