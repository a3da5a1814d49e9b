import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.adapters.store_sqlite import SqliteStore, connection, open_reader, open_store, renew_journal
from edge.adapters.store_sqlite.schema import APPLICATION_ID, SCHEMA_VERSION
from edge.domain.events import EventType, NewEvent
from edge.errors import StoreBusyError, StoreError
from tests.store.conftest import FakeClock, Terminal

NOBODY = 65534


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def foreign_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE notes (text)")
    connection.close()


def newer_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE notes (text)")
    connection.close()


OPENINGS: dict[str, Callable[[Path], object]] = {
    "writer": lambda path: open_store(path, clock=FakeClock(), boot_id="b"),
    "reader": open_reader,
    "renew": lambda path: renew_journal(path, clock=FakeClock()),
}
BAD_FILES: list[tuple[str, Callable[[Path], object]]] = [
    ("is empty", Path.touch),
    ("is no database", lambda path: path.write_text("name,photo\n" * 400)),
    ("is no database", lambda path: path.write_bytes(b"SQLite format 3\x00")),
    ("of another program", foreign_database),
    ("newer version", newer_database),
    ("is a folder", Path.mkdir),
    ("no plain file", os.mkfifo),
]


@pytest.mark.parametrize(
    ("words", "make"), BAD_FILES, ids=[str(n) + words for n, (words, _) in enumerate(BAD_FILES)]
)
@pytest.mark.parametrize("opens", OPENINGS)
def test_a_file_that_is_not_ours_is_refused_in_one_line_and_left_alone(
    tmp_path: Path, words: str, make: Callable[[Path], object], opens: str
) -> None:
    path = tmp_path / "edge.db"
    make(path)
    before = sorted(tmp_path.iterdir()), None if path.is_fifo() else contents(tmp_path)
    with pytest.raises(StoreError, match=words) as caught:
        OPENINGS[opens](path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert (sorted(tmp_path.iterdir()), None if path.is_fifo() else contents(tmp_path)) == before


def test_a_newer_version_still_in_the_log_alone_is_refused_too(terminal: Terminal) -> None:
    terminal.open().close()
    holder = sqlite3.connect(terminal.path)
    holder.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    try:
        with pytest.raises(StoreError, match="newer version"):
            terminal.open()
        with pytest.raises(StoreError, match="newer version"):
            open_reader(terminal.path)
    finally:
        holder.close()


@pytest.mark.parametrize(("where", "size"), [(20, 70), (100, 3000), (4096, 50 * 4096)])
def test_a_damaged_database_says_so(terminal: Terminal, where: int, size: int) -> None:
    store = terminal.open()
    store.journal.append_many([NewEvent(EventType.ACCESS_DENIED, None, {"n": n}) for n in range(2000)])
    store.close()
    with terminal.path.open("r+b") as file:
        file.seek(where)
        file.write(b"\xa5" * size)
    with pytest.raises(StoreError, match=r"damaged|no database|another program|newer") as caught:
        list(terminal.open().journal.events(limit=5000))
    assert str(terminal.path) in str(caught.value)


def test_damage_after_a_kill_is_found_at_the_start(terminal: Terminal) -> None:
    terminal.open().close()
    code = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('UPDATE generation SET value = 5')\n"
        "c.execute('PRAGMA writable_schema = ON')\n"
        "c.execute(\"UPDATE sqlite_master SET rootpage = 9999 WHERE name = 'event_type'\")\n"
        "os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(terminal.path)], check=False)
    with pytest.raises(StoreError, match="damaged"):
        terminal.open()


def test_a_truncated_database_is_damaged(terminal: Terminal) -> None:
    store = terminal.open()
    store.journal.append_many([NewEvent(EventType.ACCESS_DENIED, None, {"n": n}) for n in range(2000)])
    store.close()
    os.truncate(terminal.path, terminal.path.stat().st_size // 2)
    with pytest.raises(StoreError, match="damaged"):
        terminal.open().journal.events(limit=5000)


def test_without_a_database_a_reader_and_a_writer_that_may_not_make_one_say_so(tmp_path: Path) -> None:
    path = tmp_path / "data" / "edge.db"
    for folder_is_there in (False, True):
        if folder_is_there:
            path.parent.mkdir()
        with pytest.raises(StoreError, match="no database yet"):
            open_reader(path)
        with pytest.raises(StoreError, match="no database yet"):
            open_store(path, clock=FakeClock(), boot_id="b", create=False)
        with pytest.raises(StoreError, match="no database yet"):
            renew_journal(path, clock=FakeClock())
    assert list(tmp_path.rglob("*")) == [path.parent]


def test_a_missing_parent_folder_is_named_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"no/such: there is no such folder"):
        open_store(tmp_path / "no" / "such" / "data" / "edge.db", clock=FakeClock(), boot_id="b")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(StoreError, match="data"):
        open_store(tmp_path / "data" / "edge.db", clock=FakeClock(), boot_id="b")


def test_folder_and_files_are_private(terminal: Terminal) -> None:
    store = terminal.open(ballast_bytes=4096)
    store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    assert terminal.folder.stat().st_mode & 0o777 == 0o700
    names = {path.name: path.stat().st_mode & 0o777 for path in terminal.folder.iterdir()}
    assert names == dict.fromkeys(
        ["edge.db", "edge.db-wal", "edge.db-shm", "edge.lock", "ballast.bin"], 0o600
    )


def test_the_writer_works_with_full_durability_and_erasure(store: SqliteStore, terminal: Terminal) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
    found = store._writer.run(
        lambda writer: {name: writer.execute(f"PRAGMA {name}").fetchone()[0] for name in names}
    )
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 5000,
    }
    with sqlite3.connect(terminal.path) as plain:
        assert plain.execute("PRAGMA auto_vacuum").fetchone()[0] == 2
        strict = plain.execute("SELECT name, strict FROM pragma_table_list WHERE type = 'table'").fetchall()
    plain.close()
    loose = {name for name, is_strict in strict if not is_strict}
    assert {name for name in loose if not name.startswith("sqlite_")} == {"_sqlite_migrations"}
    assert len(strict) > len(loose)


