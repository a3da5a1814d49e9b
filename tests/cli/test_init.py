import json
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from edge.adapters.store_sqlite.lock import WriterLock
from edge.adapters.store_sqlite.migrate import VERSIONS, migrate
from edge.adapters.store_sqlite.schema import APPLICATION_ID
from edge.ports import Journal
from tests.cli.conftest import Run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def new(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder that is not there yet, in a folder that is not there yet either."""
    monkeypatch.setenv("EDGE_DATA_DIR", str(data_dir / "a" / "人"))
    return data_dir / "a" / "人"


def test_init_makes_private_folders_and_a_database_and_says_what_is_next(run: Run, new: Path) -> None:
    os.umask(old := os.umask(0))
    assert old is not None
    answer = run("init")
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[:4] == [
        f"made {new}",
        f"made {new / 'models'}",
        f"made {new / 'backups'}",
        f"made {new / 'edge.db'}",
    ]
    assert "next: edgectl models prepare" in lines
    assert "next: edgectl people add NAME PHOTO…" in lines
    assert [mode(path) for path in (new, new / "models", new / "backups")] == [0o700] * 3
    assert mode(new / "edge.db") == 0o600


def test_init_again_keeps_everything(run: Run, new: Path) -> None:
    run("init")
    before = (new / "edge.db").read_bytes()
    answer = run("init")
    assert answer.status == 0
    assert answer.out.splitlines()[0] == f"{new}: everything is there"
    assert (new / "edge.db").read_bytes() == before
    assert json.loads(run("init", "--json").out)["made"] == []


def test_init_beside_a_running_daemon_is_fine(run: Run, journal: Journal) -> None:
    answer = run("init")
    assert (answer.status, answer.err) == (0, "")
    assert journal.last_seq() == 5


def test_init_beside_a_daemon_of_an_older_version_says_what_to_stop(run: Run, data_dir: Path) -> None:
    path = data_dir / "edge.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrate(path, connection, VERSIONS[:-1])
    connection.execute("INSERT INTO journal (uuid, created, why) VALUES (?, '', 'created')", ["0" * 36])
    connection.close()
    lock = WriterLock(data_dir)
    answer = run("init")
    lock.release()
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith(f"edgectl: error: {data_dir}/edge.lock: process {os.getpid()} writes to ")
    assert "older version (schema " in answer.err
    assert answer.err.count("\n") == 1
    assert run("init").status == 0


def test_init_tells_programs_what_it_made(run: Run, new: Path) -> None:
    made = json.loads(run("init", "--json").out)
    assert made["data_dir"] == str(new)
    assert made["made"] == [str(new), str(new / "models"), str(new / "backups"), str(new / "edge.db")]


def test_init_writes_a_configuration_that_loads_and_never_over_one(run: Run, new: Path) -> None:
    file = new.parent.parent / "etc" / "edge.toml"
    answer = run("--config", str(file), "init", "--write-config")
    assert answer.status == 0
    assert answer.out.splitlines()[0] == f"made {file}"
    assert mode(file) == 0o640
    assert run("config", "check", str(file)).status == 0
    file.write_text("[camera]\nrate = 5\n", encoding="utf-8")
    again = run("--config", str(file), "init", "--write-config")
    assert again.status == 0
    assert f"made {file}" not in again.out
    assert file.read_text(encoding="utf-8") == "[camera]\nrate = 5\n"


def test_a_configuration_that_cannot_be_written_is_an_error(run: Run, data_dir: Path) -> None:
    (data_dir / "file").touch()
    answer = run("--config", str(data_dir / "file" / "edge.toml"), "init", "--write-config")
    assert (answer.status, answer.out) == (1, "")
    assert answer.err.startswith(f"edgectl: error: {data_dir}/file/edge.toml: it ")
    folder = run("--config", str(data_dir), "init", "--write-config")
    assert folder.status == 1
    assert "is in the way of a configuration file" in folder.err


def test_a_data_folder_that_cannot_be_made_is_an_error(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data_dir / "file").touch()
    monkeypatch.setenv("EDGE_DATA_DIR", str(data_dir / "file" / "state"))
    answer = run("init")
    assert (answer.status, answer.out) == (1, "")
    assert "the folder cannot be made" in answer.err
    assert answer.err.count("\n") == 1


def test_a_file_that_is_no_database_is_left_as_it_is(run: Run, data_dir: Path) -> None:
    (data_dir / "edge.db").write_text("my diary, " * 20, encoding="utf-8")
    before = sorted(data_dir.iterdir())
    answer = run("init")
    assert answer.status == 1
    assert f"edgectl: error: {data_dir}/edge.db: this is no database" in answer.err
    assert (data_dir / "edge.db").read_text(encoding="utf-8") == "my diary, " * 20
    assert sorted(data_dir.iterdir()) == before


def test_a_wrong_configuration_makes_nothing(run: Run, new: Path) -> None:
    file = new.parent.parent / "edge.toml"
    file.write_text("[camera]\nrate = 0\nbogus = 1\n", encoding="utf-8")
    answer = run("--config", str(file), "init")
    assert answer.status == 1
    assert [line.split(": ")[3] for line in answer.err.splitlines()] == ["camera.rate", "camera.bogus"]
    assert not new.exists()
