import sqlite3

from edge.adapters.store_sqlite import admins_rows
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.rows import iso
from edge.adapters.store_sqlite.stamp import Stamp
from edge.adapters.store_sqlite.writer import Writer
from edge.domain.login_session import HALF_DONE, IDLE, LONGEST, LoginSession

MOST_SESSIONS = 10  # of one account; the oldest makes room
MOST_DEVICES = 10
DEVICE_DAYS = 180
_DAY = 86400.0
_ADDRESS = 64
_AGENT = 200
_SESSION = (
    "SELECT s.hash, s.began, s.seen, s.proved, s.complete, s.address, s.agent, s.created AS session_created,"
    " admin.* FROM admin_session AS s JOIN admin ON admin.id = s.admin_id WHERE s.boot_id = :boot"
)


class SqliteSessions:
    """Implements ports.LoginSessions. A session belongs to the boot in which it began."""

    def __init__(self, pool: ReaderPool, writer: Writer, stamp: Stamp) -> None:
        self._pool = pool
        self._writer = writer
        self._stamp = stamp

    def open(
        self, *, digest: str, account: str, monotonic: float, complete: bool, address: str, agent: str
    ) -> None:
        """Remember a session that begins; of too many of one account, the oldest goes."""
        row = {
            "hash": digest,
            "admin_id": account,
            "boot_id": self._stamp.boot_id,
            "at": monotonic,
            "complete": complete,
            "address": address[:_ADDRESS],
            "agent": agent[:_AGENT],
            "created": iso(self._stamp.now().wall),
        }

        def job(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO admin_session"
                " (hash, admin_id, boot_id, began, seen, proved, complete, address, agent, created) VALUES"
                " (:hash, :admin_id, :boot_id, :at, :at, :at, :complete, :address, :agent, :created)",
                row,
            )
            _keep_newest(connection, "admin_session", "began", account, MOST_SESSIONS)

        self._writer.run(job)

    def session(self, digest: str) -> LoginSession | None:
        """Return a session of this boot."""
        values = {"boot": self._stamp.boot_id, "hash": digest}
        found = self._pool.rows(f"{_SESSION} AND s.hash = :hash", values)
        return _session(found[0]) if found else None

    def sessions(self, account: str) -> list[LoginSession]:
        """Return the complete sessions of an account, the newest first."""
        values = {"boot": self._stamp.boot_id, "account": account}
        sql = f"{_SESSION} AND s.admin_id = :account AND s.complete = 1 ORDER BY s.began DESC"
        return [_session(row) for row in self._pool.rows(sql, values)]

    def seen(self, digest: str, monotonic: float) -> None:
        """Note that a session was used."""
        sql = "UPDATE admin_session SET seen = ? WHERE hash = ?"
        self._writer.run(lambda connection: connection.execute(sql, [monotonic, digest]))

    def proved(self, digest: str, renewed: str, monotonic: float) -> None:
        """Note that the password was given again; the session is known as `renewed` from then on."""
        sql = "UPDATE admin_session SET hash = ?, proved = ? WHERE hash = ?"
        self._writer.run(lambda connection: connection.execute(sql, [renewed, monotonic, digest]))

    def close(self, digest: str) -> None:
        """Forget a session."""
        sql = "DELETE FROM admin_session WHERE hash = ?"
        self._writer.run(lambda connection: connection.execute(sql, [digest]))

    def close_all(self, account: str, *, keep: str | None = None) -> int:
        """Forget the sessions of an account but one, and return how many."""
        return self._writer.run(lambda connection: admins_rows.end_sessions(connection, account, keep))

    def sweep(self, monotonic: float) -> None:
        """Forget the sessions that hold no longer, those of earlier boots included."""
        sql = (
            "DELETE FROM admin_session WHERE boot_id <> :boot OR began < :longest OR seen < :idle"
            " OR (complete = 0 AND began < :half)"
        )
        values = {
            "boot": self._stamp.boot_id,
            "longest": monotonic - LONGEST,
            "idle": monotonic - IDLE,
            "half": monotonic - HALF_DONE,
        }
        self._writer.run(lambda connection: connection.execute(sql, values))

    def know(self, digest: str, account: str, agent: str, now: float) -> None:
        """Remember a browser from which somebody logged in."""

        def job(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO admin_device (hash, admin_id, agent, created, used) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (hash) DO UPDATE SET admin_id = excluded.admin_id, used = excluded.used",
                [digest, account, agent[:_AGENT], now, now],
            )
            _keep_newest(connection, "admin_device", "used", account, MOST_DEVICES)

        self._writer.run(job)

    def knows(self, digest: str, account: str, now: float) -> bool:
        """Return whether this browser was here before, for this account."""
        sql = "SELECT hash FROM admin_device WHERE hash = ? AND admin_id = ? AND used > ?"
        return bool(self._pool.rows(sql, [digest, account, now - DEVICE_DAYS * _DAY]))

    def forget(self, account: str) -> None:
        """Forget the browsers of an account."""
        sql = "DELETE FROM admin_device WHERE admin_id = ?"
        self._writer.run(lambda connection: connection.execute(sql, [account]))

    def logged_in(self, account: str) -> None:
        """Note the time of a login."""
        sql, now = "UPDATE admin SET last_login = ? WHERE id = ?", iso(self._stamp.now().wall)
        self._writer.run(lambda connection: connection.execute(sql, [now, account]))


def _keep_newest(connection: sqlite3.Connection, table: str, by: str, account: str, most: int) -> None:
    newest = f"SELECT hash FROM {table} WHERE admin_id = ? ORDER BY {by} DESC, hash LIMIT ?"  # noqa: S608 - ours
    sql = f"DELETE FROM {table} WHERE admin_id = ? AND hash NOT IN ({newest})"  # noqa: S608 - ours
    connection.execute(sql, [account, account, most])


def _session(row: sqlite3.Row) -> LoginSession:
    return LoginSession(
        digest=row["hash"],
        account=admins_rows.account(row),
        began=row["began"],
        seen=row["seen"],
        proved=row["proved"],
        complete=bool(row["complete"]),
        address=row["address"],
        agent=row["agent"],
        created=row["session_created"],
    )
