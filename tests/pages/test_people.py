"""People on the pages, in a real browser over a real terminal: pictures, models, a replayed film."""

import io
import json
import re
import zipfile
from base64 import b64encode
from pathlib import Path

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from edge.domain.access_group import Group
from edge.domain.events import EventType
from edge.domain.examination import Upload
from edge.domain.person import Person
from edge.web.account import Account
from edge.web.roles import Role
from tests.pages.conftest import CHROMIUM, DESKTOP, PHONE, Open, visiting
from tests.pages.people_site import Terminal

SLOW = 60_000  # milliseconds: models are loaded, and the machine may be busy
GOOD = "This picture is good."


def choose(page: Page, folder: Path, *names: str) -> None:
    page.set_input_files("#pictures", [folder / name for name in names])


def drop(page: Page, folder: Path, name: str) -> None:
    """Let a file fall on the form, as somebody does with a mouse."""
    data = b64encode((folder / name).read_bytes()).decode()
    page.evaluate(
        """([data, name]) => {
            const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
            const moved = new DataTransfer();
            moved.items.add(new File([bytes], name, { type: "image/jpeg" }));
            for (const kind of ["dragenter", "dragover", "drop"]) {
                const event = new DragEvent(kind, { dataTransfer: moved, bubbles: true, cancelable: true });
                document.querySelector(".drop").dispatchEvent(event);
            }
        }""",
        [data, name],
    )


def enrol(terminal: Terminal, presidents: Path, name: str, *pictures: str, number: str = "") -> Person:
    """Enrol somebody without a browser, by the same use case."""
    parts = terminal.app.extensions["edge"].roll
    uploads = [Upload(one, (presidents / one).read_bytes()) for one in pictures]
    done = parts.enroller.add(name=name, external_id=number or None, pictures=uploads, actor="admin:yui")
    assert isinstance(done.person, Person)
    return done.person


def types(terminal: Terminal) -> list[str]:
    return [str(event.type) for event in terminal.store.journal.events()]


def test_somebody_who_is_enrolled_from_a_picture_is_recognised_and_seen_live(
    terminal: Terminal, look: Open, presidents: Path, screenshots: Path
) -> None:
    page = look("/people/new")
    expect(page.locator("#save")).to_have_attribute("aria-disabled", "true")
    drop(page, presidents, "obama.jpg")
    verdict = page.locator(".verdicts > li")
    expect(verdict.locator(".status")).to_have_text(GOOD, timeout=SLOW)
    expect(verdict.locator("rect.overlay-box.ok")).to_have_count(1)
    expect(verdict.locator("circle.overlay-point")).to_have_count(5)
    page.get_by_label("Name").fill("Barack Obama")
    page.get_by_label(re.compile("Employee number")).fill("A-0044")
    page.get_by_role("button", name="Enrol").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Barack Obama", timeout=SLOW)
    expect(page.locator(".banner.ok")).to_have_text("Barack Obama was enrolled.")
    expect(page.locator(".references > li")).to_have_count(1)
    expect(page.locator(".references img")).to_have_js_property("naturalWidth", 150)

    page.goto(terminal.address)
    seen = page.locator("#feed > li.new", has_text="Barack Obama was let in by face")
    expect(seen.first).to_be_visible(timeout=SLOW)
    expect(page.locator(".live-text", has_text="Barack Obama")).to_be_visible(timeout=SLOW)
    expect(page.locator("#live img")).to_have_js_property("naturalWidth", 640)
    page.screenshot(path=screenshots / "dashboard_live.png")
    granted = next(one for one in terminal.store.journal.events() if one.type is EventType.ACCESS_GRANTED)
    person = terminal.store.people.find("A-0044")
    assert granted.data["reference"] == terminal.store.people.references_of(person.id)[0].id


def test_every_picture_has_its_verdict_and_the_good_ones_are_kept(
    terminal: Terminal, look: Open, presidents: Path
) -> None:
    page = look("/people/new")
    choose(page, presidents, "obama.jpg", "obama2.jpg", "biden.jpg")
    statuses = page.locator(".verdicts .status")
    expect(statuses.nth(2)).to_have_text("It does not look like this person's other pictures.", timeout=SLOW)
    expect(statuses.nth(0)).to_have_text(GOOD)
    page.get_by_role("button", name="Leave this picture out: obama2.jpg").click()
    expect(page.locator(".verdicts > li")).to_have_count(2)
    page.get_by_label("Name").fill("Barack Obama")
    page.get_by_role("button", name="Enrol").click()
    expect(page.locator(".references > li")).to_have_count(1, timeout=SLOW)
    assert terminal.store.people.find("Barack Obama").references == 1


