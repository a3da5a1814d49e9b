import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from flask_wtf import CSRFProtect
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.test import create_environ

from edge.adapters.box_psutil import BoxPsutil
from edge.adapters.store_sqlite import open_store
from edge.adapters.store_sqlite.store import SqliteStore
from edge.domain.access_reason import Denial, Grant
from edge.domain.attendance_punch import PunchKind
from edge.domain.door_view import PinAnswer
from edge.domain.events import EventType, NewEvent
from edge.domain.face import Box
from edge.domain.live_picture import FaceState, Glance, LiveFace, LivePicture
from edge.domain.quality import QualityReason
from edge.live_events import LiveEvents
from edge.punch_key import PunchKey
from edge.web.account import Account
from edge.web.app import create_admin_app
from edge.web.kiosk_parts import KioskParts
from edge.web.parts import WebParts
from edge.web.roles import Role
from edge.web.server_admin import Listen, WebServer
from tests.pages.fake_doors import FakeDoors
from tests.pages.made_up import ZONE, make_site
from tests.pages.site import NOON, SiteClock, health

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
# 1×1, so that the picture is one
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300030202020202030202020303030304060404040404080606050609080a"
    "0a090809090a0c0f0c0a0b0e0b09090d110d0e0f101011100a0c12131210130f101010ffc9000b080001000101011100ffcc0006001010"
    "05ffda0008010100003f00d2cf20ffd9"
)


class FakeView:
    """Whoever stands before the camera."""

    def __init__(self) -> None:
        self.faces: tuple[LiveFace, ...] = ()
        self.number = 1

    def glance(self, *, after: int = 0, timeout: float = 0.0) -> Glance | None:
        del after, timeout
        return Glance(self.number, 0.0, 640, 480, self.faces)

    def picture(self, *, after: int = 0, timeout: float = 0.0) -> LivePicture | None:
        del after, timeout
        return LivePicture(self.number, 0.0, 640, 480, JPEG)

    def still(self, *, timeout: float = 2.0) -> LivePicture | None:
        del timeout
        return None


class PinDoors(FakeDoors):
    """A door that waits for the PIN 1234 of a person."""

    def __init__(self) -> None:
        super().__init__()
        self.tried: list[str] = []
        self.cancelled = 0

    def want(self, person: str | None) -> None:
        self._view = replace(self._view, pin_for=person)

    def enter_pin(self, digits: str, *, door: str | None = None) -> PinAnswer:
        del door
        self.tried.append(digits)
        if digits == "1234":
            self.want(None)
            return PinAnswer(granted=True, reason=Grant.FACE_AND_PIN, sentence="welcome")
        return PinAnswer(granted=False, reason=Denial.SECOND_FACTOR_WRONG, sentence="wrong", wait=2.0)

    def cancel_pin(self, *, door: str | None = None) -> None:
        del door
        self.cancelled += 1
        self.want(None)


@dataclass
class Kiosk:
    """A terminal with a screen beside its door."""

    address: str
    store: SqliteStore
    view: FakeView
    doors: PinDoors
    key: PunchKey
    person: str
    name: str

    def code(self) -> str:
        return self.store.screens.offer(actor="admin:yui", now=SiteClock().now().wall)

    def happens(self, kind: EventType, person: str | None = None, /, **data: Any) -> None:
        self.store.journal.append(NewEvent(kind, person, data))


@contextmanager
def kiosk_site(folder: Path) -> Iterator[Kiosk]:
    with kiosk_app(folder) as (app, kiosk):
        server = WebServer(Listen("127.0.0.1", 0), app, tls=None)
        server.start()
        try:
            yield replace(kiosk, address=f"http://127.0.0.1:{server.port}")
        finally:
            server.stop()