def test_a_file_system_that_cannot_keep_the_log_is_refused(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.open().close()
    without = [one for one in connection._WRITER_PRAGMAS if one[0] != "journal_mode"]
    monkeypatch.setattr(connection, "_WRITER_PRAGMAS", (("journal_mode", "DELETE", "wal"), *without))
    with pytest.raises(
        StoreError, match=r"keeps journal_mode at delete, wal is needed; put the data on a local"
    ):
        terminal.open()
    monkeypatch.undo()
    terminal.open()


def test_a_stale_log_without_its_database_is_not_taken_over(terminal: Terminal) -> None:
    terminal.folder.mkdir()
    stale = terminal.folder / "edge.db-wal"
    stale.write_bytes(b"old")
    with pytest.raises(StoreError, match=r"edge\.db-wal"):
        terminal.open()
    assert stale.read_bytes() == b"old"
    assert not terminal.path.exists()


def test_half_a_database_from_a_crash_while_making_it_is_made_again(terminal: Terminal) -> None:
    terminal.folder.mkdir()
    for suffix in ("", "-journal", "-wal"):
        (terminal.folder / f"edge.db.new{suffix}").write_bytes(b"half")
    assert terminal.open().journal.last_seq() == 0
    assert not list(terminal.folder.glob("*.new*"))


def as_nobody(path: Path, call: str) -> str:
    """Run `call` in a process without root's powers and return the text of its StoreError."""
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from edge.adapters.clock_system import ClockSystem\n"
        "from edge.adapters.store_sqlite import open_reader, open_store\n"
        "from edge.errors import StoreError\n"
        "if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        f"path = Path({str(path)!r})\n"
        f"try: {call}\n"
        "except StoreError as error: print(type(error).__name__, error)\n"
        "else: print('opened')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


WRITE = "open_store(path, clock=ClockSystem(), boot_id='b')"


def open_to_all(folder: Path) -> None:
    while folder != folder.parent and folder.stat().st_uid == os.getuid() and str(folder) != "/tmp":  # noqa: S108
        folder.chmod(0o755)
        folder = folder.parent


def test_a_folder_that_may_not_be_written_is_named_and_stays_as_it_is(terminal: Terminal) -> None:
    terminal.folder.mkdir()
    open_to_all(terminal.folder)
    terminal.folder.chmod(0o555)
    assert "StoreError" in (said := as_nobody(terminal.path, WRITE))
    assert "cannot be written" in said
    assert len(said.splitlines()) == 1
    assert list(terminal.folder.iterdir()) == []


def test_a_database_that_may_not_be_written_or_read_says_so(terminal: Terminal) -> None:
    terminal.open().close()
    open_to_all(terminal.folder)
    before = terminal.path.read_bytes()
    if os.geteuid() == 0:
        os.chown(terminal.folder, NOBODY, NOBODY)
        os.chown(terminal.folder / "edge.lock", NOBODY, NOBODY)
    terminal.path.chmod(0o444)
    assert "may not be written" in as_nobody(terminal.path, WRITE)
    terminal.path.chmod(0o000)
    assert "cannot be read" in as_nobody(terminal.path, WRITE)
    assert "cannot be read" in as_nobody(terminal.path, "open_reader(path)")
    terminal.path.chmod(0o600)
    assert terminal.path.read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_makes_in_the_services_folder_belongs_to_the_service(terminal: Terminal) -> None:
    terminal.folder.mkdir()
    os.chown(terminal.folder, 12345, 12345)
    store = terminal.open(ballast_bytes=4096)
    store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    assert {path.stat().st_uid for path in terminal.folder.iterdir()} == {12345}
    assert len(list(terminal.folder.iterdir())) == 5


def test_a_second_writer_is_refused_by_the_first_ones_process_id(terminal: Terminal) -> None:
    store = terminal.open()
    with pytest.raises(StoreBusyError, match=f"process {os.getpid()} "):
        terminal.open()
    assert f"process {os.getpid()} writes" in as_nobody_or_me(terminal.path)
    with pytest.raises(StoreBusyError):
        renew_journal(terminal.path, clock=FakeClock())
    store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    store.close()
    terminal.open().close()


def as_nobody_or_me(path: Path) -> str:
    code = (
        "from pathlib import Path\n"
        "from edge.adapters.clock_system import ClockSystem\n"
        "from edge.adapters.store_sqlite import open_store\n"
        "from edge.errors import StoreBusyError\n"
        f"try: open_store(Path({str(path)!r}), clock=ClockSystem(), boot_id='b')\n"
        "except StoreBusyError as error: print(error)\n"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_a_refused_opening_lets_the_next_writer_in(terminal: Terminal) -> None:
    terminal.folder.mkdir()
    stale = terminal.folder / "edge.db-wal"
    stale.write_bytes(b"old")
    with pytest.raises(StoreError):
        terminal.open()
    stale.unlink()
    terminal.open()


def test_a_refused_second_writer_leaves_the_first_ones_sqlite_locks_alone(terminal: Terminal) -> None:
    store = terminal.open()
    store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    with pytest.raises(StoreBusyError):
        terminal.open()
    open_reader(terminal.path).close()
    # Another process that opens and closes would delete the log, were our shared lock gone.
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM event'); c.close()"
    )
    subprocess.run([sys.executable, "-c", code, str(terminal.path)], check=True)
    assert terminal.path.with_name("edge.db-wal").exists()
    store.journal.append(NewEvent(EventType.SYSTEM_STOPPED))
    assert [event.seq for event in store.journal.events()] == [1, 2]


@pytest.mark.parametrize("name", ["データ", "a b?c#d%20'", "x" * 200])
def test_any_folder_name_works(tmp_path: Path, name: str) -> None:
    path = tmp_path / name / "edge.db"
    store = open_store(path, clock=FakeClock(), boot_id="b", ballast_bytes=0)
    store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    reader = open_reader(path)
    assert reader.journal.last_seq() == 1
    reader.close()
    store.close()
    assert path.exists()


def test_a_closed_store_refuses_in_one_line_and_closes_twice(terminal: Terminal) -> None:
    store = terminal.open()
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    with pytest.raises(StoreError, match="closed"):
        store.people.people()


def test_sqlite_utils_is_loaded_only_to_migrate(terminal: Terminal) -> None:
    terminal.open().close()
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from edge.adapters.clock_system import ClockSystem\n"
        "from edge.adapters.store_sqlite import open_store\n"
        f"open_store(Path({str(terminal.path)!r}), clock=ClockSystem(), boot_id='b').close()\n"
        "print('sqlite_utils' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
