"""Old events go, those that a sink still needs stay, and a filling disk is stronger than a sink."""

import time

from edge.domain.events import EventType
from edge.publish.retention import Retention, RetentionRules
from tests.mqtt.conftest import Terminal


def retention(terminal: Terminal, *, days: float | None = None, free: int = 100) -> Retention:
    rules = RetentionRules(days=days, events=10, min_free=50)
    journal = terminal.store().journal
    return Retention(journal=journal, rules=rules, wall=lambda: time.time() + 10 * 86400, free=lambda: free)


def test_the_newest_are_kept(terminal: Terminal) -> None:
    terminal.happen(30)
    assert retention(terminal).prune() == 20
    assert [event.seq for event in terminal.store().journal.events()] == list(range(21, 31))


def test_the_young_are_kept(terminal: Terminal) -> None:
    terminal.happen(5)
    assert retention(terminal, days=11).prune() == 0
    assert retention(terminal, days=9).prune() == 5


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
