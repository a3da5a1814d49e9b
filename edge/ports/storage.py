"""What a process holds of the database."""

from typing import Protocol

from edge.ports.journal import EventQuery, Journal, SinkReader
from edge.ports.people import AccessBook, AccessChanges, People, PeopleReader


class Store(Protocol):
    """What a process that writes holds: people and journal over one database, one writer."""

    @property
    def people(self) -> People:
        """Return the people."""
        ...

    @property
    def journal(self) -> Journal:
        """Return the event log."""
        ...

    @property
    def query(self) -> EventQuery:
        """Return what looks into the event log."""
        ...

    @property
    def access(self) -> AccessChanges:
        """Return who may pass when."""
        ...

    def close(self) -> None:
        """Close the database; may be called twice."""
        ...


class StoreReader(Protocol):
    """What a process that only looks holds: people and journal, while another process writes."""

    @property
    def people(self) -> PeopleReader:
        """Return the people."""
        ...

    @property
    def journal(self) -> SinkReader:
        """Return the event log."""
        ...

    @property
    def query(self) -> EventQuery:
        """Return what looks into the event log."""
        ...

    @property
    def access(self) -> AccessBook:
        """Return who may pass when."""
        ...

    def close(self) -> None:
        """Close the database; may be called twice."""
        ...
