"""The admin page over a made-up site: real application, real database, hand-written door and health."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, render_template
from jinja2 import ChoiceLoader, FileSystemLoader

from edge.adapters.box_psutil import BoxPsutil
from edge.adapters.rows_xlsx import write_rows
from edge.adapters.store_sqlite import open_store
from edge.adapters.store_sqlite.store import SqliteStore
from edge.adapters.table_xlsx import workbook
from edge.bootstrap.backup import backup_desk
from edge.config import Settings, load_settings
from edge.domain.access_group import Group
from edge.domain.attendance_rules import AttendanceRules
from edge.domain.clock_trust import ClockStanding, Vouch, Witness
from edge.domain.events import Instant
from edge.domain.false_match import FalseMatchRow, FalseMatchTable
from edge.domain.model_in_force import ModelInForce
from edge.domain.schedule_calendar import Holiday
from edge.domain.score import Metric, ScoreScale
from edge.errors import DeviceError
from edge.live_events import LiveEvents
from edge.models.profile_file import shipped_table
from edge.office.attendance import AttendanceDesk
from edge.office.clock import ClockOffice
from edge.office.punch_log import PunchLog
from edge.office.schedules import ScheduleDesk
from edge.web.account import Account
from edge.web.accuracy_desk import AccuracyDesk
from edge.web.app import create_admin_app
from edge.web.office_parts import OfficeParts
from edge.web.parts import WebParts
from edge.web.roles import Role, allows
from edge.web.server_admin import Listen, WebServer
from edge.web.settings_desk import SettingsDesk
from edge.web.upload_slot import UploadSlot
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


CONFIGURATION = """[device]
name = "front-door"
timezone = "Asia/Tokyo"

[storage]
data_dir = "."

[camera]
source = "/dev/video0"

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
    folder: Path, *, people: int = 50, events: int = 2000, account: Callable[[], Account] = admin
) -> Iterator[tuple[Flask, SqliteStore, Made]]:
    """Give the application over a fresh site in `folder`, as an admin sees it."""
    made = make_site(folder, people=people, events=events, now=NOON)
    clock = SiteClock()
    store = open_store(made.database, clock=clock, boot_id="boot-2", ballast_bytes=0)
    try:
        write_rules(store)
        yield build_app(store, clock, account), store, made
    finally:
        store.close()


def build_app(store: SqliteStore, clock: SiteClock, account: Callable[[], Account]) -> Flask:
    """Return the application, with a page of all components beside."""
    parts = WebParts(
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
        office=office_parts(store, clock),
        feed=LiveEvents(store.journal, clock.monotonic),
    )
    app = create_admin_app(parts, account)
    add_components(app)
    return app


def office_parts(store: SqliteStore, clock: SiteClock) -> OfficeParts:
    """Return what the pages of the office work with."""
    return OfficeParts(
        journal=store.journal,
        write_rows=write_rows,
        workbook=workbook,
        punches=PunchLog(store.journal, store.query),
        rules=lambda: AttendanceRules(zone=ZONE),
        attendance=AttendanceDesk(people=store.people, journal=store.journal, query=store.query, clock=clock),
        model=model_in_force,
        accuracy=AccuracyDesk(store.people, clock.monotonic),
        settings=SettingsDesk(settings_of(store.path.parent), store.journal),
        clock=ClockOffice(clock, store.journal),
        access=store.access,
        schedules=ScheduleDesk(store.access),
        set_clock=no_set_clock,
        backups=backup_desk(settings_of(store.path.parent), store.journal, store.query, clock),
        upload=UploadSlot(store.path.parent),
        restart=lambda: "the terminal begins anew",
    )


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
