from pathlib import Path

from edge.adapters.store_sqlite.access_book import SqliteAccessBook
from edge.adapters.store_sqlite.event_query import SqliteEventQuery
from edge.adapters.store_sqlite.events import SqliteEvents
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.references import SqliteReferences
from edge.adapters.store_sqlite.vetting import is_there, vet
from edge.errors import StoreError


class SqliteReader(SqliteReferences):
    """What may be read while another process writes: people, references, events and access."""

    def __init__(self, pool: ReaderPool) -> None:
        super().__init__(pool)
        self.journal = SqliteEvents(pool)
        self.query = SqliteEventQuery(pool)
        self.access = SqliteAccessBook(pool)

    def close(self) -> None:
        """Close the database; may be called twice."""
        self._pool.close()


def open_reader(path: Path) -> SqliteReader:
    """Return a reader of the database at `path`, for the vision child and for commands that only look.

    It works while another process writes and after a crash, sees each commit at once, and takes no lock that
    a writer would wait for. Raises StoreError where there is no database of this version.
    """
    if not is_there(path):
        raise StoreError(f"{path}: there is no database yet; run `edgectl init`")
    vet(path)
    return SqliteReader(ReaderPool(path))
