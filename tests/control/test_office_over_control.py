"""What the office changes, asked of a daemon: as at the database, and the actor is who the socket says."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.control import (
    AccessOverControl,
    AttendanceOverControl,
    ClockOverControl,
    ControlClient,
    DoorsOverControl,
    PeopleOverControl,
)
from edge.adapters.store_sqlite import SqliteStore, open_reader, open_store
from edge.domain.access_group import Group
from edge.domain.attendance_punch import PunchKind
from edge.domain.clock_trust import Witness
from edge.domain.consent import Consent
from edge.domain.door_view import DoorView
from edge.domain.events import Event, EventType, Instant, NewEvent
from edge.domain.person import NewReference, NewVisitor, Person
from edge.domain.schedule_calendar import Holiday
from edge.domain.schedule_text import parse_schedule
from edge.domain.second_factor_pin import PinHashes
from edge.errors import ConflictError, ControlError, DoorError, NotFoundError, RuleError
from edge.office.attendance import AttendanceDesk
from edge.office.clock import ClockOffice
from edge.ports import AccessChanges, AttendanceChanges, ClockDesk, People
from edge.web.control import create_control_app
from edge.web.server import ControlServer
from tests.control.test_control import raw

ACTOR = f"uid:{os.getuid()}"


@dataclass
class FakeDoors:
    """Two doors that note what they are asked."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)

    def status(self) -> tuple[DoorView, ...]:
        return DoorView(door="front"), DoorView(door="裏口", unlocked=True)

    def unlock(
        self, *, actor: str, door: str | None = None, seconds: float | None = None, reason: str = ""
    ) -> str:
        if door == "gone":
            raise NotFoundError("door gone: there is none")
        self.asked.append(("unlock", actor, door, seconds, reason))
        return "front is unlocked"

    def lock(self, *, actor: str, door: str | None = None) -> str:
        self.asked.append(("lock", actor, door))
        return "locked"

    def hold(self, *, actor: str, door: str | None = None, reason: str = "") -> str:
        raise DoorError(f"{door}: the site is locked down ({actor}, {reason})")

    def release(self, *, actor: str, door: str | None = None) -> str:
        self.asked.append(("release", actor, door))
        return "released"

    def lockdown(self, on: bool, *, actor: str) -> str:
        self.asked.append(("lockdown", actor, on))
        return "lockdown"

    def evacuation(self, on: bool, *, actor: str) -> str:
        self.asked.append(("evacuation", actor, on))
        return "evacuation"

    def forgive(self, *, actor: str, person: str | None = None) -> str:
        self.asked.append(("forgive", actor, person))
        return "forgiven"

    def enter_pin(self, digits: str, *, door: str | None = None) -> Any:
        raise NotImplementedError

    def cancel_pin(self, *, door: str | None = None) -> None:
        raise NotImplementedError


