import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from edge.domain.events import EventType
from edge.web.roles import Role
from tests.pages.conftest import Client, Open, Site

PASSPHRASE = "seven green umbrellas"
BACKWARDS = {"first": "2027-02-01", "last": "2027-01-01"}


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.adapters.backup_file.COST", {"n": 1024, "r": 8, "p": 1})


def settings_events(site: Site) -> list[dict[str, object]]:
    return [dict(event.data) for event in site.store.journal.events(type=EventType.ADMIN_SETTINGS_CHANGED)]


def test_each_value_says_where_it_comes_from(client: Client) -> None:
    text = client.get("/settings").text
    row = re.search(r"<code>relay</code>.*?</tr>", text, re.DOTALL)
    assert row is not None
    assert "recording" in row[0]
    assert "edge.toml:12" in row[0]
    default = re.search(r"<code>lock_type</code>.*?</tr>", text, re.DOTALL)
    assert default is not None
    assert "default" in default[0]


def test_no_password_of_a_camera_is_shown(client: Client) -> None:
    text = client.get("/settings").text
    assert "rtsp://" in text
    assert "hunter2" not in text


def test_values_are_changed_for_the_next_start(site: Site, visit: Open) -> None:
    page = visit("/settings")
    page.get_by_label("The door unlocks for (seconds)").fill("7.5")
    page.get_by_label("Events are kept for (days)").fill("365")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".banner.ok")).to_contain_text("It is in force after a restart")
    expect(page.locator(".banner.info")).to_contain_text("door.pulse_seconds = 7.5")
    keys = {"door.pulse_seconds": 7.5, "storage.keep_days": 365}
    assert settings_events(site)[-1] == {"keys": keys, "actor": "admin:yui"}
    count = len(settings_events(site))
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".banner.info").first).to_contain_text("Nothing was changed.")
    assert len(settings_events(site)) == count
    page.get_by_label("Events are kept for (days)").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".banner.info").first).not_to_contain_text("storage.keep_days")


@pytest.mark.parametrize(
    "data",
    [
        {"pulse_seconds": "900"},
        {"pulse_seconds": "soon"},
        {"timezone": "Moon/Tranquility"},
        {"language": "tlh"},
        {"keep_days": "0"},
        {"cooldown_seconds": "nan"},
        {"timezone": 'Asia/Tokyo"\n[camera]\nsource = "pipe:true'},
    ],
)
def test_what_makes_no_sense_changes_nothing(site: Site, client: Client, data: dict[str, str]) -> None:
    before = settings_events(site)
    text = client.get("/settings").text
    form = dict(
        re.findall(
            r'name="(pulse_seconds|cooldown_seconds|keep_days|timezone)" type="text" value="([^"]*)"', text
        )
    )
    answer = client.post("/settings", {"language": "en", **form, **data})
    assert answer.status_code == 422
    assert "This was not done" in answer.text
    assert settings_events(site) == before


def test_only_admins_see_settings(site: Site, client: Client) -> None:
    site.as_role(Role.OPERATOR)
    for path in ("/settings", "/settings/clock", "/settings/backup", "/settings/audit"):
        assert client.get(path).status_code == 403
    assert client.get("/access").status_code == 200
    assert client.get("/access/schedule").status_code == 403
    assert client.post("/access/holidays", {"name": "x", "first": "2027-01-01"}).status_code == 403
    site.as_role(Role.VIEWER)
    assert client.get("/access").status_code == 403


def test_a_restart_is_asked_about(visit: Open) -> None:
    page = visit("/settings")
    page.get_by_role("button", name=re.compile("Restart")).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Restart now").click()
    expect(page.locator(".banner.info").first).to_contain_text("The terminal starts anew.")


