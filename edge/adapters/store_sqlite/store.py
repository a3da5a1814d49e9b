from pathlib import Path

from edge.adapters.store_sqlite.access_store import SqliteAccess
from edge.adapters.store_sqlite.admins import SqliteAdmins
from edge.adapters.store_sqlite.admins_tokens import SqliteTokens
from edge.adapters.store_sqlite.event_query import SqliteEventQuery
from edge.adapters.store_sqlite.journal import SqliteJournal
from edge.adapters.store_sqlite.lock import WriterLock
from edge.adapters.store_sqlite.nonces import SqliteNonces
from edge.adapters.store_sqlite.people import SqlitePeople
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.roll import SqliteRoll
from edge.adapters.store_sqlite.screens import SqliteScreens
from edge.adapters.store_sqlite.sessions import SqliteSessions
from edge.adapters.store_sqlite.sessions_budgets import SqliteBudgets
from edge.adapters.store_sqlite.stamp import Stamp
from edge.adapters.store_sqlite.writer import Writer


class SqliteStore:
    """People and journal over one database, in the one process that writes it. Any thread may use it.

    `recovered` says that the last writer was killed or lost its power.
    """

    def __init__(
        self, *, path: Path, pool: ReaderPool, writer: Writer, stamp: Stamp, lock: WriterLock, recovered: bool
    ) -> None:
        self.path = path
        self.recovered = recovered
        self._pool = pool
        self._writer = writer
        self._lock = lock
        self._people = SqlitePeople(pool, writer, stamp)
        self._journal = SqliteJournal(pool, writer, stamp)
        self._nonces = SqliteNonces(writer)
        self._access = SqliteAccess(pool, writer, stamp)
        self._query = SqliteEventQuery(pool)
        self._roll = SqliteRoll(pool, writer, stamp)
        self._screens = SqliteScreens(pool, writer, stamp)
        self._admins = SqliteAdmins(pool, writer, stamp)
        self._sessions = SqliteSessions(pool, writer, stamp)
        self._budgets = SqliteBudgets(writer)
        self._tokens = SqliteTokens(pool, writer, stamp)

    @property
    def people(self) -> SqlitePeople:
        """Return the people."""
        return self._people

    @property
    def journal(self) -> SqliteJournal:
        """Return the event log."""
        return self._journal

    @property
    def query(self) -> SqliteEventQuery:
        """Return what looks into the event log."""
        return self._query

    @property
    def roll(self) -> SqliteRoll:
        """Return the roll of people, for the office."""
        return self._roll

    @property
    def access(self) -> SqliteAccess:
        """Return who may pass when."""
        return self._access

    @property
    def screens(self) -> SqliteScreens:
        """Return the screens beside the door."""
        return self._screens

    @property
    def admins(self) -> SqliteAdmins:
        """Return the accounts of the pages."""
        return self._admins

    @property
    def sessions(self) -> SqliteSessions:
        """Return who is logged in to the pages."""
        return self._sessions

    @property
    def budgets(self) -> SqliteBudgets:
        """Return the budgets of guesses."""
        return self._budgets

    @property
    def tokens(self) -> SqliteTokens:
        """Return the tokens of programs."""
        return self._tokens

    def pages_key(self) -> bytes:
        """Return the key that signs what browsers keep for the pages, made at random with the database."""
        found = self._pool.rows("SELECT value FROM salt WHERE name = 'pages'")
        return bytes(found[0]["value"])

    @property
    def nonces(self) -> SqliteNonces:
        """Return the nonces of commands."""
        return self._nonces

    def close(self) -> None:
        """Finish the writes that wait, close the database and let the next writer in; may be called twice.

        Raises StoreError where the disk is stuck; the lock is then held until the process ends.
        """
        self._pool.close()
        self._writer.close()
        self._lock.release()
