"""A disk that hangs between a row and its commit: what is late is taken back, nothing lost or told twice."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.adapters.store_sqlite.stamp import ReadyEvent
from edge.domain.access import AccessRules
from edge.domain.access_reason import Denial
from edge.domain.door_input import ExitRequested
from edge.domain.events import Event, EventType
from edge.domain.passback import PassbackMode, PassbackRules
from edge.domain.person import Person
from edge.domain.second_factor import SecondFactorRules
from edge.errors import DoorError
from tests.door.conftest import PIN, Start
from tests.door.wired import Wired, eventually, recognised

ALWAYS = SecondFactorRules(always=True)
HARD = AccessRules(passback=PassbackRules(mode=PassbackMode.HARD))
Insert = Callable[[ReadyEvent, sqlite3.Connection], Event]


class Disk:
    """Hangs once, when an event of a type was inserted and is not committed, until it is told to go on."""

    def __init__(self, insert: Insert) -> None:
        self._insert = insert
        self._kind: EventType | None = None
        self._release = threading.Event()
        self.hangs = threading.Event()
        self.fails = False

    def hang(self, kind: EventType) -> None:
        self.hangs.clear()
        self._release.clear()
        self._kind = kind

    def insert(self, ready: ReadyEvent, connection: sqlite3.Connection) -> Event:
        event = self._insert(ready, connection)
        if event.type is self._kind:
            self._kind = None
            self.hangs.set()
            assert self._release.wait(30)
            if self.fails:
                raise sqlite3.OperationalError("disk I/O error")
        return event

    def go_on(self, *, fails: bool = False) -> None:
        self.fails = fails
        self._release.set()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = open_store(tmp_path / "edge.db", clock=ClockSystem(), boot_id="boot", ballast_bytes=0, timeout=1.0)
    yield made
    made.close()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    made = Disk(ReadyEvent.insert)

    def insert(ready: ReadyEvent, connection: sqlite3.Connection) -> Event:
        return made.insert(ready, connection)

    monkeypatch.setattr(ReadyEvent, "insert", insert)
    yield made
    made.go_on()


def come(run: Wired, person: Person) -> None:
    """Have somebody recognised, without waiting for what comes of it."""
    seen = recognised(person.id, run.clock.monotonic())
    run.site.jobs.post(lambda: run.site.keeper.recognised(seen))


def given_up(run: Wired) -> None:
    """Wait until the doorkeeper waits no longer for what hangs."""
    done = threading.Event()
    run.site.jobs.post(done.set)
    assert done.wait(20)


def with_a_grant_in_doubt(start: Start, disk: Disk, person: Person) -> Wired:
    """Return a run whose doorkeeper has given up a grant that the disk still holds."""
    run = start(HARD)
    disk.hang(EventType.ACCESS_GRANTED)
    come(run, person)
    given_up(run)
    return run


def told(run: Wired, *kinds: EventType) -> list[tuple[str, str | None]]:
    return [(str(event.type), event.data.get("reason")) for event in run.events(*kinds)]


def test_a_grant_whose_row_comes_too_late_opens_nothing_is_denied_and_leaves_nobody_inside(
    start: Start, disk: Disk, anna: Person
) -> None:
    run = with_a_grant_in_doubt(start, disk, anna)
    assert run.events(EventType.ACCESS_GRANTED) == []
    disk.go_on()
    assert eventually(lambda: bool(run.events(EventType.PASSBACK_FORGIVEN)))
    assert told(run)[-3:] == [
        ("access.granted", "face"),
        ("access.denied", "stale"),
        ("passback.forgiven", None),
    ]
    assert run.lock.moves == []
    assert run.site.keeper.unwritten == 0
    run.see(anna)
    assert run.lock.moves == [5.0]
    assert run.events(EventType.JOURNAL_GAP) == []


def test_whoever_comes_again_meanwhile_is_let_in_after_the_first_grant_was_taken_back(
    start: Start, disk: Disk, anna: Person
) -> None:
    run = with_a_grant_in_doubt(start, disk, anna)
    come(run, anna)
    disk.go_on()
    run.settle()
    assert run.lock.moves == [5.0]
    access = (EventType.ACCESS_GRANTED, EventType.ACCESS_DENIED, EventType.PASSBACK_FORGIVEN)
    assert [kind for kind, _ in told(run, *access)] == [
        "access.granted",
        "access.denied",
        "passback.forgiven",
        "access.granted",
    ]
    run.see(anna)  # inside by now
    assert run.last_access().data["reason"] == Denial.PASSBACK
    assert run.lock.moves == [5.0]


def test_what_turns_out_not_to_be_written_counts_as_lost_once(start: Start, disk: Disk, anna: Person) -> None:
    run = with_a_grant_in_doubt(start, disk, anna)
    assert run.site.keeper.unwritten == 0
    disk.go_on(fails=True)
    assert eventually(lambda: run.site.keeper.unwritten == 1)
    run.see(anna)
    assert [event.data for event in run.events(EventType.JOURNAL_GAP)] == [{"lost": 1}]
    assert run.lock.moves == [5.0]
    assert len(run.events(EventType.ACCESS_GRANTED)) == 1
    assert run.events(EventType.PASSBACK_FORGIVEN) == []


def test_a_gap_that_is_told_late_is_told_once(start: Start, disk: Disk, anna: Person) -> None:
    run = start()
    run.journal.works = False
    run.see(anna)
    run.journal.works = True
    disk.hang(EventType.JOURNAL_GAP)
    come(run, anna)  # of which nothing is written
    given_up(run)
    disk.go_on()
    run.see(anna)
    assert [event.data for event in run.events(EventType.JOURNAL_GAP)] == [{"lost": 1}, {"lost": 1}]
    assert run.lock.moves == [5.0]


def test_a_wrong_pin_in_doubt_is_journaled_once_and_counts(start: Start, disk: Disk, anna: Person) -> None:
    run = start(AccessRules(second_factor=ALWAYS))
    run.see(anna)
    disk.hang(EventType.ACCESS_DENIED)
    assert run.control.enter_pin("000000").reason is Denial.UNAVAILABLE
    disk.go_on()
    assert run.control.enter_pin("111111").reason is Denial.SECOND_FACTOR_WRONG
    wrong = [event for event in run.events(EventType.ACCESS_DENIED) if event.data.get("pin") == "wrong"]
    assert len(wrong) == 2
    assert run.control.enter_pin(PIN).granted


def test_what_happened_at_the_door_is_written_once_however_long_the_disk_hangs(
    start: Start, disk: Disk
) -> None:
    run = start()
    loop = run.site.doors[0].loop
    disk.hang(EventType.EXIT_REQUESTED)
    loop.post(ExitRequested())
    assert eventually(lambda: loop.journal_down)
    assert [event.type for event in loop.pending][:1] == [EventType.EXIT_REQUESTED]
    disk.go_on()
    assert eventually(lambda: not loop.journal_down)
    assert [event.type for event in run.events()] == [EventType.EXIT_REQUESTED, EventType.DOOR_UNLOCKED]
    assert loop.lost == 0


def test_what_happened_at_the_door_and_was_not_written_after_all_follows(start: Start, disk: Disk) -> None:
    run = start()
    loop = run.site.doors[0].loop
    disk.hang(EventType.EXIT_REQUESTED)
    loop.post(ExitRequested())
    assert eventually(lambda: loop.journal_down)
    disk.go_on(fails=True)
    assert eventually(lambda: not loop.journal_down)
    assert [event.type for event in run.events()] == [EventType.EXIT_REQUESTED, EventType.DOOR_UNLOCKED]


def test_an_unlocking_whose_row_comes_too_late_is_followed_by_a_locking(start: Start, disk: Disk) -> None:
    run = start()
    disk.hang(EventType.DOOR_UNLOCKED)
    with pytest.raises(DoorError, match="journal cannot be written"):
        run.control.unlock(actor="boss")
    disk.go_on()
    assert eventually(lambda: len(run.events()) == 2)
    unlocked, locked = run.events()
    assert (unlocked.type, locked.type) == (EventType.DOOR_UNLOCKED, EventType.DOOR_LOCKED)
    assert locked.data["why"] == "journaled too late"
    assert run.lock.moves == []


def test_the_end_of_a_lockdown_in_doubt_ends_nothing_also_after_a_restart(start: Start, disk: Disk) -> None:
    run = start()
    run.control.lockdown(True, actor="boss")
    assert eventually(lambda: bool(run.events(EventType.LOCKDOWN_STARTED)))
    disk.hang(EventType.LOCKDOWN_ENDED)
    with pytest.raises(DoorError, match="nothing was done; the journal took too long"):
        run.control.lockdown(False, actor="boss")
    disk.go_on()
    assert eventually(lambda: len(run.events(EventType.LOCKDOWN_STARTED)) == 2)
    kinds = [event.type for event in run.events()]
    assert kinds == [EventType.LOCKDOWN_STARTED, EventType.LOCKDOWN_ENDED, EventType.LOCKDOWN_STARTED]
    run.stop()
    assert start().control.status()[0].lockdown
