from datetime import UTC, datetime
from typing import Any

from edge.domain.events import Event, EventType
from edge.domain.muster import muster

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()


class Journal:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.wall, self.trusted = NOON, True

    def passed(self, person: str, area: str = "inside", **data: Any) -> "Journal":
        return self.add(EventType.ACCESS_GRANTED, person, area=area, door="door", **data)

    def punched(self, person: str, kind: str) -> "Journal":
        return self.add(EventType.ATTENDANCE_PUNCHED, person, kind=kind, door="hall")

    def add(self, event: EventType, person: str | None = None, /, **data: Any) -> "Journal":
        self.wall += 60
        seq = len(self.events) + 1
        time = datetime.fromtimestamp(self.wall, UTC).isoformat().replace("+00:00", "Z")
        self.events.append(Event(seq, f"j:{seq}", "b", time, 0, self.trusted, event, person, data))
        return self

    def inside(self, after: float = 0.0) -> list[str]:
        return [one.person for one in muster(self.events, now=self.wall + after)]


def test_who_came_in_is_inside_until_they_go_out() -> None:
    journal = Journal().passed("ann").passed("bob").passed("ann", "outside")
    assert journal.inside() == ["bob"]


def test_both_of_two_who_passed_together_are_inside() -> None:
    assert sorted(Journal().passed("bob", **{"with": "ann"}).inside()) == ["ann", "bob"]


def test_an_inner_area_is_inside_as_well_and_named() -> None:
    journal = Journal().passed("ann").passed("ann", "lab")
    assert [(one.person, one.area) for one in muster(journal.events, now=journal.wall)] == [("ann", "lab")]


def test_a_denial_and_an_evacuation_move_nobody() -> None:
    journal = Journal().passed("ann").add(EventType.ACCESS_DENIED, "bob", area="inside")
    assert journal.add(EventType.ACCESS_GRANTED, "ann", reason="evacuation").inside() == ["ann"]


def test_punches_tell_it_where_there_is_no_door() -> None:
    journal = Journal().punched("ann", "in").punched("bob", "in").punched("bob", "out")
    assert journal.inside() == ["ann"]
    assert journal.punched("eve", "break_start").inside() == ["ann"]


def test_who_is_on_a_break_is_listed_as_such() -> None:
    journal = Journal().passed("ann").punched("ann", "break_start")
    assert [one.on_break for one in muster(journal.events, now=journal.wall)] == [True]
    journal.punched("ann", "break_end")
    assert [(one.area, one.on_break) for one in muster(journal.events, now=journal.wall)] == [
        ("inside", False)
    ]


def test_the_list_is_cleared_for_one_or_for_all() -> None:
    journal = Journal().passed("ann").passed("bob").passed("eve")
    assert journal.add(EventType.MUSTER_CLEARED, "ann").inside() == ["bob", "eve"]
    assert journal.add(EventType.PERSON_REMOVED, "bob").inside() == ["eve"]
    assert journal.add(EventType.MUSTER_CLEARED).inside() == []


def test_what_is_old_or_dated_by_an_untrusted_clock_is_listed_and_not_certain() -> None:
    journal = Journal().passed("ann")
    journal.trusted = False
    journal.passed("bob")
    certain = {one.person: one.certain for one in muster(journal.events, now=journal.wall)}
    assert certain == {"ann": True, "bob": False}
    old = muster(journal.events, now=journal.wall + 17 * 3600)
    assert [one.certain for one in old] == [False, False]
    assert [one.certain for one in muster(journal.events, now=0.0)] == [False, False]
