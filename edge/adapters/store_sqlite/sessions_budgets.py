import sqlite3
from collections.abc import Mapping, Sequence

from edge.adapters.store_sqlite.writer import Writer
from edge.domain.login_budget import LONGEST_MEMORY, Budget, Left, keys, take

MOST_BUDGETS = 10_000  # rows; more addresses than a site has


class SqliteBudgets:
    """Implements ports.Budgets: what is taken is durable before the guess is looked at."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def take(self, wanted: Mapping[str, Budget], now: float) -> float:
        """Take one from each and return 0, or take nothing and return the seconds to wait."""

        def job(connection: sqlite3.Connection) -> float:
            lefts, wait = take(wanted, _before(connection, keys(wanted)), now)
            for key, left in lefts.items():
                connection.execute(
                    "INSERT INTO login_budget (key, tokens, at) VALUES (?, ?, ?)"
                    " ON CONFLICT (key) DO UPDATE SET tokens = excluded.tokens, at = excluded.at",
                    [key, left.tokens, left.at],
                )
            if lefts:
                _sweep(connection, now)
            return wait

        return self._writer.run(job)

    def give_back(self, keys: Sequence[str]) -> None:
        """Give one back to each budget; none holds more than its most for that."""
        sql = "UPDATE login_budget SET tokens = tokens + 1 WHERE key = ?"
        self._writer.run(lambda connection: connection.executemany(sql, [(key,) for key in keys]))

    def refill(self, keys: Sequence[str]) -> None:
        """Fill budgets up again."""
        sql = "DELETE FROM login_budget WHERE key = ?"
        self._writer.run(lambda connection: connection.executemany(sql, [(key,) for key in keys]))


def _before(connection: sqlite3.Connection, names: Sequence[str]) -> dict[str, Left]:
    marks = ", ".join("?" for _ in names)
    sql = f"SELECT key, tokens, at FROM login_budget WHERE key IN ({marks})"  # noqa: S608 - only marks
    return {row["key"]: Left(row["tokens"], row["at"]) for row in connection.execute(sql, names).fetchall()}


def _sweep(connection: sqlite3.Connection, now: float) -> None:
    """Forget budgets that are full again, and of too many the oldest."""
    connection.execute("DELETE FROM login_budget WHERE at < ?", [now - LONGEST_MEMORY])
    oldest = "SELECT key FROM login_budget ORDER BY at DESC LIMIT -1 OFFSET ?"
    connection.execute(f"DELETE FROM login_budget WHERE key IN ({oldest})", [MOST_BUDGETS])  # noqa: S608 - ours