@dataclass
class Site:
    """A daemon's store behind its socket, and what `edgectl` has of it."""

    store: SqliteStore
    socket: Path
    people: People
    access: AccessChanges
    attendance: AttendanceChanges
    clock: ClockDesk
    doors: DoorsOverControl
    behind: FakeDoors

    def last(self) -> Event:
        return self.store.journal.events(since_seq=self.store.journal.last_seq() - 1)[0]

    def person(self, name: str) -> Person:
        return self.store.people.enrol(
            name=name,
            external_id=None,
            references=[NewReference("model-1", np.ones(8, np.float32), "a.jpg")],
            seen_generation=self.store.people.generation(),
            actor="t",
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    clock = ClockSystem()
    with closing(open_store(folder / "edge.db", clock=clock, boot_id="boot", ballast_bytes=0)) as store:
        behind = FakeDoors()
        app = create_control_app(
            people=store.people,
            access=store.access,
            doors=behind,
            attendance=AttendanceDesk(
                people=store.people, journal=store.journal, query=store.query, clock=clock
            ),
            clock=ClockOffice(clock, store.journal),
            health=dict,
            allowed_uids=frozenset({os.getuid()}),
        )
        server = ControlServer(folder / "control.sock", app)
        server.start()
        client = ControlClient(folder / "control.sock")
        with closing(open_reader(folder / "edge.db")) as reader:
            yield Site(
                store=store,
                socket=folder / "control.sock",
                people=PeopleOverControl(reader, client),
                access=AccessOverControl(reader.access, reader, client),
                attendance=AttendanceOverControl(client),
                clock=ClockOverControl(client),
                doors=DoorsOverControl(client),
                behind=behind,
            )
        server.stop()


def test_a_schedule_a_holiday_and_a_group_arrive_as_they_were_sent(site: Site) -> None:
    office = parse_schedule(
        "夜/?#", "daily 22:00-06:00; holiday:half-day 08:00-12:00", zone=ZoneInfo("Asia/Tokyo")
    )
    office = office.in_force(date(2026, 1, 1), None)
    holiday = Holiday("正月", date(2026, 12, 29), date(2027, 1, 3), "shutdown", yearly=True)
    group = Group(
        name="staff", schedule="夜/?#", doors=frozenset({"a", "b"}), escort=True, first_person=False
    )
    site.access.put_schedule(office, actor="somebody else")
    assert site.last().data["actor"] == ACTOR
    site.access.put_holiday(holiday, actor="")
    site.access.put_group(group, actor="")
    assert site.store.access.schedules() == site.access.schedules() == {"夜/?#": office}
    assert site.access.calendar().holidays == (holiday,)
    assert site.access.groups() == {"staff": group}
    assert site.access.generation() == site.store.access.generation()
    with pytest.raises(ConflictError, match="1 group still has it"):
        site.access.remove_schedule("夜/?#", actor="")
    site.access.remove_group("staff", actor="")
    site.access.remove_schedule("夜/?#", actor="")
    assert site.access.remove_holiday("正月", date(2026, 12, 29), actor="") == 1
    with pytest.raises(NotFoundError, match="正月"):
        site.access.remove_holiday("正月", actor="")
    assert site.last().type is EventType.HOLIDAY_REMOVED


def test_a_person_is_changed_and_a_stale_change_refused(site: Site) -> None:
    site.access.put_group(Group(name="crew"), actor="")
    person = site.person("A")
    wanted = replace(
        person,
        name="B 花",
        external_id="7",
        valid_from=1.5,
        valid_until=9e9,
        schedule="never",
        groups=("crew",),
        second_factor=True,
        consent=Consent(date(2026, 1, 31), "書類"),
    )
    changed = site.people.update(wanted, actor="")
    assert changed == replace(wanted, updated=changed.updated)
    assert site.store.people.find(person.id) == changed
    assert site.last().data["actor"] == ACTOR
    with pytest.raises(ConflictError, match="changed meanwhile"):
        site.people.update(replace(person, name="late"), actor="")
    with pytest.raises(NotFoundError, match='group "nix"'):
        site.people.update(replace(changed, groups=("nix",)), actor="")
    with pytest.raises(NotFoundError):
        site.people.update(replace(changed, id="0" * 26), actor="")


def test_pins_travel_as_hashes_and_visitors_as_digests(site: Site) -> None:
    person = site.person("P")
    site.access.set_pins(person.id, PinHashes("$h1", "$h2"), actor="")
    assert site.access.pins(person.id) == PinHashes("$h1", "$h2")
    site.access.forget_wrong_pins(person.id, actor="")
    assert site.last().data == {"fields": [], "pin": "reset", "actor": ACTOR}
    site.access.set_pins(person.id, PinHashes(), actor="")
    assert site.access.pins(person.id) == PinHashes()
    new = NewVisitor(name="V", digest="d" * 64, valid_until=4e9, max_visits=2, schedule="never")
    added = site.access.add_visitor(new, actor="")
    assert site.access.visitor("d" * 64) == added
    assert (added.visitor, added.max_visits, added.schedule) == (True, 2, "never")
    assert site.access.visitor_salt() == site.store.access.visitor_salt()
    with pytest.raises(ConflictError, match="another one has this PIN"):
        site.access.add_visitor(new, actor="")


def test_punches_are_corrected_by_the_daemon(site: Site) -> None:
    person = site.person("W")
    at = Instant(1.767e9, 5, trusted=True)
    data = {"kind": "in", "source": "key", "door": "door"}
    punch = site.store.journal.append(NewEvent(EventType.ATTENDANCE_PUNCHED, person.id, data, at))
    added = site.attendance.add(person.id, PunchKind.OUT, 1.767e9 + 3600, actor="")
    assert site.last().id == added
    assert site.last().data["actor"] == ACTOR
    site.attendance.change(punch.id, kind=PunchKind.BREAK_END, actor="")
    assert site.last().data["kind"] == "break_end"
    site.attendance.change(punch.id, wall=1.767e9 + 60, actor="")
    assert (site.last().data["kind"], site.last().data["time"]) == ("break_end", "2025-12-29T09:21:00.000Z")
    site.attendance.void(added, actor="")
    with pytest.raises(NotFoundError, match="does not count any more"):
        site.attendance.void(added, actor="")
    site.clock.vouch(actor="")
    with pytest.raises(RuleError, match="still to come"):
        site.attendance.add(person.id, PunchKind.OUT, 9e9, actor="")
    with pytest.raises(NotFoundError):
        site.attendance.add("0" * 26, PunchKind.OUT, 1.7e9, actor="")
    site.attendance.clear_inside(person.id, actor="")
    assert (site.last().type, site.last().person) == (EventType.MUSTER_CLEARED, person.id)
    site.attendance.clear_inside(None, actor="")
    assert site.last().person is None
    with pytest.raises(NotFoundError):
        site.attendance.clear_inside("0" * 26, actor="")


def test_the_daemon_takes_an_admins_word_for_its_clock(site: Site) -> None:
    assert site.clock.standing().at.wall > 1.7e9
    assert Witness.ADMIN in site.clock.vouch(actor="").witnesses
    assert (site.last().type, site.last().data["actor"]) == (EventType.CLOCK_VOUCHED, ACTOR)
    standing = site.clock.vouch(was_set=True, actor="")
    assert site.last().type is EventType.CLOCK_SET
    assert standing.at.trusted


def test_doors_are_asked_in_the_name_of_whoever_the_kernel_says(site: Site) -> None:
    site.behind.asked.clear()
    assert [door["name"] for door in site.doors.status()] == ["front", "裏口"]
    assert site.doors.unlock("front", 3.5, "delivery") == "front is unlocked"
    site.doors.unlock(None, None, "")
    site.doors.lock("front")
    site.doors.release(None)
    site.doors.lockdown(on=True)
    site.doors.evacuation(on=False)
    site.doors.forgive(None)
    site.doors.forgive("x")
    assert site.behind.asked == [
        ("unlock", ACTOR, "front", 3.5, "delivery"),
        ("unlock", ACTOR, None, None, ""),
        ("lock", ACTOR, "front"),
        ("release", ACTOR, None),
        ("lockdown", ACTOR, True),
        ("evacuation", ACTOR, False),
        ("forgive", ACTOR, None),
        ("forgive", ACTOR, "x"),
    ]
    with pytest.raises(DoorError, match="locked down"):
        site.doors.hold(None, "")
    with pytest.raises(NotFoundError, match="gone"):
        site.doors.unlock("gone", None, "")


@pytest.mark.parametrize(
    ("method", "route", "body"),
    [
        ("POST", "/v1/schedules", b'{"name": "x", "text": "sometimes"}'),
        ("POST", "/v1/schedules", b'{"name": "x", "text": "always", "zone": "../../etc/passwd"}'),
        ("POST", "/v1/schedules", b'{"name": "x", "text": "always", "first": "2026-02-30"}'),
        ("POST", "/v1/schedules", b'{"name": "x", "text": "always", "more": 1}'),
        (
            "POST",
            "/v1/holidays",
            b'{"name": "x", "first": "2026-1-1", "last": "2026-01-01", "type": "x", "yearly": false}',
        ),
        (
            "POST",
            "/v1/holidays",
            b'{"name": "x", "first": "2026-01-02", "last": "2026-01-01", "type": "x", "yearly": false}',
        ),
        ("DELETE", "/v1/holidays", b'{"name": "x", "first": "2026-13-01"}'),
        ("POST", "/v1/groups", b'{"name": "x"}'),
        ("POST", "/v1/schedules", b'{"name": "a\\u0007b", "text": "always"}'),
        ("PUT", "/v1/people/x/pins", b'{"pin": "", "duress": null}'),
        ("POST", "/v1/visitors", b'{"name": "x", "digest": "d", "valid_until": 1e999}'),
        ("POST", "/v1/attendance/corrections", b'{"action": "add"}'),
        ("POST", "/v1/attendance/corrections", b'{"action": "void"}'),
        ("POST", "/v1/attendance/corrections", b'{"action": "edit", "of": "x"}'),
        (
            "POST",
            "/v1/attendance/corrections",
            b'{"action": "add", "person": "x", "kind": "later", "wall": 1}',
        ),
        ("POST", "/v1/doors/unlock", b'{"seconds": -1}'),
        ("POST", "/v1/doors/unlock", b'{"seconds": 1e9}'),
        ("POST", "/v1/doors/lockdown", b"{}"),
        ("POST", "/v1/doors/lockdown", b'{"on": "yes"}'),
        ("POST", "/v1/clock/vouched", b'{"set": 1}'),
        ("PUT", "/v1/people/x", b'{"name": "x"}'),
        ("POST", "/v1/inside/cleared", b"[]"),
    ],
)
def test_a_malformed_request_gets_one_line_and_changes_nothing(
    site: Site, method: str, route: str, body: bytes
) -> None:
    before = site.store.journal.last_seq()
    site.behind.asked.clear()
    status, told = raw(site.socket, method, route, body)
    assert status == 400
    assert told["error"] in {"ControlError", "RuleError"}
    assert "\n" not in told["line"]
    assert site.store.journal.last_seq() == before
    assert site.behind.asked == []


def test_what_a_daemon_does_not_have_is_one_clear_line(tmp_path: Path) -> None:
    client = ControlClient(tmp_path / "nobody.sock")
    for ask in (DoorsOverControl(client).status, ClockOverControl(client).standing):
        with pytest.raises(ControlError, match="the daemon does not answer"):
            ask()
