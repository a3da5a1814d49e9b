from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from edge.domain.access_reason import Denial
from edge.domain.access_replay import restore
from edge.domain.access_state import AccessState
from edge.domain.events import Event, EventType, Instant
from edge.domain.passback import Presence
from edge.domain.second_factor_attempts import Failures

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()


class Journal:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(
        self, kind: EventType, boot: str, wall: float, mono: float, *, trusted: bool = True, **data: Any
    ) -> None:
        seq = len(self.events) + 1
        time = datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.events.append(Event(seq, f"j:{seq}", boot, time, round(mono * 1e9), trusted, kind, "ann", data))

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)


def state_now(journal: Journal, *, mono: float, wall: float, trusted: bool = True) -> AccessState:
    return restore(journal, boot_id="b", now=Instant(wall, round(mono * 1e9), trusted))


def test_events_of_this_boot_keep_their_time() -> None:
    journal = Journal()
    journal.add(EventType.ACCESS_DENIED, "b", NOON, 50, pin="wrong", door="door")
    assert state_now(journal, mono=60, wall=NOON + 10).failures == {"ann": Failures(1, 50.0)}


def test_events_of_an_earlier_boot_are_dated_by_trusted_clocks() -> None:
    journal = Journal()
    journal.add(EventType.ACCESS_GRANTED, "a", NOON, 5000, door="door", area="inside")
    state = state_now(journal, mono=60, wall=NOON + 100)
    assert state.presence == {"ann": Presence("inside", -40.0)}


def test_without_trust_they_count_as_of_this_boot_so_that_waits_are_never_too_short() -> None:
    for then, now in ((True, False), (False, True)):
        journal = Journal()
        journal.add(EventType.ACCESS_DENIED, "a", NOON, 5000, trusted=then, pin="wrong", door="door")
        assert state_now(journal, mono=60, wall=NOON + 1e6, trusted=now).failures["ann"].at == 0.0


def test_a_clock_set_back_never_dates_an_earlier_boot_into_this_one() -> None:
    journal = Journal()
    journal.add(EventType.ACCESS_DENIED, "a", NOON, 5000, pin="wrong", door="door")
    assert state_now(journal, mono=60, wall=NOON - 1e6).failures["ann"].at == 0.0


def test_a_lockdown_outlives_a_restart_and_somebody_waiting_does_not() -> None:
    journal = Journal()
    journal.add(EventType.LOCKDOWN_STARTED, "a", NOON, 1)
    journal.add(EventType.ACCESS_DENIED, "a", NOON, 2, reason=str(Denial.SECOND_PERSON_MISSING), door="door")
    assert set(state_now(journal, mono=1, wall=NOON).waiting) == {"door"}
    journal.add(EventType.SYSTEM_STARTED, "b", NOON, 3)
    state = state_now(journal, mono=4, wall=NOON)
    assert (state.lockdown, state.waiting) == (True, {})
