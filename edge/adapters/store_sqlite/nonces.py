import sqlite3

from edge.adapters.store_sqlite.writer import Writer

KEPT = 3600.0  # seconds a nonce is kept past its expiry, so that a clock set back a little finds it still


class SqliteNonces:
    """The nonces that commands have used up, across restarts and whatever happens to the wall clock."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def use(self, nonce: str, *, expires: int, now: float) -> bool:
        """Use up a nonce and return True; False where it was used before, or where that is no longer known.

        `expires` and `now` are UTC seconds. Nonces go an hour after they expired. Whatever expires no later
        than the latest one that ever went counts as used: so not even a clock that was set back by years
        lets an old command through. Raises StoreError.
        """

        def job(connection: sqlite3.Connection) -> bool:
            horizon = connection.execute("SELECT expires FROM command_horizon").fetchall()[0]["expires"]
            if expires <= horizon:
                return False
            added = connection.execute(
                "INSERT INTO command_nonce (nonce, expires) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [nonce, expires],
            )
            if not added.rowcount:
                return False
            old = int(now - KEPT)
            connection.execute(
                "UPDATE command_horizon SET expires = max(expires,"
                " coalesce((SELECT max(expires) FROM command_nonce WHERE expires <= ?), 0))",
                [old],
            )
            connection.execute("DELETE FROM command_nonce WHERE expires <= ?", [old])
            return True

        return self._writer.run(job)