@contextmanager
def kiosk_app(folder: Path, role: Role = Role.PUBLIC) -> Iterator[tuple[Flask, Kiosk]]:
    made = make_site(folder, people=5, events=10, now=NOON)
    clock, view, doors = SiteClock(), FakeView(), PinDoors()
    with closing(open_store(made.database, clock=clock, boot_id="boot-2", ballast_bytes=0)) as store:
        key = PunchKey(clock.monotonic)
        feed = LiveEvents(store.journal, clock.monotonic)
        everybody = {person.id: person.name for person in store.people.people()}
        parts = KioskParts(
            screens=store.screens,
            live=view,
            feed=feed,
            doors=doors,
            clock=clock,
            camera=lambda: "live",
            name_of=everybody.get,
            zone="Asia/Tokyo",
            punch_keys=key,
        )
        app = create_admin_app(replace(web_parts(store, clock), kiosk=parts), lambda: Account("", role))
        if "csrf" not in app.extensions:
            app.secret_key = "kiosk"
            CSRFProtect(app)
        person, name = next(iter(everybody.items()))
        yield app, Kiosk("", store, view, doors, key, person, name)


def web_parts(store: SqliteStore, clock: SiteClock) -> WebParts:
    return WebParts(
        device="front-door",
        language="en",
        people=store.people,
        events=store.journal,
        clock=clock,
        health=health,
        zone=ZONE,
        query=store.query,
        doors=FakeDoors(),
        box=BoxPsutil(store.path.parent),
    )


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosk]:
    with kiosk_site(tmp_path_factory.mktemp("kiosk")) as site:
        yield site


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    yield context
    context.close()


@pytest.fixture
def screen(kiosk: Kiosk, context: BrowserContext) -> Iterator[Page]:
    kiosk.view.faces = ()
    kiosk.doors.want(None)
    kiosk.key.press(None)
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    pair(page, kiosk)
    expect(page.locator("#headline")).to_have_text("Face the camera", timeout=8000)
    yield page
    assert problems == []


def pair(page: Page, kiosk: Kiosk) -> None:
    page.goto(f"{kiosk.address}/kiosk")
    page.fill("#code", kiosk.code())
    page.click("button[type=submit]")
    expect(page.locator("#kiosk")).to_be_visible()


def tone(page: Page, wanted: str) -> None:
    expect(page.locator("body")).to_have_attribute("data-tone", wanted, timeout=8000)


def face(hint: QualityReason | None) -> LiveFace:
    return LiveFace(1, Box(100, 100, 120, 120), FaceState.FOLLOWED, hint)


