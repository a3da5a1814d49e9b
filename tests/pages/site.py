"""The admin page over a made-up site: real application, real database, hand-written door and health."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader

from edge.adapters.hasher_argon2 import HasherArgon2
from edge.adapters.store_sqlite import open_store
from edge.adapters.store_sqlite.store import SqliteStore
from edge.bootstrap.live import LiveParts, build_live
from edge.bootstrap.web_parts import web_parts
from edge.bootstrap.web_security import account_desk, security_parts
from edge.config import Settings, load_settings
from edge.domain.access_group import Group
from edge.domain.clock_trust import ClockStanding, Vouch, Witness
from edge.domain.events import Instant
from edge.domain.false_match import FalseMatchRow, FalseMatchTable
from edge.domain.model_in_force import ModelInForce
from edge.domain.schedule_calendar import Holiday
from edge.domain.score import Metric, ScoreScale
from edge.errors import DeviceError
from edge.models.profile_file import shipped_table
from edge.office.schedules import ScheduleDesk
from edge.web.account import Account
from edge.web.app import create_admin_app
from edge.web.parts import WebParts
from edge.web.roles import Role, allows
from edge.web.security_parts import SecurityParts
from edge.web.server_admin import Listen, WebServer
from tests.pages.fake_doors import FakeDoors
from tests.pages.made_up import MODEL, ZONE, Made, make_site

HERE = Path(__file__).parent


NOON = datetime(2026, 11, 27, 15, 42, tzinfo=ZONE).timestamp()  # a Friday at work


class SiteClock:
    """A clock that goes, and began at NOON: pictures of pages are the same whenever they are taken."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._vouch: Vouch | None = None

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> Instant:
        wall = NOON + time.monotonic() - self._begin
        return Instant(wall, time.monotonic_ns(), trusted=self._vouch is not None)

    def standing(self) -> ClockStanding:
        return ClockStanding(self.now(), (Witness.ADMIN,) if self._vouch else ())

    def accept(self, vouch: Vouch | None) -> None:
        self._vouch = vouch


ADMIN, PASSWORD = "mori", "heron under blue umbrella"
CONFIGURATION = """[device]
name = "front-door"
timezone = "Asia/Tokyo"

[storage]
data_dir = "."

[camera]
source = "rtsp://viewer:hunter2@192.0.2.20/stream"

[door]
relay = "recording"
"""


def admin() -> Account:
    """Return an admin."""
    return Account("yui", Role.ADMIN)


def health() -> dict[str, Any]:
    """Return a health as the control socket tells it."""
    return {
        "state": "degraded",
        "reasons": ["the broker has not acknowledged an event for 75 s"],
        "vision": "running",
        "camera": "live",
        "camera_detail": "",
        "model": {"model_version": "dlib-resnet29@int8", "provider": "CPUExecutionProvider"},
        "progress": {"people": 50, "references": 100},
        "thermal": {"temperature": 54.3, "level": "full", "rate": 1.0},
        "mqtt": {"contact": "waiting", "waiting": 14},
    }


@contextmanager
def open_site(
    folder: Path, *, people: int = 50, events: int = 2000, account: Callable[[], Account] | None = admin
) -> Iterator[tuple[Flask, SqliteStore, Made]]:
    """Give the application over a fresh site in `folder`; `account` says who asks, None for who logs in."""
    made = make_site(folder, people=people, events=events, now=NOON, first=write_rules)
    clock, settings = SiteClock(), settings_of(folder)
    with ExitStack() as ends:
        store = open_store(made.database, clock=clock, boot_id="boot-2", ballast_bytes=0)
        ends.callback(store.close)
        live = build_live(settings, store, clock)
        ends.callback(live.close)
        parts = build_parts(settings, store, clock, live)
        if account is None:
            parts = replace(parts, security=accounts_of(settings, store, clock))
        app = create_admin_app(parts, account)
        add_components(app)
        yield app, store, made


def build_parts(settings: Settings, store: SqliteStore, clock: SiteClock, live: LiveParts) -> WebParts:
    """Return what the pages work with, but for the door, the model and what would touch the machine.

    There are no accounts: `accounts_of` makes them.
    """
    parts = web_parts(
        settings,
        store,
        clock,
        health,
        live,
        camera=lambda: "live",
        doors=FakeDoors(),
        restart=lambda: "the terminal begins anew",
    )
    assert parts.office is not None
    office = replace(parts.office, model=model_in_force, set_clock=no_set_clock)
    return replace(parts, office=office)


def accounts_of(settings: Settings, store: SqliteStore, clock: SiteClock) -> SecurityParts:
    """Return the accounts of a site, with passwords that are quick to try: one is ADMIN's."""
    hasher = HasherArgon2(memory_kib=8, passes=1)
    accounts = account_desk(settings, store, clock, hasher)
    code = accounts.setup_code(actor="uid:0")
    accounts.join(code, ADMIN, PASSWORD, "127.0.0.1")
    return security_parts(settings, store, clock, accounts, hasher)


def write_rules(store: SqliteStore) -> None:
    """Write down some schedules, holidays and groups."""
    desk = ScheduleDesk(store.access)
    desk.set_schedule("office hours", "mon-fri 08:00-18:30; sat 09:00-12:00", actor="admin:mori")
    desk.set_schedule("cleaning", "mon,wed,fri 19:00-21:30; holiday 09:00-11:00", actor="admin:mori")
    desk.add_holiday(Holiday("元日", date(2027, 1, 1), date(2027, 1, 3), yearly=True), actor="admin:mori")
    desk.add_holiday(Holiday("創立記念日", date(2026, 12, 4), date(2026, 12, 4)), actor="admin:mori")
    desk.set_group(Group(name="総務", schedule="office hours", lockdown_pass=True), actor="admin:mori")
    desk.set_group(Group(name="清掃", schedule="cleaning", second_factor=True), actor="admin:mori")


def no_set_clock(wall: float) -> None:
    """Refuse, as in a service that may not."""
    del wall
    raise DeviceError("clock: it cannot be set (Operation not permitted); do it as root")


def model_in_force() -> ModelInForce:
    """Return dlib's net at its advised threshold, as its profile shipped with the program says."""
    table = shipped_table("dlib-resnet29")
    numbers = table["embedding"]
    rates = [FalseMatchRow(**row) for row in table["false_match"]]
    metric = Metric(numbers["metric"])
    return ModelInForce(
        name="dlib-resnet29",
        version=MODEL,
        scale=ScoreScale(metric, *numbers["curve"], *numbers["range"]),
        threshold=numbers["door"],
        advised=numbers["door"],
        margin=numbers["margin"],
        false_matches=FalseMatchTable(metric, rates),
        max_fpir=0.01,
    )


def settings_of(folder: Path) -> Settings:
    """Return a configuration that lies in a folder."""
    file = folder / "edge.toml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    return load_settings(file, environ={})


def add_components(app: Flask) -> None:
    """Serve every part of the stylesheet on one page."""
    assert app.jinja_loader is not None
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(HERE / "templates")])
    pages = Blueprint("components", __name__)

    @pages.get("/components")
    @allows(Role.PUBLIC)
    def show() -> str:
        icons = app.jinja_env.get_template("icons.html").module
        return render_template("components.html", icon_names=list(icons.SHAPES))  # type: ignore[attr-defined]

    app.register_blueprint(pages)


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve on loopback, by the server of the pages, while the block runs; gives the address."""
    server = WebServer(Listen("127.0.0.1", port), app, tls=None)
    server.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()