def test_many_large_pictures_share_what_the_terminal_takes(terminal: Terminal, look: Open) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (750, 1000, 3), dtype=np.uint8)
    picture = cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_QUALITY, 89])[1].tobytes()
    assert 600 << 10 < len(picture) < 700 << 10
    page = look("/people/new")
    files = [FilePayload(name=f"{number}.jpg", mimeType="image/jpeg", buffer=picture) for number in range(12)]
    page.set_input_files("#pictures", files)
    statuses = page.locator(".verdicts .status")
    expect(statuses.nth(11)).to_contain_text("No face was found", timeout=SLOW)
    expect(statuses).to_have_count(12)
    expect(page.locator("#said")).to_be_hidden()
    assert terminal.store.people.people() == []


def test_a_look_alike_is_refused_and_enrolled_only_with_a_second_factor_for_both(
    terminal: Terminal, look: Open, presidents: Path
) -> None:
    first = enrol(terminal, presidents, "Barack Obama", "obama.jpg")
    page = look("/people/new")
    choose(page, presidents, "obama2.jpg")
    expect(page.locator(".verdicts .status")).to_contain_text("It looks like Barack Obama", timeout=SLOW)
    page.get_by_label("Name").fill("His twin")
    page.get_by_role("button", name="Enrol").click(force=True)
    expect(page.locator("#said")).to_have_text("There is no good picture yet.")
    assert len(terminal.store.people.people()) == 1
    page.get_by_label("They are two people.").check()
    expect(page.locator(".verdicts .status")).to_contain_text("is taken all the same", timeout=SLOW)
    page.get_by_role("button", name="Enrol").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("His twin", timeout=SLOW)
    twin = terminal.store.people.find("His twin")
    assert twin.second_factor
    assert terminal.store.people.find(first.id).second_factor
    enrolled = terminal.store.journal.events()[-10:]
    (event,) = [one for one in enrolled if one.type is EventType.PERSON_ENROLLED and one.person == twin.id]
    assert event.data["look_alikes"] == [first.id]
    assert event.data["actor"] == "admin:yui"


def test_the_terminals_own_camera_takes_pictures_by_itself(
    terminal: Terminal, look: Open, screenshots: Path
) -> None:
    page = look("/people/new")
    page.get_by_role("button", name="Terminal").click()
    expect(page.locator(".guidance.ok")).to_have_text("Good. Hold still.", timeout=SLOW)
    expect(page.locator(".verdicts .status", has_text=GOOD).first).to_be_visible(timeout=SLOW)
    expect(page.locator(".verdicts img").first).to_have_attribute("alt", "Terminal camera 1")
    page.screenshot(path=screenshots / "people_terminal.png", full_page=True)
    page.get_by_label("Name").fill("Somebody at the door")
    page.get_by_role("button", name="Enrol").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Somebody at the door", timeout=SLOW)
    assert terminal.store.people.find("Somebody at the door").references >= 1


def test_the_camera_of_the_browser_takes_a_picture(terminal: Terminal, browser: Browser) -> None:
    fake = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
    other = browser.browser_type.launch(executable_path="/usr/bin/chromium", args=[*CHROMIUM, *fake])
    with visiting(other, terminal.address) as look:
        page = look("/people/new")
        page.get_by_role("button", name="This device").click()
        take = page.locator("#take-frame")
        expect(take).to_be_enabled(timeout=SLOW)
        take.click()
        expect(page.locator(".verdicts .status")).to_contain_text("No face was found", timeout=SLOW)
    other.close()


def test_a_camera_that_comes_too_late_is_let_go(people_terminal: Terminal, look: Open) -> None:
    page = look("/people")
    page.add_init_script(
        """window.given = [];
        navigator.mediaDevices.getUserMedia = async () => {
            await new Promise((done) => setTimeout(done, 1500));
            const canvas = document.createElement("canvas");
            setInterval(() => canvas.getContext("2d").fillRect(0, 0, 9, 9), 50);
            const stream = canvas.captureStream();
            window.given.push(...stream.getTracks());
            document.documentElement.dataset.given = window.given.length;
            return stream;
        };"""
    )
    page.goto(f"{people_terminal.address}/people/new")
    for source in ("This device", "Files", "This device", "Files"):
        page.get_by_role("button", name=source).click()
    expect(page.locator("html")).to_have_attribute("data-given", "2")
    assert page.evaluate("window.given.map((track) => track.readyState)") == ["ended", "ended"]
    page.get_by_role("button", name="This device").click()
    expect(page.locator("#take-frame")).to_be_enabled(timeout=SLOW)
    assert page.evaluate("window.given[2].readyState") == "live"
    page.get_by_role("button", name="Files").click()
    assert page.evaluate("window.given[2].readyState") == "ended"