def test_somebody_vouches_for_the_clock(site: Site, visit: Open) -> None:
    page = visit("/settings/clock")
    expect(page.locator("main")).to_contain_text("somebody has to say that the time is right")
    expect(page.locator("#clock-difference")).to_contain_text("It differs from this device")
    page.get_by_role("button", name="This time is right").click()
    expect(page.locator("main")).to_contain_text("Vouched for by an admin.")
    assert site.store.journal.events(type=EventType.CLOCK_VOUCHED)[-1].data["actor"] == "admin:yui"


def test_a_clock_that_may_not_be_set_says_how_it_may(client: Client) -> None:
    answer = client.post("/settings/clock", {"act": "set", "date": "2026-11-28", "time": "09:00:00"}, "ja")
    assert answer.status_code == 422
    assert "sudo edgectl clock set" in answer.text
    assert client.post("/settings/clock", {"act": "set", "date": "x", "time": "9"}).status_code == 422
    assert client.post("/settings/clock", {"act": "stop"}).status_code == 400


def test_the_time_of_this_device_is_one_press_away(visit: Open) -> None:
    page = visit("/settings/clock")
    page.get_by_role("button", name="Take the time of this device").click()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", page.get_by_label("Date").input_value())
    assert re.fullmatch(r"\d\d:\d\d:\d\d", page.get_by_label("Time of day").input_value())


def test_the_audit_log_names_who_did_what(client: Client) -> None:
    text = client.get("/settings/audit").text
    assert "mori changed the schedule office hours" in text
    assert "was let in by face" not in text
    assert "The door was unlocked" not in text


def test_a_backup_goes_out_and_comes_back(site: Site, visit: Open, tmp_path: Path) -> None:
    page = visit("/settings/backup")
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("Passphrase once more").fill(PASSPHRASE)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert re.fullmatch(r"front-door-2026-11-27-\d{4}\.edgebackup", file.name)
    page.get_by_label("File of the backup").set_input_files(file)
    page.get_by_label("Its passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Check and put back").click()
    expect(page.locator(".banner.ok")).to_contain_text("The backup is good.", timeout=20_000)
    expect(page.locator(".banner.warn")).to_contain_text("front-door")
    expect(page.locator(".banner.warn")).to_contain_text("50 people")
    assert (site.made.database.parent / "restore" / "edge.db").is_file()
    assert not (site.made.database.parent / ".restore-upload").exists()
    page.get_by_role("button", name="Do not put it back").click()
    expect(page.locator("main")).not_to_contain_text("A backup waits")
    assert not (site.made.database.parent / "restore").exists()


def test_a_wrong_passphrase_or_file_is_said_where_it_was_entered(visit: Open, tmp_path: Path) -> None:
    page = visit("/settings/backup", locale="ja-JP", expect_errors=True)
    file = tmp_path / "letter.edgebackup"
    file.write_bytes(b"Dear all")
    page.get_by_label("バックアップファイル").set_input_files(file)
    page.get_by_label("そのパスフレーズ").fill(PASSPHRASE)
    page.get_by_role("button", name="確認して復元").click()
    expect(page.locator("#restore-error")).to_contain_text("このファイルはバックアップではありません")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"passphrase": "short", "again": "short"}, "at least 12 characters"),
        ({"passphrase": PASSPHRASE, "again": PASSPHRASE + "!"}, "the two passphrases differ"),
    ],
)
def test_a_passphrase_is_checked_before_anything_leaves(
    client: Client, data: dict[str, str], says: str
) -> None:
    answer = client.post("/settings/backup/take", data)
    assert answer.status_code == 422
    assert says in answer.text


@pytest.mark.parametrize("query", ["", "?offset=x", "?offset=-1", "?offset=7"])
def test_pieces_come_in_their_order(client: Client, query: str) -> None:
    assert client.post(f"/settings/backup/part{query}").status_code == 400


