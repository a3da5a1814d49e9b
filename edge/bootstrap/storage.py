"""Who holds the database: this process where it may write, a running daemon where that one does."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.config import Settings
from edge.errors import ControlError, StoreBusyError
from edge.ports import (
    AccessBook,
    AccessChanges,
    AttendanceChanges,
    ClockDesk,
    EventQuery,
    People,
    PeopleReader,
    SinkReader,
    StoreReader,
    VouchedClock,
)

if TYPE_CHECKING:
    from edge.adapters.control import ControlClient
    from edge.adapters.store_sqlite import SqliteStore


@dataclass(frozen=True, slots=True)
class _Reading:
    people: PeopleReader
    journal: SinkReader
    query: EventQuery
    access: AccessBook
    close: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the office may change, whoever holds the database."""

    people: People
    access: AccessChanges
    attendance: AttendanceChanges
    clock: ClockDesk


def actor() -> str:
    """Return who is at this process, as the audit names it."""
    return f"uid:{os.getuid()}"


def open_store(
    settings: Settings, *, create: bool = False, clock: VouchedClock | None = None
) -> "SqliteStore":
    """Return the database for the one process that writes it; with `create` it is made where there is none.

    A backup that waits takes the database's place first. `clock` is the process's own, if it has one; it gets
    to know who vouched for it in this boot. Raises StoreError, and StoreBusyError where another process
    writes.
    """
    from edge.adapters.clock_system import ClockSystem, boot_id
    from edge.adapters.store_sqlite import open_store as open_sqlite
    from edge.bootstrap.backup import switch_to_waiting
    from edge.office.clock import earlier_word

    clock = clock or ClockSystem()
    switch_to_waiting(settings)
    with ExitStack() as undo:
        store = open_sqlite(
            settings.database,
            clock=clock,
            boot_id=boot_id(),
            create=create,
            ballast_bytes=settings.storage.ballast_mib * 1024 * 1024,
        )
        undo.callback(store.close)
        clock.accept(earlier_word(store.query, boot_id()))
        undo.pop_all()
    return store


def open_reader(settings: Settings) -> StoreReader:
    """Return the database for a process that only looks; raises StoreError."""
    from edge.adapters.store_sqlite import open_reader as open_sqlite

    reader = open_sqlite(settings.database)
    return _Reading(reader, reader.journal, reader.query, reader.access, reader.close)


@contextmanager
def people(settings: Settings) -> Iterator[People]:
    """Give the people to change, as `office` does."""
    with office(settings) as found:
        yield found.people


@contextmanager
def office(settings: Settings) -> Iterator[Office]:
    """Give what may be changed: in the database itself, or through the daemon where one is running.

    Raises StoreError, and StoreBusyError where the database is held by something that does not answer.
    """
    from edge.adapters.clock_system import ClockSystem
    from edge.office.attendance import AttendanceDesk
    from edge.office.clock import ClockOffice

    clock = ClockSystem()
    try:
        store = open_store(settings, clock=clock)
    except StoreBusyError as busy:
        with closing(open_reader(settings)) as reader:
            yield _over_control(settings, reader, busy)
        return
    with closing(store):
        yield Office(
            people=store.people,
            access=store.access,
            attendance=AttendanceDesk(
                people=store.people, journal=store.journal, query=store.query, clock=clock
            ),
            clock=ClockOffice(clock, store.journal),
        )


def daemon_that_holds_it(settings: Settings, busy: StoreBusyError) -> "ControlClient":
    """Return the way to the daemon that holds the database.

    Raises StoreBusyError, with what `busy` says, where that does not answer.
    """
    from edge.adapters.control import ControlClient

    client = ControlClient(settings.control_socket)
    try:
        client.ask("GET", "/v1/health")
    except ControlError as error:
        raise StoreBusyError(f"{busy}; {error}") from None
    return client


def _over_control(settings: Settings, reader: StoreReader, busy: StoreBusyError) -> Office:
    from edge.adapters.control import (
        AccessOverControl,
        AttendanceOverControl,
        ClockOverControl,
        PeopleOverControl,
    )

    client = daemon_that_holds_it(settings, busy)
    return Office(
        people=PeopleOverControl(reader.people, client),
        access=AccessOverControl(reader.access, reader.people, client),
        attendance=AttendanceOverControl(client),
        clock=ClockOverControl(client),
    )