def test_a_browser_without_a_camera_says_so(look: Open) -> None:
    page = look("/people/new", locale="ja-JP")
    page.get_by_role("button", name="この機器のカメラ").click()
    expect(page.locator("#viewfinder-note")).to_contain_text("カメラを使用できません")


def test_what_is_wrong_with_the_form_is_said_beside_the_field(
    terminal: Terminal, look: Open, presidents: Path
) -> None:
    enrol(terminal, presidents, "Barack Obama", "obama.jpg", number="A-1")
    page = look("/people/new", expect_errors=True)
    choose(page, presidents, "biden.jpg")
    expect(page.locator(".verdicts .status")).to_have_text(GOOD, timeout=SLOW)
    page.get_by_label("Name").fill("Joe Biden")
    page.get_by_label(re.compile("Employee number")).fill("A-1")
    page.get_by_role("button", name="Enrol").click()
    wrong = page.locator(".field.wrong")
    expect(wrong).to_contain_text("Somebody else has this employee number.", timeout=SLOW)
    page.get_by_label(re.compile("Employee number")).fill("A-2")
    page.get_by_role("button", name="Enrol").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Joe Biden", timeout=SLOW)


def test_somebody_is_changed_given_a_pin_and_forgotten(
    terminal: Terminal, look: Open, presidents: Path
) -> None:
    terminal.store.access.put_group(Group(name="night"), actor="test")
    person = enrol(terminal, presidents, "Barack Obama", "obama.jpg", "obama2.jpg")
    page = look(f"/people/{person.id}")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Name").fill("バラク オバマ")
    page.get_by_label("night").check()
    page.get_by_label(re.compile("Valid until")).fill("2030-03-31")
    page.get_by_label(re.compile("Consent given on")).fill("2026-04-01")
    page.get_by_label(re.compile("where the proof is")).fill("form 12")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("バラク オバマ")
    expect(page.locator("main")).to_contain_text("form 12")
    changed = terminal.store.people.find(person.id)
    assert changed.groups == ("night",)
    assert changed.valid_until == 1_901_199_600  # the end of that day in Tokyo

    page.get_by_role("button", name="Give a PIN").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("New PIN").fill("739152")
    dialog.get_by_label("Once more").fill("739152")
    dialog.get_by_role("button", name="Save the PIN").click()
    expect(page.locator("#pin .badge")).to_have_text("set")
    assert terminal.store.access.pins(person.id).pin is not None
    page.locator("#pin").get_by_role("button", name="Unlock").click()
    page.locator("#pin").get_by_role("button", name="Remove").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator("#pin .badge")).to_have_text("none")

    page.get_by_role("button", name="Remove this picture: obama2.jpg").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.locator(".references > li")).to_have_count(1)

    page.get_by_label("More").first.click()
    page.get_by_role("link", name="Remove this person").click()
    page.get_by_role("button", name="Remove for good").click()
    expect(page.locator(".banner.ok")).to_contain_text("was removed")
    assert terminal.store.people.people() == []
    assert types(terminal)[-1] == "person.removed"


def test_all_that_is_held_is_taken_away_as_a_copy(terminal: Terminal, look: Open, presidents: Path) -> None:
    person = enrol(terminal, presidents, "Barack Obama", "obama.jpg", number="A-7")
    page = look(f"/people/{person.id}")
    page.get_by_label("More").first.click()
    with page.expect_download() as waited:
        page.get_by_role("link", name="Copy of all that is held").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(waited.value.path()).read_bytes()))
    told = json.loads(archive.read("person.json"))
    assert (told["name"], told["employee_number"], told["pin"]) == ("Barack Obama", "A-7", False)
    (reference,) = told["references"]
    assert f"crops/{reference['id']}.png" in archive.namelist()
    events = json.loads(archive.read("events.json"))
    assert events[0]["type"] == "edge.person.enrolled"
    assert EventType.ADMIN_EXPORTED in types(terminal)


