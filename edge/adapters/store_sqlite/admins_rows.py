import sqlite3
from collections.abc import Callable
from typing import TypeAlias

from edge.domain.account import AccountRole, AdminAccount, Credentials
from edge.errors import NotFoundError

Job: TypeAlias = Callable[[sqlite3.Connection], None]

ADMINS = "SELECT id FROM admin WHERE role = 'admin' AND enabled = 1"


def account(row: sqlite3.Row) -> AdminAccount:
    """Return the account of a row of `admin`."""
    return AdminAccount(
        id=row["id"],
        name=row["name"],
        role=AccountRole(row["role"]),
        enabled=bool(row["enabled"]),
        second_factor=row["totp"] is not None,
        created=row["created"],
        last_login=row["last_login"],
    )


def credentials(row: sqlite3.Row) -> Credentials:
    """Return what the account of a row of `admin` is known by."""
    return Credentials(
        account=account(row), password=row["password"], totp=row["totp"], totp_step=row["totp_step"]
    )


def require(connection: sqlite3.Connection, account_id: str) -> AdminAccount:
    """Return an account as stored; raises NotFoundError."""
    found = connection.execute("SELECT * FROM admin WHERE id = ?", [account_id]).fetchall()
    if not found:
        raise NotFoundError(f"account {account_id}: there is none")
    return account(found[0])


def end_sessions(connection: sqlite3.Connection, account_id: str, keep: str | None) -> int:
    """Forget the sessions of an account but one, and return how many."""
    sql = "DELETE FROM admin_session WHERE admin_id = ? AND hash IS NOT ?"
    return connection.execute(sql, [account_id, keep]).rowcount
