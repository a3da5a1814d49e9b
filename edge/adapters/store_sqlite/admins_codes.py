import sqlite3

from edge.adapters.store_sqlite.pool import ReaderPool
from edge.domain.account import AccountRole, CodeKind, CodeOffer
from edge.errors import ConflictError

_BY_HASH = "SELECT * FROM admin_code WHERE hash = ?"
SPENT = "code: it is wrong, used up or too old"


def insert_code(connection: sqlite3.Connection, digest: str, offer: CodeOffer) -> None:
    """Write a code in the place of an earlier one of its kind for the same name."""
    delete_code(connection, offer.kind, offer.name)
    connection.execute(
        "INSERT INTO admin_code (hash, kind, role, name, expires, actor) VALUES (?, ?, ?, ?, ?, ?)",
        [digest, offer.kind, offer.role, offer.name, offer.expires, offer.actor],
    )


def delete_code(connection: sqlite3.Connection, kind: CodeKind, name: str | None) -> int:
    """Forget the codes of a kind for a name, and return how many there were."""
    sql = "DELETE FROM admin_code WHERE kind = ? AND name IS ?"
    return connection.execute(sql, [kind, name]).rowcount


def require_code(connection: sqlite3.Connection, digest: str, name: str, now: float) -> CodeOffer:
    """Use a code up and return what it was for; raises ConflictError where it is not for this name."""
    found = connection.execute(_BY_HASH, [digest]).fetchall()
    if not found or found[0]["expires"] <= now:
        raise ConflictError(SPENT)
    offer = _offer(found[0])
    if offer.name is not None and offer.name != name:
        raise ConflictError(f'code: it is for the login name "{offer.name}"')
    connection.execute("DELETE FROM admin_code WHERE hash = ?", [digest])
    return offer


def offered(pool: ReaderPool, digest: str, now: float) -> CodeOffer | None:
    """Return what a code is for, None for one that is unknown or too old."""
    found = pool.rows(f"{_BY_HASH} AND expires > ?", [digest, now])
    return _offer(found[0]) if found else None


def offers(pool: ReaderPool, now: float) -> list[CodeOffer]:
    """Return the invitations that wait."""
    sql = "SELECT * FROM admin_code WHERE kind = 'invitation' AND expires > ? ORDER BY name"
    return [_offer(row) for row in pool.rows(sql, [now])]


def _offer(row: sqlite3.Row) -> CodeOffer:
    return CodeOffer(
        kind=CodeKind(row["kind"]),
        role=AccountRole(row["role"]),
        name=row["name"],
        expires=row["expires"],
        actor=row["actor"],
    )