def test_a_recognition_is_disputed_and_its_picture_removed(
    terminal: Terminal, look: Open, presidents: Path
) -> None:
    person = enrol(terminal, presidents, "Barack Obama", "obama.jpg", "obama2.jpg")
    page = look("/")
    expect(page.locator("#feed > li.new", has_text="was let in by face").first).to_be_visible(timeout=SLOW)
    page.goto(f"{terminal.address}/people/{person.id}")
    page.get_by_role("link", name="It was not this person").last.click()
    page.get_by_label("Remove the picture that it rests on").check()
    page.get_by_role("button", name="It was not this person").click()
    expect(page.locator(".banner.ok")).to_contain_text("this was not Barack Obama")
    expect(page.locator(".references > li")).to_have_count(1)
    disputed = [one for one in terminal.store.journal.events() if one.type is EventType.RECOGNITION_DISPUTED]
    assert disputed[-1].person == person.id
    assert disputed[-1].data["removed"] is not None


def test_two_entries_of_one_person_become_one(terminal: Terminal, look: Open, presidents: Path) -> None:
    kept = enrol(terminal, presidents, "Barack Obama", "obama.jpg")
    gone = enrol(terminal, presidents, "Joe Biden", "biden.jpg")
    page = look(f"/people/{kept.id}")
    page.get_by_label("More").first.click()
    page.get_by_role("link", name="The same person twice?").click()
    page.get_by_role("link", name="Joe Biden").click()
    expect(page.locator(".banner.warn")).to_contain_text("would not pass for one person")
    page.get_by_role("button", name="Make them one").click()
    expect(page.locator(".references > li")).to_have_count(2)
    assert [one.id for one in terminal.store.people.people()] == [kept.id]
    merged = [one.data["merged_into"] for one in terminal.store.journal.events() if "merged_into" in one.data]
    assert merged[-1:] == [kept.id]  # somebody may walk up meanwhile
    assert gone.id != kept.id


@pytest.mark.parametrize("locale", ["en-GB", "ja-JP"])
def test_every_page_looks_right_on_a_phone_and_a_desktop_and_is_accessible(
    terminal: Terminal, look: Open, presidents: Path, screenshots: Path, locale: str
) -> None:
    person = enrol(terminal, presidents, "Barack Obama", "obama.jpg", number="A-0044")
    enrol(terminal, presidents, "Joe Biden", "biden.jpg")
    pages = {
        "list": "/people",
        "nobody": "/people?q=zzz",
        "person": f"/people/{person.id}",
        "edit": f"/people/{person.id}/edit",
        "new": "/people/new",
        "pictures": f"/people/{person.id}/pictures",
        "merge": f"/people/{person.id}/merge",
        "remove": f"/people/{person.id}/remove",
        "import": "/people/import",
    }
    for size, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
        page = look("/people", locale=locale, size=size, scheme=scheme)
        for name, path in pages.items():
            page.goto(terminal.address + path)
            shape = "phone" if size is PHONE else "desktop"
            page.screenshot(path=screenshots / f"people_{name}_{locale[:2]}_{shape}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
            if (size is PHONE) is (locale == "ja-JP"):  # each page once, and both themes
                found = Axe().run(page).response["violations"]
                grave = [one["id"] for one in found if one["impact"] in {"serious", "critical"}]
                assert grave == [], (path, found)


def test_a_viewer_sees_people_and_changes_nothing(
    terminal: Terminal, browser: Browser, presidents: Path
) -> None:
    person = enrol(terminal, presidents, "Barack Obama", "obama.jpg")
    terminal.account = Account("ken", Role.VIEWER)
    with visiting(browser, terminal.address) as look:
        page = look(f"/people/{person.id}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Barack Obama")
        expect(page.get_by_role("link", name="Edit")).to_have_count(0)
        expect(page.get_by_role("button", name="Give a PIN")).to_have_count(0)
        for path in ("/people/new", f"/people/{person.id}/edit", f"/people/{person.id}/copy.zip"):
            assert page.request.get(terminal.address + path).status == 403


def test_a_picture_that_is_chosen_before_the_script_is_there_is_examined_as_well(
    terminal: Terminal, browser: Browser, presidents: Path
) -> None:
    context = browser.new_context()
    page = context.new_page()

    def late(route: Route) -> None:
        page.set_input_files("#pictures", presidents / "obama.jpg")
        route.continue_()

    page.route("**/people.js*", late)
    page.goto(f"{terminal.address}/people/new")
    expect(page.locator(".verdicts .status")).to_have_text(GOOD, timeout=SLOW)
    context.close()
