from dataclasses import dataclass

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.clock_trust import EARLIEST, ClockStanding, Vouch, Witness, last_vouch, vouch
from edge.domain.events import EventType, Instant, NewEvent
from edge.errors import RuleError, StoreError
from edge.office.clock import ClockOffice, earlier_word
from edge.ports import ClockDesk  # noqa: TC001 - its fit is what a test checks
from tests.store.conftest import Terminal

SECOND = 10**9


@dataclass
class FakeClock:
    """A clock without NTP and hardware clock, which the test moves."""

    wall: float = EARLIEST + 1e6
    ticks: float = 100.0
    word: Vouch | None = None

    def monotonic(self) -> float:
        return self.ticks

    def now(self) -> Instant:
        return self.standing().at

    def standing(self) -> ClockStanding:
        vouched = self.word is not None and self.word.holds(self.wall, int(self.ticks * SECOND))
        witnesses = (Witness.ADMIN,) if vouched else ()
        return ClockStanding(Instant(self.wall, int(self.ticks * SECOND), vouched), witnesses)

    def accept(self, vouch: Vouch | None) -> None:
        self.word = vouch


def test_an_admin_vouches_for_the_clock_and_the_journal_says_who(store: SqliteStore) -> None:
    clock = FakeClock()
    desk: ClockDesk = ClockOffice(clock, store.journal)
    assert not desk.standing().at.trusted
    assert desk.vouch(actor="uid:0").witnesses == (Witness.ADMIN,)
    assert clock.now().trusted
    event = store.journal.events()[-1]
    assert (event.type, event.clock_trusted) == (EventType.CLOCK_VOUCHED, True)
    assert dict(event.data) == {"actor": "uid:0", "was_trusted": False}
    desk.vouch(was_set=True, actor="uid:0")
    assert store.journal.events()[-1].type is EventType.CLOCK_SET


def test_what_cannot_be_journaled_is_no_word(store: SqliteStore) -> None:
    clock = FakeClock()
    desk = ClockOffice(clock, store.journal)
    store.close()
    with pytest.raises(StoreError):
        desk.vouch(actor="t")
    assert not clock.now().trusted


@pytest.mark.parametrize("wall", [0.0, EARLIEST - 1, 4_102_444_800.0, float("nan"), float("inf")])
def test_nobody_can_vouch_for_a_year_that_cannot_be(store: SqliteStore, wall: float) -> None:
    with pytest.raises(RuleError, match="a year that it cannot be"):
        ClockOffice(FakeClock(wall), store.journal).vouch(actor="t")
    assert store.journal.events() == []


@pytest.mark.parametrize(
    ("wall_step", "passed", "holds"),
    [
        (0.0, 0.0, True),
        (0.0, 86400.0 * 100, True),
        (1.0, 60.0, True),
        (-1.0, 60.0, True),
        (6.0, 60.0, False),
        (-6.0, 60.0, False),
        (86400.0 * 3650, 60.0, False),
        (-86400.0 * 3650, 60.0, False),
        (0.0, -1.0, False),  # the monotonic clock of another boot
    ],
)
def test_a_word_holds_until_somebody_sets_the_clock(wall_step: float, passed: float, *, holds: bool) -> None:
    word = vouch(Instant(EARLIEST + 1e6, 100 * SECOND, trusted=False))
    later = Instant(EARLIEST + 1e6 + passed + wall_step, int((100 + passed) * SECOND), trusted=False)
    assert word.holds(later.wall, later.monotonic_ns) is holds


def test_the_word_outlasts_the_process_but_not_the_boot(terminal: Terminal) -> None:
    store = terminal.open(boot_id="boot-1")
    assert earlier_word(store.query, "boot-1") is None
    clock = FakeClock()
    ClockOffice(clock, store.journal).vouch(actor="t")
    store.journal.append(NewEvent(EventType.SYSTEM_STOPPED))
    store.close()
    again = terminal.open(boot_id="boot-1")
    word = earlier_word(again.query, "boot-1")
    assert word is not None
    assert word.holds(clock.wall + 50, int((clock.ticks + 50) * SECOND))
    assert earlier_word(again.query, "boot-2") is None
    assert last_vouch([], "boot-1") is None
