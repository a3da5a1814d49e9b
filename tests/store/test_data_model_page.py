import re
import sqlite3
from pathlib import Path

from edge.adapters.store_sqlite import SqliteStore
from tests.store.conftest import Terminal

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data-model.md"
SECTION = re.compile(r"^### (\w+)\n(.*?)(?=^##)", re.MULTILINE | re.DOTALL)


def test_the_page_lists_every_table_with_every_column(store: SqliteStore, terminal: Terminal) -> None:
    assert store.path == terminal.path
    documented = {}
    for table, text in SECTION.findall(PAGE.read_text(encoding="utf-8")):
        rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
        documented[table] = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    connection = sqlite3.connect(terminal.path)
    tables = connection.execute("SELECT name FROM pragma_table_list WHERE strict").fetchall()
    real = {
        table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})").fetchall()]
        for (table,) in tables
    }
    connection.close()
    assert documented == real
