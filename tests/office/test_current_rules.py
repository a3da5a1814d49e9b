from datetime import date
from typing import Any

import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.domain.access_group import Group
from edge.domain.access_request import AccessRules
from edge.domain.schedule_calendar import Holiday
from edge.domain.schedule_text import parse_schedule
from edge.errors import StoreError
from edge.office.current_rules import CurrentRules


class CountingBook:
    """Counts how often the book is read in full."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.read = 0

    def __getattr__(self, name: str) -> Any:
        self.read += name == "schedules"
        return getattr(self.real, name)


def test_the_rules_follow_the_book_and_keep_what_the_configuration_says(store: SqliteStore) -> None:
    book = CountingBook(store.access)
    current = CurrentRules(book, AccessRules(max_fpir=0.25, door="front"))
    assert (current.rules().schedules, current.rules().groups) == ({}, {})
    office, staff = parse_schedule("office", "weekdays 08:00-17:00"), Group(name="staff")
    holiday = Holiday("x", date(2026, 1, 1), date(2026, 1, 1))
    store.access.put_schedule(office, actor="t")
    store.access.put_group(staff, actor="t")
    store.access.put_holiday(holiday, actor="t")
    rules = current.rules()
    assert (rules.schedules, rules.groups) == ({"office": office}, {"staff": staff})
    assert (rules.calendar.holidays, rules.max_fpir, rules.door) == ((holiday,), 0.25, "front")
    assert book.read == 2
    for _ in range(5):
        assert current.rules() is rules
    assert book.read == 2
    store.access.remove_group("staff", actor="t")
    assert current.rules().groups == {}


def test_rules_that_cannot_be_read_are_no_rules(store: SqliteStore) -> None:
    current = CurrentRules(store.access, AccessRules())
    current.rules()
    store.close()
    with pytest.raises(StoreError):
        current.rules()
