"""The doorkeeper's journal by itself, over one whose every answer the test gives."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import pytest

from edge.domain.events import Event, EventType, NewEvent
from edge.errors import StoreBusyError, StoreError, StoreUncertainError
from edge.keeper_journal import KeeperJournal

GRANTED = NewEvent(EventType.ACCESS_GRANTED, "P1", {})
DENIED = NewEvent(EventType.ACCESS_DENIED, "P1", {})
FORGIVEN = NewEvent(EventType.PASSBACK_FORGIVEN, "P1", {})
STRANGER = NewEvent(EventType.ACCESS_DENIED, None, {})


@dataclass
class Scripted:
    """A journal that answers as `script` says, one word for each write: fails or doubt; written after it."""

    script: list[str] = field(default_factory=list)
    written: list[NewEvent] = field(default_factory=list)
    doubts: list["Future[Any]"] = field(default_factory=list)

    def append(self, event: NewEvent) -> Event:
        word = self.script.pop(0) if self.script else "written"
        if word == "fails":
            raise StoreError("the disk is full")
        if word == "doubt":
            self.doubts.append(Future())
            raise StoreUncertainError("no answer", self.doubts[-1])
        self.written.append(event)
        return row(len(self.written))

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name}: only append is used")


def row(number: int) -> Event:
    return Event(number, f"j:{number}", "boot", "", 0, True, EventType.ACCESS_GRANTED, None, {})


@dataclass
class Desk:
    """The journal under test, with what it hands to the spare way."""

    journal: Scripted
    spared: list[NewEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = KeeperJournal(self.journal, spare=self.spared.append, later=lambda _: None)

    def told(self) -> list[tuple[str, int | None]]:
        return [(str(event.type), event.data.get("lost")) for event in self.journal.written]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.keeper_journal.PATIENCE", 0.01)


def test_a_loss_is_told_once_also_where_a_take_back_comes_before_it() -> None:
    desk = Desk(Scripted(["doubt"]))
    assert desk.rows.write(GRANTED, contrary=lambda: (DENIED, FORGIVEN)).doubtful
    assert desk.rows.write(STRANGER).number is None  # nothing is written after what is in doubt
    assert desk.rows.unwritten == 1
    desk.journal.doubts[0].set_result(row(1))
    assert desk.rows.write(STRANGER).number is not None
    assert desk.rows.unwritten == 0
    assert desk.told() == [
        ("journal.gap", 1),
        ("access.denied", None),
        ("passback.forgiven", None),
        ("access.denied", None),
    ]


def test_nothing_is_written_after_a_take_back_that_is_in_doubt_itself() -> None:
    desk = Desk(Scripted(["doubt", "doubt"]))
    desk.rows.write(GRANTED, contrary=lambda: (DENIED,))
    desk.journal.doubts[0].set_result(row(1))
    with pytest.raises(StoreBusyError, match="not known yet what became of an earlier event"):
        desk.rows.append(STRANGER)
    assert desk.journal.written == []
    desk.journal.doubts[1].set_exception(StoreError("the disk is full"))
    desk.rows.append(STRANGER)
    assert desk.spared == [DENIED]  # it follows by the door's ring
    assert desk.journal.written == [STRANGER]


def test_what_was_not_written_is_not_taken_back() -> None:
    desk = Desk(Scripted(["doubt"]))
    desk.rows.write(GRANTED, contrary=lambda: (DENIED,))
    desk.journal.doubts[0].set_exception(StoreError("the disk is full"))
    desk.rows.settle()
    assert (desk.journal.written, desk.spared, desk.rows.unwritten) == ([], [], 1)
