import json
import sqlite3

from edge.adapters.store_sqlite.change import Change
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.rows import iso
from edge.adapters.store_sqlite.stamp import Stamp
from edge.adapters.store_sqlite.writer import Writer
from edge.domain.api_token import ApiToken, Scope
from edge.domain.events import EventType
from edge.errors import ConflictError, NotFoundError

_HOUR = 13  # characters of an ISO time that say the day and hour


class SqliteTokens:
    """Implements ports.ApiTokens."""

    def __init__(self, pool: ReaderPool, writer: Writer, stamp: Stamp) -> None:
        self._pool = pool
        self._writer = writer
        self._stamp = stamp

    def make(
        self, *, name: str, digest: str, scopes: frozenset[Scope], expires: float | None, actor: str
    ) -> ApiToken:
        """Add a token; raises ConflictError for a name in use."""
        change = Change(self._stamp, actor)
        made = ApiToken(
            id=change.new_id(), name=name, scopes=scopes, created=change.time, actor=actor, expires=expires
        )

        def job(connection: sqlite3.Connection) -> ApiToken:
            if connection.execute("SELECT id FROM api_token WHERE name = ?", [name]).fetchall():
                raise ConflictError(f'token "{name}": there is one by this name')
            connection.execute(
                "INSERT INTO api_token (id, name, hash, scopes, created, expires, actor)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [made.id, name, digest, json.dumps(sorted(scopes)), made.created, expires, actor],
            )
            data = {"token": made.id, "name": name, "scopes": sorted(scopes)}
            change.journal(connection, EventType.ADMIN_TOKEN_MADE, None, data)
            return made

        return self._writer.run(job)

    def tokens(self) -> list[ApiToken]:
        """Return all tokens, the oldest first."""
        return [_token(row) for row in self._pool.rows("SELECT * FROM api_token ORDER BY id")]

    def digests(self) -> frozenset[str]:
        """Return the hashes of all tokens."""
        return frozenset(row["hash"] for row in self._pool.rows("SELECT hash FROM api_token"))

    def known(self, digest: str) -> ApiToken | None:
        """Return the token with this hash."""
        found = self._pool.rows("SELECT * FROM api_token WHERE hash = ?", [digest])
        return _token(found[0]) if found else None

    def used(self, token: str) -> None:
        """Note the day and hour at which a token was used; within the same hour nothing is written."""
        hour = iso(self._stamp.now().wall)[:_HOUR]
        found = self._pool.rows("SELECT used FROM api_token WHERE id = ?", [token])
        if found and found[0]["used"] != f"{hour}:00Z":
            sql = "UPDATE api_token SET used = ? WHERE id = ?"
            self._writer.run(lambda connection: connection.execute(sql, [f"{hour}:00Z", token]))

    def revoke(self, token: str, *, actor: str) -> None:
        """Forget a token."""
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> None:
            found = connection.execute("SELECT name FROM api_token WHERE id = ?", [token]).fetchall()
            if not found:
                raise NotFoundError(f"token {token}: there is none")
            connection.execute("DELETE FROM api_token WHERE id = ?", [token])
            data = {"token": token, "name": found[0]["name"]}
            change.journal(connection, EventType.ADMIN_TOKEN_REVOKED, None, data)

        self._writer.run(job, erase=True)


def _token(row: sqlite3.Row) -> ApiToken:
    return ApiToken(
        id=row["id"],
        name=row["name"],
        scopes=frozenset(Scope(one) for one in json.loads(row["scopes"])),
        created=row["created"],
        actor=row["actor"],
        expires=row["expires"],
        used=row["used"],
    )
