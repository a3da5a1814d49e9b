import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.adapters.store_sqlite import SqliteStore, free_ballast, lay_ballast
from edge.domain.events import EventType, NewEvent
from edge.errors import StoreFullError
from tests.store.conftest import Terminal

CHILD = Path(__file__).with_name("full_disk_child.py")
MOUNTED = 'mount -t tmpfs -o size=6m tmpfs "$1" && exec "$2" "$3" "$1"'
APART = ["unshare", "--user", "--map-root-user", "--mount"]


@pytest.fixture
def can_mount() -> None:
    if (
        not shutil.which("unshare")
        or subprocess.run([*APART, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine lets no test mount a file system of its own")


@pytest.mark.usefixtures("can_mount")
def test_on_a_full_disk_writes_are_refused_reads_go_on_and_deletion_works(tmp_path: Path) -> None:
    command = [*APART, "sh", "-c", MOUNTED, "sh", str(tmp_path), sys.executable, str(CHILD)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("done\n", "")


def append_without_end(store: SqliteStore, event: NewEvent) -> None:
    while store.journal.append(event).seq < 10_000:
        pass


def test_a_full_database_refuses_in_one_line_and_uses_no_number_up(store: SqliteStore) -> None:
    event = NewEvent(EventType.ACCESS_DENIED, data={"pad": "x" * 1000})
    store.journal.append(event)
    store._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 60").fetchall())
    with pytest.raises(StoreFullError, match=r"edge\.db: the disk is full; free some space$"):
        append_without_end(store, event)
    seqs = [one.seq for one in store.journal.events()]
    assert seqs == list(range(1, len(seqs) + 1))
    store._writer.run(lambda connection: connection.execute("PRAGMA max_page_count = 100000").fetchall())
    assert store.journal.append(event).seq == len(seqs) + 1


def test_ballast_takes_real_room_is_laid_once_and_gone_when_freed(terminal: Terminal) -> None:
    terminal.open(ballast_bytes=300_000)
    ballast = terminal.folder / "ballast.bin"
    assert ballast.stat().st_size == 300_000
    assert ballast.stat().st_blocks * 512 >= 300_000
    assert lay_ballast(terminal.folder, 300_000)
    assert lay_ballast(terminal.folder, 400_000)
    assert ballast.stat().st_size == 400_000
    assert free_ballast(terminal.folder) == 400_000
    assert free_ballast(terminal.folder) == 0
    assert not lay_ballast(terminal.folder, 1 << 50)
    assert not ballast.exists()
