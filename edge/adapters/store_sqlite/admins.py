import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from edge.adapters.store_sqlite import admins_rows as rows
from edge.adapters.store_sqlite.admins_codes import delete_code, insert_code, offered, offers, require_code
from edge.adapters.store_sqlite.change import Change
from edge.adapters.store_sqlite.pool import ReaderPool
from edge.adapters.store_sqlite.stamp import Stamp
from edge.adapters.store_sqlite.writer import Writer
from edge.domain.account import AccountRole, AdminAccount, CodeKind, CodeOffer, Credentials
from edge.domain.events import EventType
from edge.errors import ConflictError, NotFoundError


class SqliteAdmins:
    """Implements ports.Accounts. Each change is one durable transaction that holds its event as well."""

    def __init__(self, pool: ReaderPool, writer: Writer, stamp: Stamp) -> None:
        self._pool = pool
        self._writer = writer
        self._stamp = stamp

    def accounts(self) -> list[AdminAccount]:
        """Return all accounts, by name."""
        return [rows.account(row) for row in self._pool.rows("SELECT * FROM admin ORDER BY name")]

    def has_admin(self) -> bool:
        """Return whether anybody may administer the terminal."""
        return bool(self._pool.rows(f"{rows.ADMINS} LIMIT 1"))

    def credentials(self, name: str) -> Credentials | None:
        """Return what the account of this login name is known by."""
        found = self._pool.rows("SELECT * FROM admin WHERE name = ?", [name])
        return rows.credentials(found[0]) if found else None

    def offer(
        self, *, digest: str, kind: CodeKind, role: AccountRole, name: str | None, expires: float, actor: str
    ) -> None:
        """Let a code be used once; see `edge.ports.Accounts`."""
        change = Change(self._stamp, actor)
        offer = CodeOffer(kind=kind, role=role, name=name, expires=expires, actor=actor)

        def job(connection: sqlite3.Connection) -> None:
            insert_code(connection, digest, offer)
            data = {"kind": str(kind), "role": str(role), "account": name}
            change.journal(connection, EventType.ADMIN_CODE_OFFERED, None, data)

        self._writer.run(job)

    def offered(self, digest: str, now: float) -> CodeOffer | None:
        """Return what a code is for."""
        return offered(self._pool, digest, now)

    def offers(self, now: float) -> list[CodeOffer]:
        """Return the invitations that wait."""
        return offers(self._pool, now)

    def withdraw(self, name: str, *, actor: str) -> None:
        """Take back the invitation for this login name."""
        change = Change(self._stamp, actor)

        def job(connection: sqlite3.Connection) -> None:
            if not delete_code(connection, CodeKind.INVITATION, name):
                raise NotFoundError(f"account {name}: no invitation waits")
            change.journal(connection, EventType.ADMIN_CODE_WITHDRAWN, None, {"account": name})

        self._writer.run(job)

    def redeem(self, digest: str, *, name: str, password: str, now: float) -> AdminAccount:
        """Use a code up for an account; see `edge.ports.Accounts`."""
        change = Change(self._stamp, f"admin:{name}")

        def job(connection: sqlite3.Connection) -> AdminAccount:
            offer = require_code(connection, digest, name, now)
            found = connection.execute("SELECT id FROM admin WHERE name = ?", [name]).fetchall()
            account_id = found[0]["id"] if found else change.new_id()
            if found:
                connection.execute(
                    "UPDATE admin SET role = ?, enabled = 1, password = ?, totp = NULL WHERE id = ?",
                    [offer.role, password, account_id],
                )
                _require_admin(connection)
                _end_everything(connection, account_id)
            else:
                connection.execute(
                    "INSERT INTO admin (id, name, role, password, created) VALUES (?, ?, ?, ?, ?)",
                    [account_id, name, offer.role, password, change.time],
                )
            data = {"account": name, "role": str(offer.role), "new": not found, "offered_by": offer.actor}
            change.journal(connection, EventType.ADMIN_JOINED, None, data)
            return rows.require(connection, account_id)

        return self._writer.run(job, erase=True)

    def set_password(self, account: str, password: str, *, keep: str | None = None, actor: str) -> None:
        """Write a new password; all sessions but `keep` and all known browsers end."""

        def job(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE admin SET password = ? WHERE id = ?", [password, account])
            rows.end_sessions(connection, account, keep)
            connection.execute("DELETE FROM admin_device WHERE admin_id = ?", [account])

        self._changed(account, actor, {"fields": ["password"]}, job)

    def set_totp(
        self, account: str, secret: str | None, recovery: Sequence[str], *, keep: str | None, actor: str
    ) -> None:
        """Set or remove the authenticator and its recovery codes; other sessions end."""

        def job(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE admin SET totp = ? WHERE id = ?", [secret, account])
            connection.execute("DELETE FROM admin_recovery WHERE admin_id = ?", [account])
            connection.executemany(
                "INSERT INTO admin_recovery (admin_id, hash) VALUES (?, ?)",
                [(account, digest) for digest in recovery],
            )
            rows.end_sessions(connection, account, keep)

        self._changed(account, actor, {"fields": ["second_factor"], "second_factor": secret is not None}, job)

    def use_step(self, account: str, step: int) -> bool:
        """Use up a time step of the authenticator."""
        sql = "UPDATE admin SET totp_step = :step WHERE id = :id AND totp_step < :step"
        values = {"step": step, "id": account}
        return bool(self._writer.run(lambda connection: connection.execute(sql, values).rowcount))

    def use_recovery(self, account: str, digest: str) -> bool:
        """Use up a recovery code."""
        sql = "DELETE FROM admin_recovery WHERE admin_id = ? AND hash = ?"
        return bool(self._writer.run(lambda connection: connection.execute(sql, [account, digest]).rowcount))

    def recovery_left(self, account: str) -> int:
        """Return how many recovery codes are left."""
        sql = "SELECT count(*) AS n FROM admin_recovery WHERE admin_id = ?"
        return int(self._pool.rows(sql, [account])[0]["n"])

    def change(
        self, account: str, *, role: AccountRole | None = None, enabled: bool | None = None, actor: str
    ) -> AdminAccount:
        """Change a role, disable or enable an account; its sessions end."""
        wanted = {"role": role, "enabled": enabled}
        changed = {name: value for name, value in wanted.items() if value is not None}

        def job(connection: sqlite3.Connection) -> None:
            for name, value in changed.items():
                connection.execute(f"UPDATE admin SET {name} = ? WHERE id = ?", [value, account])  # noqa: S608 - ours
            _require_admin(connection)
            _end_everything(connection, account)
            if role is not None or enabled is False:  # a code that waits would undo it
                delete_code(connection, CodeKind.INVITATION, rows.require(connection, account).name)

        data = {name: str(value) if name == "role" else value for name, value in changed.items()}
        return self._changed(account, actor, {"fields": sorted(changed), **data}, job)

    def _changed(self, account: str, actor: str, data: Mapping[str, Any], job: rows.Job) -> AdminAccount:
        """Do a change of an account that exists, journal it, and return what is stored."""
        change = Change(self._stamp, actor)

        def whole(connection: sqlite3.Connection) -> AdminAccount:
            name = rows.require(connection, account).name
            job(connection)
            change.journal(connection, EventType.ADMIN_CHANGED, None, {"account": name, **data})
            return rows.require(connection, account)

        return self._writer.run(whole, erase=True)


def _require_admin(connection: sqlite3.Connection) -> None:
    if not connection.execute(f"{rows.ADMINS} LIMIT 1").fetchall():
        raise ConflictError("this is the last administrator; make another first")


def _end_everything(connection: sqlite3.Connection, account: str) -> None:
    """End all sessions of an account, and forget its browsers and recovery codes that no longer fit."""
    rows.end_sessions(connection, account, None)
    connection.execute("DELETE FROM admin_device WHERE admin_id = ?", [account])
    sql = "DELETE FROM admin_recovery WHERE admin_id = ? AND (SELECT totp FROM admin WHERE id = ?) IS NULL"
    connection.execute(sql, [account, account])