def test_the_week_is_painted_by_keyboard(site: Site, visit: Open) -> None:
    page = visit("/access/schedule")
    page.get_by_label("Title").fill("early shift")
    text = page.get_by_label("As text")
    text.fill("mon 06:00-08:00")
    cell = page.get_by_role("gridcell", name="Mon 08:00 not allowed")
    cell.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(text).to_have_value("mon 06:00-09:00; tue 08:30-09:00")
    page.keyboard.press("Space")
    expect(text).to_have_value("mon 06:00-09:00")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".banner.ok")).to_contain_text("The schedule is saved")
    assert "early shift" in site.store.access.schedules()


def test_the_week_is_painted_by_dragging(visit: Open) -> None:
    page = visit("/access/schedule")
    page.get_by_label("As text").fill("sun 10:00-10:30")
    start = page.get_by_role("gridcell", name="Sat 10:00 not allowed").bounding_box()
    end = page.get_by_role("gridcell", name="Sat 11:30 not allowed").bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 3, start["y"] + 5)
    page.mouse.down()
    page.mouse.move(end["x"] + 3, end["y"] + 5, steps=12)
    page.mouse.up()
    expect(page.get_by_label("As text")).to_have_value("sat 10:00-12:00; sun 10:00-10:30")


@pytest.mark.parametrize("text", ["mon 08:15-09:00", "fri 22:00-06:00", "holiday:half-day 09:00-12:00"])
def test_what_the_table_cannot_show_stays_text(visit: Open, text: str) -> None:
    page = visit("/access/schedule")
    page.get_by_label("As text").fill(text)
    expect(page.locator("#week-fine")).to_contain_text("change it as text")
    expect(page.get_by_label("As text")).to_have_value(text)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"name": "", "text": "mon 08:00-09:00"}, "the name is empty"),
        ({"name": "x", "text": "someday 08:00-09:00"}, "is no day"),
        ({"name": "x", "text": ""}, "it has no times"),
        ({"name": "always", "text": "mon 08:00-09:00"}, "choose another name"),
        ({"name": "x", "text": "mon 08:00-09:00", "zone": "Moon"}, "time zone"),
        (
            {"name": "x", "text": "mon 08:00-09:00", "first": "2027-02-01", "last": "2027-01-01"},
            "before it begins",
        ),
        ({"name": "x", "text": "mon 08:00-09:00", "first": "soon"}, "is no day"),
    ],
)
def test_a_schedule_that_makes_no_sense_is_shown_again(
    site: Site, client: Client, data: dict[str, str], says: str
) -> None:
    before = set(site.store.access.schedules())
    answer = client.post("/access/schedule", data)
    assert answer.status_code == 422
    assert says in answer.text
    assert set(site.store.access.schedules()) == before


def test_a_schedule_in_use_is_not_removed(client: Client) -> None:
    answer = client.post("/access/schedule/remove", {"name": "office hours"})
    assert answer.status_code == 409
    assert "give them another first" in answer.text


def test_holidays_and_groups_come_and_go(site: Site, client: Client) -> None:
    assert (
        client.post(
            "/access/holidays", {"name": "夏休み", "first": "2027-08-11", "last": "2027-08-15"}
        ).status_code
        == 303
    )
    assert client.post("/access/holidays", {"name": "夏休み", "first": "2027-08-12"}).status_code == 422
    assert client.post("/access/holidays", {"name": "x", "first": ""}).status_code == 422
    assert (
        client.post("/access/holidays/remove", {"name": "夏休み", "first": "2027-08-11"}).status_code == 303
    )
    assert (
        client.post("/access/holidays/remove", {"name": "夏休み", "first": "2027-08-11"}).status_code == 404
    )
    group = {"name": "night", "schedule": "cleaning", "doors": "door, gate", "second_factor": "1"}
    assert client.post("/access/groups/group", group).status_code == 303
    kept = site.store.access.groups()["night"]
    assert (kept.doors, kept.second_factor, kept.first_person) == (frozenset({"door", "gate"}), True, False)
    assert client.post("/access/groups/group", group | {"schedule": "no such"}).status_code == 422
    assert client.post("/access/groups/remove", {"name": "night"}).status_code == 303
    assert client.get("/access/groups/group?name=night").status_code == 404
