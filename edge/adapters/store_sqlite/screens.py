import hashlib
import secrets
import sqlite3

from edge.adapters.store_sqlite.change import Change
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.stamp import Stamp
from edge.adapters.store_sqlite.writer import Writer
from edge.domain.events import EventType
from edge.errors import NotFoundError
from edge.ports.kiosk import PairedScreen

DIGITS = 8
HOLDS = 600.0  # s
SLACK = 60.0  # s by which a clock may be set back meanwhile
TRIES = 5  # of 10⁸ codes
LONGEST_ADDRESS = 64  # characters; an IPv6 address with its zone is shorter


class SqliteScreens:
    """The screens beside the door, as `edge.ports.kiosk.PairedScreens` says."""

    def __init__(self, pool: ReaderPool, writer: Writer, stamp: Stamp) -> None:
        self._pool = pool
        self._writer = writer
        self._stamp = stamp

    def offer(self, *, actor: str, now: float) -> str:
        """Return a new code, the only one that counts from here on."""
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM screen_code")
            sql = "INSERT INTO screen_code (only, hash, expires) VALUES (1, ?, ?)"
            connection.execute(sql, [_hash(code), now + HOLDS])
            change.journal(connection, EventType.SCREEN_OFFERED, None, {})

        self._writer.run(job)
        return code

    def pair(self, code: str, *, address: str, now: float) -> str | None:
        """Return the token of a screen newly paired by `code`; a wrong try counts even when power fails."""
        change = Change(self._stamp, "screen")
        token = secrets.token_urlsafe(32)

        def job(connection: sqlite3.Connection) -> str | None:
            offered = connection.execute("SELECT hash, expires, tries FROM screen_code").fetchall()
            if not offered or not _counts(offered[0], now):
                return None
            if not secrets.compare_digest(offered[0]["hash"], _hash(code)):
                connection.execute("UPDATE screen_code SET tries = tries + 1")
                return None
            connection.execute("DELETE FROM screen_code")
            screen = change.new_id()
            row = [screen, _hash(token), address[:LONGEST_ADDRESS], change.time]
            connection.execute("INSERT INTO screen (id, hash, address, paired) VALUES (?, ?, ?, ?)", row)
            change.journal(connection, EventType.SCREEN_PAIRED, None, {"screen": screen})
            return token

        return self._writer.run(job)

    def known(self, token: str) -> PairedScreen | None:
        """Return the screen with this token."""
        rows = self._pool.rows("SELECT id, address, paired FROM screen WHERE hash = ?", [_hash(token)])
        return next((_screen(row) for row in rows), None)

    def screens(self) -> list[PairedScreen]:
        """Return all paired screens, the oldest first."""
        return [_screen(row) for row in self._pool.rows("SELECT id, address, paired FROM screen ORDER BY id")]

    def revoke(self, screen: str, *, actor: str) -> None:
        """Forget a screen; it shows nothing from its next request on."""
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> None:
            if not connection.execute("DELETE FROM screen WHERE id = ?", [screen]).rowcount:
                raise NotFoundError(f"screen {screen}: none is paired by this id")
            change.journal(connection, EventType.SCREEN_REVOKED, None, {"screen": screen})

        self._writer.run(job)


def _counts(offered: sqlite3.Row, now: float) -> bool:
    return bool(now < offered["expires"] <= now + HOLDS + SLACK and offered["tries"] < TRIES)


def _hash(secret: str) -> str:
    """Return a plain hash: tokens are random, and a code is worth nothing after minutes and few tries."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _screen(row: sqlite3.Row) -> PairedScreen:
    return PairedScreen(id=row["id"], address=row["address"], paired=row["paired"])
