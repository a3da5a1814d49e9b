"""Who holds the database: this process where it may write, a running daemon where that one does."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from edge.config import Settings
from edge.errors import ControlError, StoreBusyError
from edge.ports import AccessBook, EventQuery, EventReader, People, PeopleReader, StoreReader

if TYPE_CHECKING:
    from edge.adapters.store_sqlite import SqliteStore


@dataclass(frozen=True, slots=True)
class _Reading:
    people: PeopleReader
    journal: EventReader
    query: EventQuery
    access: AccessBook
    close: Callable[[], None]


def actor() -> str:
    """Return who is at this process, as the audit names it."""
    return f"uid:{os.getuid()}"


def open_store(settings: Settings, *, create: bool = False) -> "SqliteStore":
    """Return the database for the one process that writes it; with `create` it is made where there is none.

    Raises StoreError, and StoreBusyError where another process writes.
    """
    from edge.adapters.clock_system import ClockSystem, boot_id
    from edge.adapters.store_sqlite import open_store as open_sqlite

    return open_sqlite(
        settings.database,
        clock=ClockSystem(),
        boot_id=boot_id(),
        create=create,
        ballast_bytes=settings.storage.ballast_mib * 1024 * 1024,
    )


def open_reader(settings: Settings) -> StoreReader:
    """Return the database for a process that only looks; raises StoreError."""
    from edge.adapters.store_sqlite import open_reader as open_sqlite

    reader = open_sqlite(settings.database)
    return _Reading(reader, reader.journal, reader.query, reader.access, reader.close)


@contextmanager
def people(settings: Settings) -> Iterator[People]:
    """Give the people to change: in the database itself, or through the daemon where one is running.

    Raises StoreError, and StoreBusyError where the database is held by something that does not answer.
    """
    try:
        store = open_store(settings)
    except StoreBusyError as busy:
        with closing(open_reader(settings)) as reader:
            yield _over_control(settings, reader, busy)
        return
    with closing(store):
        yield store.people


def _over_control(settings: Settings, reader: StoreReader, busy: StoreBusyError) -> People:
    from edge.adapters.control import ControlClient, PeopleOverControl

    client = ControlClient(settings.control_socket)
    try:
        client.ask("GET", "/v1/health")
    except ControlError as error:
        raise StoreBusyError(f"{busy}; {error}") from None
    return PeopleOverControl(reader.people, client)
