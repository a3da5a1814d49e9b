"""Old events go, those that a sink still needs stay, and a filling disk is stronger than a sink."""

import time
from dataclasses import dataclass

from edge.adapters.clock_system import ClockSystem
from edge.domain.events import EventType, Instant
from edge.publish.retention import Retention, RetentionRules
from tests.mqtt.conftest import Terminal


@dataclass(frozen=True)
class Ahead(ClockSystem):
    """A clock some days ahead of the one that stamps the events."""

    days: float
    trusted: bool

    def now(self) -> Instant:
        return Instant(time.time() + self.days * 86400, time.monotonic_ns(), self.trusted)


def retention(
    terminal: Terminal,
    *,
    days: float | None = None,
    events: int | None = 10,
    free: int = 100,
    ahead: float = 10,
    trusted: bool = True,
) -> Retention:
    rules = RetentionRules(days=days, events=events, min_free=50)
    journal, clock = terminal.store().journal, Ahead(ahead, trusted)
    return Retention(journal=journal, rules=rules, clock=clock, free=lambda: free)


def test_the_newest_are_kept(terminal: Terminal) -> None:
    terminal.happen(30)
    assert retention(terminal).prune() == 20
    assert [event.seq for event in terminal.store().journal.events()] == list(range(21, 31))


def test_the_young_are_kept(terminal: Terminal) -> None:
    terminal.happen(5)
    assert retention(terminal, days=11).prune() == 0
    assert retention(terminal, days=9).prune() == 5


def test_nothing_is_old_by_a_clock_that_nobody_vouches_for(terminal: Terminal) -> None:
    terminal.happen(30)
    ten_years = 3652
    assert retention(terminal, days=30, events=None, ahead=ten_years, trusted=False).prune() == 0
    assert retention(terminal, days=30, ahead=ten_years, trusted=False).prune() == 20  # the number holds
    assert retention(terminal, days=30, ahead=ten_years, trusted=True).prune() == 10


def test_a_configured_broker_is_waited_for_from_its_first_start_on(terminal: Terminal) -> None:
    publisher = terminal.publisher(terminal.settings(1))
    publisher.start()
    terminal.happen(30)
    deadline = time.monotonic() + 10
    while not publisher.health()["problem"]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert retention(terminal).prune() == 0
    terminal.store().journal.advance("mqtt", 12)
    assert retention(terminal).prune() == 12


def test_a_filling_disk_loses_events_and_says_which(terminal: Terminal) -> None:
    terminal.happen(30)
    terminal.store().journal.advance("mqtt", 0)
    assert retention(terminal, free=10).prune() == 20
    gap = terminal.store().journal.events()[-1]
    assert gap.type is EventType.JOURNAL_GAP
    assert gap.data == {"first_seq": 1, "last_seq": 20, "count": 20, "sinks": ["mqtt"]}


def test_a_broker_that_is_no_longer_configured_is_not_waited_for(terminal: Terminal) -> None:
    from edge.bootstrap.publisher import build_publisher

    terminal.happen(30)
    terminal.store().journal.advance("mqtt", 3)
    settings = terminal.settings(1, host="")
    assert build_publisher(settings, terminal.store(), dict) is None
    assert retention(terminal).prune() == 20
