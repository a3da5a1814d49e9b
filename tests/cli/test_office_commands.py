"""Schedules, holidays, groups, people, PINs, visitors, punches and the clock, from the shell."""

import csv
import io
import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from edge.adapters.clock_system import ClockSystem, boot_id
from edge.bootstrap.storage import open_reader, open_store
from edge.config import load_settings
from edge.domain.access_reason import Grant
from edge.domain.events import EventType, Instant, NewEvent
from edge.domain.person import NewReference, Person
from edge.door_memory import AccessMemory
from tests.cli.conftest import Run

DAY = 1_767_225_600.0  # 2026-01-01T00:00Z, a Thursday


@pytest.fixture(autouse=True)
def _in_berlin(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = data_dir / "test.toml"
    file.write_text('[device]\ntimezone = "Europe/Berlin"\n[storage]\nballast_mib = 0\n')
    monkeypatch.setenv("EDGE_CONFIG", str(file))


@pytest.fixture
def edgectl(run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("EDGE_CONFIG", str(data_dir / "test.toml"))
    return run


@pytest.fixture
def hanako(edgectl: Run) -> Person:
    assert edgectl("init").status == 0
    with closing(open_store(load_settings())) as store:
        vector = np.ones(128, np.float32)
        return store.people.enrol(
            name="山田 花子",
            external_id="44",
            references=[NewReference("model-1", vector, "a.jpg")],
            seen_generation=store.people.generation(),
            actor="test",
        )


def events() -> list[Any]:
    with closing(open_reader(load_settings())) as reader:
        return reader.journal.events()


def ok(answer: Any) -> Any:
    assert answer.status == 0, answer.err
    return json.loads(answer.out) if answer.out.startswith(("{", "[")) else answer.out


def refused(answer: Any, words: str) -> None:
    assert answer.status == 1
    assert words in answer.err
    assert len(answer.err.splitlines()) == 1
    assert answer.out == ""


@pytest.mark.usefixtures("hanako")
def test_a_schedule_is_set_shown_used_and_only_then_removed(edgectl: Run) -> None:
    text = "mon-fri 08:00-12:00 13:00-17:30; holiday:half-day 08:00-12:00"
    row = ok(
        edgectl("schedule", "set", "office", text, "--zone", "Asia/Tokyo", "--first", "2026-01-01", "--json")
    )
    assert row["zone"] == "Asia/Tokyo"
    assert ok(edgectl("schedule", "list", "--json")) == [row]
    assert ok(edgectl("schedule", "show", "office", "--json"))["now"].startswith(("allows", "does not allow"))
    ok(edgectl("people", "change", "44", "--schedule", "office"))
    refused(edgectl("schedule", "remove", "office"), 'schedule "office": 1 person still has it')
    ok(edgectl("people", "change", "44", "--schedule", ""))
    assert edgectl("schedule", "remove", "office").status == 0
    assert ok(edgectl("schedule", "list", "--json")) == []
    assert [event.type for event in events()][-3:] == [
        EventType.PERSON_CHANGED,
        EventType.PERSON_CHANGED,
        EventType.SCHEDULE_REMOVED,
    ]


NO_SCHEDULES = [
    (("set", "always", "daily 00:00-24:00"), 'schedule "always": it exists by itself'),
    (("set", " ", "always"), "schedule: the name is empty"),
    (("set", "x" * 65, "always"), "schedule: the name has 65 characters"),
    (("set", "a\x07b", "always"), "control"),
    (("set", "x", "mon 08:00"), 'schedule "x": "08:00" is no interval'),
    (("set", "x", "  "), 'schedule "x": it has no times'),
    (("set", "x", "always", "--zone", "Moon/Tycho"), 'time zone "Moon/Tycho"'),
    (("set", "x", "always", "--first", "2026-02-30"), '"2026-02-30" is no day'),
    (("set", "x", "always", "--first", "2026-02-02", "--last", "2026-02-01"), "before it begins"),
    (("remove", "nix"), 'schedule "nix": there is none by this name'),
    (("remove", "never"), "exists by itself"),
    (("show", "nix"), 'schedule "nix"'),
]


@pytest.mark.usefixtures("hanako")
def test_a_schedule_that_makes_no_sense_is_refused_in_one_line(edgectl: Run) -> None:
    before = len(events())
    for arguments, words in NO_SCHEDULES:
        refused(edgectl("schedule", *arguments), words)
    assert len(events()) == before


def test_a_schedule_that_the_configuration_needs_cannot_go(
    edgectl: Run, data_dir: Path, hanako: Person
) -> None:
    assert hanako.name
    ok(edgectl("schedule", "set", "early", "daily 06:00-08:00"))
    (data_dir / "test.toml").write_text('[attendance]\ntimes = "early=in"\n')
    refused(edgectl("schedule", "remove", "early"), "the configuration needs it (attendance.times)")


@pytest.mark.usefixtures("hanako")
def test_holidays_are_added_listed_and_removed(edgectl: Run) -> None:
    ok(edgectl("holiday", "add", "Silvester", "2026-12-31", "2027-01-02", "--type", "half-day", "--yearly"))
    ok(edgectl("holiday", "add", "Ostern", "2026-04-05", "2026-04-06"))
    ok(edgectl("holiday", "add", "Ostern", "2027-03-28", "2027-03-29"))
    assert [row["first"] for row in ok(edgectl("holiday", "list", "--json"))] == [
        "2026-04-05",
        "2026-12-31",
        "2027-03-28",
    ]
    refused(
        edgectl("holiday", "add", "Ostern", "2026-04-06"), "it overlaps the one from 2026-04-05 to 2026-04-06"
    )
    refused(
        edgectl("holiday", "add", "x", "2026-02-02", "2026-02-01"), "it ends on 2026-02-01, before it begins"
    )
    refused(edgectl("holiday", "add", "x", "2026-02-02", "--type", "Half Day"), "must be a lower-case word")
    refused(
        edgectl("holiday", "remove", "Ostern", "--first", "2026-04-06"),
        "there is none by this name on 2026-04-06",
    )
    assert edgectl("holiday", "remove", "Ostern").err == "2 holidays are removed\n"
    assert edgectl("holiday", "remove", "Silvester").status == 0
    refused(edgectl("holiday", "remove", "Silvester"), "there is none")


def test_a_group_is_set_changed_joined_left_and_removed(edgectl: Run, hanako: Person) -> None:
    ok(edgectl("schedule", "set", "office", "weekdays 08:00-17:00"))
    ok(
        edgectl(
            "group",
            "set",
            "staff",
            "--schedule",
            "office",
            "--door",
            "front",
            "--second-factor",
            "--no-first-person",
        )
    )
    row = ok(edgectl("group", "set", "staff", "--escort", "--all-doors", "--json"))
    assert (row["schedule"], row["doors"], row["second_factor"], row["escort"], row["first_person"]) == (
        "office",
        None,
        True,
        True,
        False,
    )
    ok(edgectl("people", "change", hanako.id, "--add-group", "staff"))
    shown = ok(edgectl("group", "show", "staff", "--json"))
    assert shown["people"] == [{"id": hanako.id, "name": "山田 花子"}]
    assert "山田 花子" in edgectl("group", "show", "staff").out
    assert ok(edgectl("group", "list", "--json"))[0]["members"] == 1
    refused(edgectl("group", "remove", "staff"), 'group "staff": 1 person is still in it')
    refused(edgectl("people", "change", "44", "--add-group", "nix"), 'group "nix"')
    refused(edgectl("group", "set", "x", "--schedule", "nix"), 'schedule "nix"')
    refused(edgectl("group", "show", "nix"), 'group "nix"')
    assert edgectl("group", "set", "x", "--door", "a", "--all-doors").status == 2
    ok(edgectl("people", "change", "44", "--remove-group", "staff"))
    assert edgectl("group", "remove", "staff").status == 0


def test_what_is_named_of_a_person_changes_and_the_rest_stays(edgectl: Run, hanako: Person) -> None:
    ok(
        edgectl(
            *("people", "change", "44", "--from", "2026-01-01", "--until", "2026-01-31", "--second-factor"),
            *("--consent", "2025-12-01", "--consent-note", "Formular 12"),
        )
    )
    row = ok(edgectl("people", "show", "44", "--json"))
    assert (row["valid_from"], row["valid_until"]) == (DAY - 3600, DAY + 31 * 86400 - 3600)
    assert row["consent"] == {"on": "2025-12-01", "note": "Formular 12"}
    assert row["second_factor"] is True
    assert (row["name"], row["external_id"]) == (hanako.name, "44")
    shown = edgectl("people", "show", "44").out
    assert "2026-02-01 00:00:00" in shown
    assert "2025-12-01 Formular 12" in shown
    ok(edgectl("people", "change", "44", "--name", "山田 花", "--id", "", "--until", "", "--consent", ""))
    row = ok(edgectl("people", "show", hanako.id, "--json"))
    assert (row["name"], row["external_id"], row["valid_until"], row["consent"]) == (
        "山田 花",
        None,
        None,
        None,
    )
    assert row["valid_from"] == DAY - 3600
    assert "nothing of" in edgectl("people", "change", hanako.id, "--second-factor").out


NO_CHANGES = [
    (("--until", "tomorrow"), '"tomorrow" is no time'),
    (("--from", "2026-02-02", "--until", "2026-02-01"), "the validity ends before it begins"),
    (("--schedule", "nix"), 'schedule "nix"'),
    (("--name", " "), "name: it is empty"),
    (("--consent-note", "x"), "a note alone is none"),
    (("--consent", "2026-01-01", "--consent-note", "x" * 201), "consent: the note has 201 characters"),
]


def test_a_change_that_makes_no_sense_is_refused_in_one_line(edgectl: Run, hanako: Person) -> None:
    for arguments, words in NO_CHANGES:
        refused(edgectl("people", "change", "44", *arguments), words)
    assert ok(edgectl("people", "show", "44", "--json"))["updated"] == hanako.updated


def typed(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_pin_comes_from_a_pipe_or_is_drawn_and_never_stands_in_the_journal(
    edgectl: Run, hanako: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edge.bootstrap.desks import secret_hasher
    from edge.domain.second_factor import PinCheck
    from edge.office.pins import PinDesk

    def check(digits: str) -> PinCheck:
        with closing(open_reader(load_settings())) as reader:
            return PinDesk(reader.access, secret_hasher()).check(hanako.id, digits)

    typed(monkeypatch, "582914", "730561")
    assert "has a new PIN" in edgectl("pin", "set", "44", "--duress").out
    assert (check("582914"), check("730561")) == (PinCheck.MATCHED, PinCheck.DURESS)
    drawn = ok(edgectl("pin", "set", "44", "--draw", "--json"))
    assert check(drawn["pin"]) is PinCheck.MATCHED
    assert drawn["duress"] is None
    typed(monkeypatch, "123456")
    refused(edgectl("pin", "set", "44"), "PIN: it is easily guessed")
    typed(monkeypatch, "")
    refused(edgectl("pin", "set", "44"), "PIN: it must be digits only")
    assert edgectl("pin", "reset", "44").status == 0
    assert edgectl("pin", "remove", "44").status == 0
    refused(edgectl("pin", "remove", "44"), "there is no PIN to remove")
    refused(edgectl("pin", "reset", "nobody"), "nobody")
    journal = json.dumps([dict(event.data) for event in events()])
    assert not any(pin in journal for pin in ("582914", "730561", drawn["pin"], "argon2"))
    assert [event.data.get("pin") for event in events()][-4:] == ["set", "set", "reset", "removed"]


@pytest.mark.usefixtures("hanako")
def test_a_pin_at_a_terminal_is_asked_for_unseen_and_twice(
    edgectl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    def prompt(text: str, **how: Any) -> str:
        asked.append((text, how))
        return "582914"

    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": staticmethod(lambda: True)}))
    monkeypatch.setattr("click.prompt", prompt)
    assert edgectl("pin", "set", "44").status == 0
    assert asked == [("PIN", {"hide_input": True, "confirmation_prompt": True, "err": True})]


@pytest.mark.usefixtures("hanako")
def test_a_visitor_gets_a_pin_is_counted_and_forgotten(edgectl: Run) -> None:
    row = ok(edgectl("visitor", "add", "Besuch", "--until", "+8h", "--max-visits", "2", "--json"))
    assert len(row["pin"]) == 6
    with closing(open_store(load_settings())) as store:
        granted = {"reason": str(Grant.VISITOR_PIN)}
        store.journal.append(NewEvent(EventType.ACCESS_GRANTED, row["id"], granted))
    listed = ok(edgectl("visitor", "list", "--json"))
    assert [(one["name"], one["visits"], one["max_visits"]) for one in listed] == [("Besuch", 1, 2)]
    assert "visitor" in edgectl("people", "list").out
    refused(edgectl("pin", "set", "Besuch", "--draw"), "a PIN of another kind")
    refused(edgectl("visitor", "remove", "44"), "they are enrolled and no visitor")
    assert edgectl("visitor", "remove").status == 2
    assert edgectl("visitor", "remove", "--expired").err == "0 visitors are forgotten\n"
    assert edgectl("visitor", "remove", "Besuch").status == 0
    assert ok(edgectl("visitor", "list", "--json")) == []
    refused(edgectl("visitor", "add", "x", "--until", "2020-01-01"), "the end lies in the past")
    refused(
        edgectl("visitor", "add", "x", "--until", "+1h", "--from", "+2h"),
        "the end comes before the beginning",
    )
    refused(edgectl("visitor", "add", "x", "--until", "+1h", "--group", "nix"), 'group "nix"')


@pytest.fixture
def punched(hanako: Person) -> Person:
    """Return Hanako after two days of work in January 2026, the second without an out."""
    with closing(open_store(load_settings())) as store:
        moments = ((8, "in"), (12, "break_start"), (12.5, "break_end"), (17, "out"), (24 + 8, "in"))
        for hour, kind in moments:
            at = Instant(DAY + hour * 3600, int(hour * 3600e9), trusted=True)
            data = {"kind": kind, "source": "key", "door": "door"}
            store.journal.append(NewEvent(EventType.ATTENDANCE_PUNCHED, hanako.id, data, at))
    return hanako


JANUARY = ("--from", "2026-01-01", "--to", "2026-01-31")


def test_a_report_has_days_sums_and_what_to_look_at_in_every_form(
    edgectl: Run, punched: Person, tmp_path: Path
) -> None:
    sheet = ok(edgectl("attendance", "report", *JANUARY, "--json"))
    assert [(day["day"], day["worked"], day["breaks"], day["marks"]) for day in sheet["days"]] == [
        ("2026-01-01", 8.5 * 3600, 1800, []),
        ("2026-01-02", 0, 0, ["missing_out"]),
    ]
    assert sheet["totals"] == [
        {
            "person": punched.id,
            "name": "山田 花子",
            "external_id": "44",
            "days": 2,
            "worked": 8.5 * 3600,
            "breaks": 1800,
            "days_to_look_at": 1,
        }
    ]
    shown = edgectl("attendance", "report", *JANUARY).out
    assert "2026-01-01 09:00:00" in shown
    assert "8:30" in shown
    raw = edgectl("attendance", "report", *JANUARY, "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(raw.removeprefix("\ufeff"), newline="")))
    assert [row["worked"] for row in rows] == ["8:30", "0:00"]
    book = tmp_path / "january.xlsx"
    assert edgectl("attendance", "report", *JANUARY, "--format", "xlsx", "--output", str(book)).status == 0
    assert openpyxl.load_workbook(book).sheetnames == ["Days", "Totals"]
    assert edgectl("attendance", "report", *JANUARY, "--format", "xlsx").status == 2
    assert edgectl("attendance", "report", *JANUARY, "--output", str(book)).status == 2
    nowhere = str(tmp_path / "no" / "x.csv")
    refused(
        edgectl("attendance", "report", *JANUARY, "--format", "csv", "--output", nowhere),
        "it cannot be written",
    )
    refused(
        edgectl("attendance", "report", "--from", "2026-02-01", "--to", "2026-01-01"),
        "comes before the first",
    )
    refused(edgectl("attendance", "report", "--person", "nobody"), "nobody")
    assert (
        "nobody punched" in edgectl("attendance", "report", "--from", "2025-01-01", "--to", "2025-01-31").out
    )


def test_punches_are_corrected_by_their_ids_and_the_journal_keeps_the_old_ones(
    edgectl: Run, punched: Person
) -> None:
    ids = [row["id"] for row in ok(edgectl("attendance", "punches", *JANUARY, "--json"))]
    assert len(ids) == 5
    added = ok(edgectl("attendance", "add", "44", "out", "2026-01-02 18:00", "--json"))["id"]
    assert edgectl("attendance", "correct", ids[3], "--time", "2026-01-01 17:00").status == 0
    days = ok(edgectl("attendance", "report", *JANUARY, "--json"))["days"]
    assert [(day["worked"], day["marks"]) for day in days] == [
        (7.5 * 3600, ["corrected"]),
        (9 * 3600, ["corrected"]),
    ]
    assert edgectl("attendance", "void", added).status == 0
    refused(edgectl("attendance", "void", added), "does not count any more")
    refused(edgectl("attendance", "correct", "nonsense"), "give it another kind or another time")
    refused(edgectl("attendance", "correct", "nonsense", "--kind", "in"), 'punch "nonsense"')
    refused(edgectl("attendance", "correct", f"{ids[0]}9999", "--kind", "in"), "there is none by this id")
    refused(edgectl("attendance", "add", "nobody", "in", "2026-01-02 18:00"), "nobody")
    refused(edgectl("attendance", "add", "44", "in", "later"), '"later" is no time')
    corrections = [event for event in events() if event.type is EventType.ATTENDANCE_CORRECTED]
    assert [event.data["action"] for event in corrections] == ["add", "change", "void"]
    assert all(event.data["actor"].startswith("uid:") for event in corrections)
    assert sum(event.type is EventType.ATTENDANCE_PUNCHED for event in events()) == 5
    assert punched.id == corrections[0].person


def test_who_is_inside_is_listed_and_taken_off(edgectl: Run, hanako: Person) -> None:
    with closing(open_store(load_settings())) as store:
        other = store.access.add_visitor(_visitor(), actor="t")
        for person_id in (hanako.id, other.id):
            store.journal.append(NewEvent(EventType.ACCESS_GRANTED, person_id, {"area": "inside"}))
    assert [row["name"] for row in ok(edgectl("inside", "--json"))] == ["山田 花子", "Besuch"]
    assert "2 inside" in edgectl("inside").out
    assert [row["name"] for row in ok(edgectl("inside", "--gone", "44", "--json"))] == ["Besuch"]
    assert ok(edgectl("inside", "--all-gone", "--json")) == []
    refused(edgectl("inside", "--gone", "nobody"), "nobody")


def _visitor() -> Any:
    from edge.domain.person import NewVisitor

    return NewVisitor(name="Besuch", digest="d", valid_until=4e9)


def test_the_clock_says_who_vouches_and_an_admin_may(
    edgectl: Run, hanako: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hanako.id
    monkeypatch.setattr("edge.adapters.clock_system._adjtimex", lambda: 5)
    monkeypatch.setattr("edge.adapters.clock_system.hardware_time", lambda: None)
    before = ok(edgectl("clock", "status", "--json"))
    assert (before["trusted"], before["vouched_by"], before["zone"]) == (False, [], "Europe/Berlin")
    assert "nobody" in edgectl("clock", "status").out
    assert ok(edgectl("clock", "vouch", "--json"))["vouched_by"] == ["admin"]
    assert ok(edgectl("clock", "status", "--json"))["trusted"] is True
    assert events()[-1].type is EventType.CLOCK_VOUCHED
    set_to: list[float] = []
    monkeypatch.setattr("edge.adapters.clock_setting.set_clock", set_to.append)
    monkeypatch.setattr("edge.adapters.clock_setting.set_hardware_clock", lambda _: False)
    assert edgectl("clock", "set", "2026-01-31 18:00").status == 0
    assert set_to == [DAY + 30 * 86400 + 17 * 3600]
    assert events()[-1].type is EventType.CLOCK_SET
    refused(edgectl("clock", "set", "1999-01-01"), "a year that it cannot be")
    monkeypatch.setattr("edge.adapters.clock_system._adjtimex", lambda: 0)
    refused(edgectl("clock", "set", "2026-01-31 18:00"), "NTP keeps it")
    assert len(set_to) == 1


def test_a_door_needs_the_daemon(edgectl: Run, hanako: Person) -> None:
    assert hanako.id
    for command in ("status", "unlock", "lock", "hold", "release"):
        refused(edgectl("door", command), "the daemon does not answer")


def test_a_decision_is_explained_in_words_and_leaves_no_trace(edgectl: Run, hanako: Person) -> None:
    ok(edgectl("schedule", "set", "office", "mon-fri 08:00-17:00"))
    ok(edgectl("people", "change", "44", "--schedule", "office"))
    before = len(events())
    told = ok(edgectl("access", "check", "44", "--at", "2026-01-02 09:00", "--pin", "--json"))
    assert (told["granted"], told["reason"]) == (True, "face_and_pin")
    assert told["summary"].startswith("山田 花子 may pass in at door on Fri 2026-01-02 09:00")
    told = ok(edgectl("access", "check", "44", "--at", "2026-01-02 17:00", "--json"))
    assert (told["granted"], told["reason"]) == (False, "schedule")
    finding = next(one for one in told["findings"] if one["topic"] == "schedule")
    assert finding == {
        "topic": "schedule",
        "passed": False,
        "words": 'schedule "office", their own, does not allow, and will from Mon 2026-01-05 08:00',
    }
    shown = edgectl("access", "check", "44", "--at", "2026-01-02 17:00").out
    assert "✗ schedule: " in shown
    assert "✓ lockdown: the site is not locked down" in shown
    assert "second factor: a PIN is needed" in shown  # no model is installed, so nobody knows the risk
    assert ok(edgectl("access", "check", hanako.id, "--out", "--json"))["granted"] is True
    refused(edgectl("access", "check", "nobody"), "nobody")
    refused(edgectl("access", "check", "44", "--at", "later"), '"later" is no time')
    assert len(events()) == before


def test_what_happened_at_the_door_counts_in_the_explanation(
    edgectl: Run, hanako: Person, data_dir: Path
) -> None:
    (data_dir / "test.toml").write_text('[access]\npassback = "hard"\n')
    with closing(open_store(load_settings())) as store:
        granted = {"reason": "face", "door": "door", "area": "inside"}
        store.journal.append(NewEvent(EventType.ACCESS_GRANTED, hanako.id, granted))
        store.journal.append(NewEvent(EventType.LOCKDOWN_STARTED))
    told = ok(edgectl("access", "check", "44", "--pin", "--at", "+1h", "--json"))
    assert [one["topic"] for one in told["findings"] if not one["passed"]] == ["lockdown", "passback"]
    assert told["reason"] == "lockdown"
    assert 'let into "inside"' in told["findings"][5]["words"]


@pytest.mark.usefixtures("hanako")
def test_what_the_door_remembers_counts_also_once_its_events_are_gone(edgectl: Run) -> None:
    with closing(open_store(load_settings())) as store:
        store.journal.append(NewEvent(EventType.LOCKDOWN_STARTED))
        memory = AccessMemory(store.journal, ClockSystem(), boot_id(), kept=store.journal)
        memory.state()
        memory.keep()
        store.journal.append(NewEvent(EventType.CAMERA_LOST))
        assert store.journal.prune(keep=1)
        kinds = [event.type for event in store.journal.events()]
        assert EventType.LOCKDOWN_STARTED not in kinds
    told = ok(edgectl("access", "check", "44", "--pin", "--json"))
    assert told["reason"] == "lockdown"


@pytest.mark.usefixtures("hanako")
def test_a_visitor_is_explained_by_their_pin(edgectl: Run) -> None:
    ok(edgectl("visitor", "add", "Besuch", "--until", "+8h", "--max-visits", "1"))
    told = ok(edgectl("access", "check", "Besuch", "--at", "+1h", "--json"))
    assert (told["granted"], told["reason"]) == (True, "visitor_pin")
    told = ok(edgectl("access", "check", "Besuch", "--at", "+9h", "--json"))
    assert told["reason"] == "expired"