def test_a_screen_is_paired_once_by_a_code(kiosk: Kiosk, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{kiosk.address}/kiosk")
    page.fill("#code", "00000000")
    page.click("button[type=submit]")
    expect(page.get_by_role("alert")).to_have_text("This code is wrong or too old.")
    code = kiosk.code()
    page.fill("#code", code[:4] + " " + code[4:])
    page.click("button[type=submit]")
    expect(page.locator("#clock")).to_be_visible()
    other = context.browser.new_context() if context.browser else None
    assert other is not None
    again = other.new_page()
    again.goto(f"{kiosk.address}/kiosk")
    again.fill("#code", code)
    again.click("button[type=submit]")
    expect(again.get_by_role("alert")).to_be_visible()
    assert again.goto(f"{kiosk.address}/kiosk/stream").status == 401  # type: ignore[union-attr]
    other.close()


def test_who_is_let_in_is_greeted_by_name(kiosk: Kiosk, screen: Page) -> None:
    kiosk.happens(EventType.ACCESS_GRANTED, kiosk.person, reason="face")
    tone(screen, "yes")
    expect(screen.locator("#headline")).to_have_text("Welcome")
    expect(screen.locator("#name")).to_have_text(kiosk.name)
    tone(screen, "idle")
    expect(screen.locator("#name")).to_have_text("")
    assert kiosk.name not in screen.content()


def test_a_stranger_sees_red_and_what_to_do(kiosk: Kiosk, screen: Page) -> None:
    kiosk.happens(EventType.ACCESS_DENIED, None, reason="unknown")
    tone(screen, "no")
    expect(screen.locator("#detail")).to_have_text("Look straight at the camera and try again")


def test_people_are_guided_while_they_stand_there(kiosk: Kiosk, screen: Page) -> None:
    kiosk.view.faces = (face(QualityReason.TOO_FAR),)
    expect(screen.locator("#headline")).to_have_text("Come closer")
    kiosk.view.faces = (face(QualityReason.LOOK_AT_CAMERA),)
    kiosk.view.number += 1
    tone(screen, "guide")
    expect(screen.locator("#headline")).to_have_text("Face the camera")
    expect(screen.locator("#face")).to_be_visible()


def test_a_punch_key_is_held_for_whoever_comes_next(kiosk: Kiosk, screen: Page) -> None:
    screen.click("text=Break")
    expect(screen.locator("#headline")).to_have_text("Now look at the camera")
    assert kiosk.key.held is PunchKind.BREAK_START
    kiosk.key.take()
    kiosk.happens(EventType.ATTENDANCE_PUNCHED, kiosk.person, kind="break_start")
    expect(screen.locator("#headline")).to_have_text("On break")


def test_a_wanted_pin_opens_the_pad_which_works_by_keyboard(kiosk: Kiosk, screen: Page) -> None:
    kiosk.doors.want(kiosk.person)
    expect(screen.locator("#pad")).to_be_visible()
    screen.keyboard.type("99")
    screen.keyboard.press("Backspace")
    screen.keyboard.type("8")
    screen.keyboard.press("Enter")
    expect(screen.locator("#dots")).to_have_text("Wait 2 s")
    assert kiosk.doors.tried[-1] == "98"
    expect(screen.locator("#dots")).to_have_text("", timeout=5000)
    for digit in "1234":
        screen.click(f"[data-digit='{digit}']")
    screen.click("#enter")
    expect(screen.locator("#pad")).to_be_hidden()
    assert kiosk.doors.tried[-1] == "1234"


def test_escape_gives_up_a_pin(kiosk: Kiosk, screen: Page) -> None:
    before = kiosk.doors.cancelled
    screen.keyboard.type("12")
    expect(screen.locator("#pad")).to_be_visible()
    screen.keyboard.press("Escape")
    expect(screen.locator("#pad")).to_be_hidden()
    deadline = time.monotonic() + 5
    while kiosk.doors.cancelled == before and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    assert kiosk.doors.cancelled == before + 1
    assert "12" not in kiosk.doors.tried


def test_a_revoked_screen_asks_for_a_code(kiosk: Kiosk, context: BrowserContext) -> None:
    page = context.new_page()
    pair(page, kiosk)
    for known in kiosk.store.screens.screens():
        kiosk.store.screens.revoke(known.id, actor="admin:yui")
    page.reload()
    expect(page.locator("#code")).to_be_visible()


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
@pytest.mark.parametrize("locale", ["en-GB", "ja-JP"])
def test_the_screen_looks_right_and_is_accessible(
    kiosk: Kiosk, browser: Browser, size: tuple[int, int], locale: str
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=locale)
    page = context.new_page()
    kiosk.view.faces = ()
    kiosk.doors.want(None)
    page.goto(f"{kiosk.address}/kiosk")
    shoot(page, f"kiosk-pair-{locale[:2]}-{size[0]}")
    pair(page, kiosk)
    tone(page, "idle")
    shoot(page, f"kiosk-idle-{locale[:2]}-{size[0]}")
    kiosk.happens(EventType.ACCESS_GRANTED, kiosk.person, reason="face")
    tone(page, "yes")
    shoot(page, f"kiosk-yes-{locale[:2]}-{size[0]}")
    kiosk.happens(EventType.ACCESS_DENIED, kiosk.person, reason="passback")
    tone(page, "no")
    shoot(page, f"kiosk-no-{locale[:2]}-{size[0]}")
    kiosk.doors.want(kiosk.person)
    expect(page.locator("#pad")).to_be_visible(timeout=8000)
    page.keyboard.type("123")
    shoot(page, f"kiosk-pin-{locale[:2]}-{size[0]}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


def shoot(page: Page, name: str) -> None:
    """Leave a picture, and look for what keeps people with disabilities out."""
    page.wait_for_timeout(350)  # colours have changed by then
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
    if page.viewport_size == {"width": 390, "height": 844}:
        return  # the same elements as on a desktop, below each other
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []


def test_a_terminal_that_goes_is_said_and_comes_back_by_itself(
    tmp_path: Path, context: BrowserContext
) -> None:
    with kiosk_app(tmp_path) as (app, kiosk):
        first = WebServer(Listen("127.0.0.1", 0), app, tls=None)
        first.start()
        try:
            page = context.new_page()
            pair(page, replace(kiosk, address=f"http://127.0.0.1:{first.port}"))
            tone(page, "idle")
        finally:
            first.stop()
        tone(page, "off")
        expect(page.locator("#headline")).to_have_text("No connection to the terminal")
        second = WebServer(Listen("127.0.0.1", first.port), app, tls=None)
        second.start()
        try:
            expect(page.locator("body")).to_have_attribute("data-tone", "idle", timeout=20_000)
            kiosk.happens(EventType.ACCESS_GRANTED, kiosk.person, reason="face")
            tone(page, "yes")
            expect(page.locator("#detail")).to_have_text(re.compile(r"\d\d:\d\d"))
        finally:
            second.stop()


def test_a_screen_that_is_gone_before_the_first_word_leaves_its_place(tmp_path: Path) -> None:
    with kiosk_app(tmp_path, Role.KIOSK) as (app, _):
        statuses: list[str] = []
        for _ in range(6):  # more than there are places
            environ = create_environ("/kiosk/stream", "http://localhost")
            answer = app(environ, lambda status, _headers, _=None: statuses.append(status))  # type: ignore[arg-type]
            answer.close()  # type: ignore[attr-defined] # not a word of it was read
        assert statuses == ["200 OK"] * 6


def test_an_admin_pairs_and_revokes_screens_on_the_pages(tmp_path: Path) -> None:
    with kiosk_app(tmp_path, Role.ADMIN) as (app, kiosk):
        app.config["WTF_CSRF_ENABLED"] = False
        client = app.test_client()
        shown = client.post("/settings/screens").text
        found = re.search(r"<code class=\"secret\">(\d{4}) (\d{4})</code>", shown)
        assert found is not None
        assert kiosk.store.screens.pair(
            "".join(found.groups()), address="192.0.2.9", now=SiteClock().now().wall
        )
        (screen,) = kiosk.store.screens.screens()
        assert "192.0.2.9" in client.get("/settings/screens").text
        assert client.post(f"/settings/screens/{screen.id}/revoke").status_code == 303
        assert kiosk.store.screens.screens() == []


@pytest.mark.parametrize(("path", "body"), [("pin", {"digits": "1234"}), ("punch", {"kind": "in"})])
def test_a_desk_enters_no_pins_and_presses_no_keys(tmp_path: Path, path: str, body: dict[str, str]) -> None:
    with kiosk_app(tmp_path, Role.ADMIN) as (app, kiosk):
        app.config["WTF_CSRF_ENABLED"] = False
        answer = app.test_client().post(f"/kiosk/{path}", json=body)
        assert answer.status_code == 403
        assert (kiosk.doors.tried, kiosk.key.held) == ([], None)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("pin", "{"),
        ("pin", '{"digits": "12a"}'),
        ("pin", '{"digits": "1234567890123"}'),
        ("punch", '{"kind": "x"}'),
    ],
)
def test_what_no_screen_sends_is_refused(tmp_path: Path, path: str, body: str) -> None:
    with kiosk_app(tmp_path) as (app, kiosk):
        app.config["WTF_CSRF_ENABLED"] = False
        client = app.test_client()
        token = kiosk.store.screens.pair(kiosk.code(), address="", now=SiteClock().now().wall)
        assert client.post(f"/kiosk/{path}", data=body).status_code == 401
        assert token is not None
        client.set_cookie("screen", token, path="/kiosk")
        assert client.post(f"/kiosk/{path}", data=body).status_code == 400
        assert kiosk.doors.tried == []
