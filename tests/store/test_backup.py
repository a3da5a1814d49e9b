"""A backup is taken from a database in use, and put back without losing what must not be lost."""

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from edge.adapters.backup_file import FRAME, MAGIC, read_backup, write_backup
from edge.adapters.clock_system import ClockSystem
from edge.adapters.store_sqlite import SqliteStore, copy_database, open_store
from edge.backup import KEPT, SHORTEST, WAITING, BackupDesk
from edge.bootstrap.backup import backup_desk, switch_to_waiting
from edge.config import Settings, load_settings
from edge.domain.events import EventType, NewEvent
from edge.domain.person import NewReference
from edge.errors import BackupError, StoreBusyError, StoreError

PASSPHRASE = "seven green umbrellas"
WRONG = "damaged or cut off|passphrase is wrong"


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.adapters.backup_file.COST", {"n": 1024, "r": 8, "p": 1})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    data = tmp_path / "data"
    (data / "backups").mkdir(parents=True)
    file = tmp_path / "edge.toml"
    file.write_text('[storage]\ndata_dir = "data"\nballast_mib = 0\n', encoding="utf-8")
    return load_settings(file, environ={})


@pytest.fixture
def store(settings: Settings) -> Iterator[SqliteStore]:
    with closing(opened(settings)) as found:
        yield found


def opened(settings: Settings) -> SqliteStore:
    return open_store(settings.database, clock=ClockSystem(), boot_id="boot", ballast_bytes=0)


def desk_of(settings: Settings, store: SqliteStore) -> BackupDesk:
    return backup_desk(settings, store.journal, store.query, ClockSystem())


def enrol(store: SqliteStore, name: str) -> str:
    vector = np.ones(4, np.float32)
    found = store.people.enrol(
        name=name,
        external_id=None,
        references=[NewReference("m", vector, "camera")],
        seen_generation=store.people.generation(),
        actor="admin:mori",
    )
    return found.id


def taken(settings: Settings, store: SqliteStore) -> Path:
    file = settings.data_dir.parent / "one.edgebackup"
    with file.open("wb") as out:
        about = desk_of(settings, store).take(out, PASSPHRASE, actor="admin:mori")
    assert about["people"] == len(store.people.people())
    return file


def put_back(settings: Settings, file: Path, passphrase: str = PASSPHRASE) -> dict[str, object]:
    with closing(opened(settings)) as store:
        return desk_of(settings, store).put_back(file, passphrase, actor="admin:yui")


def test_what_was_lost_is_there_again_under_a_new_journal(settings: Settings, store: SqliteStore) -> None:
    enrol(store, "Yui")
    before = store.journal.uuid
    file = taken(settings, store)
    enrol(store, "Ken")
    store.close()
    about = put_back(settings, file)
    assert (about["people"], about["device"]) == (1, "terminal")
    with closing(opened(settings)) as same:
        assert len(same.people.people()) == 2  # nothing changes before the next start
    assert switch_to_waiting(settings)
    with closing(opened(settings)) as new:
        assert [person.name for person in new.people.people()] == ["Yui"]
        last = new.journal.events()[-1]
        assert last.type == EventType.ADMIN_BACKUP_RESTORED
        assert last.data["actor"] == "admin:yui"
        assert new.journal.uuid != before
        assert last.id.startswith(new.journal.uuid)
    assert not switch_to_waiting(settings)
    kept = next((settings.data_dir / "backups").iterdir())
    with closing(sqlite3.connect(kept / "edge.db")) as old:
        assert old.execute("SELECT count(*) FROM person").fetchone()[0] == 2


def test_somebody_who_was_forgotten_does_not_come_back(settings: Settings, store: SqliteStore) -> None:
    gone, stays = enrol(store, "Yui"), enrol(store, "Ken")
    file = taken(settings, store)
    store.people.remove(person_id=gone, actor="admin:mori")
    store.close()
    put_back(settings, file)
    switch_to_waiting(settings)
    with closing(opened(settings)) as new:
        assert [person.id for person in new.people.people()] == [stays]
    assert b"Yui" not in (settings.database).read_bytes()


@pytest.mark.usefixtures("store")
def test_it_holds_no_session_and_no_code(settings: Settings) -> None:
    who, secret = "01JD0000000000000000000000", "c" * 64
    with closing(sqlite3.connect(settings.database)) as other:
        other.execute("INSERT INTO admin VALUES (?, 'mori', 'admin', 1, 'p', NULL, 0, 't', NULL)", [who])
        session = "INSERT INTO admin_session VALUES (?, ?, 'b', 0, 0, 0, 1, 'a', 'g', 't')"
        other.execute(session, [secret, who])
        other.execute("INSERT INTO admin_code VALUES (?, 'setup', 'admin', NULL, 9e9, 'uid:0')", ["d" * 64])
        other.commit()
    copy = settings.data_dir / "copy.db"
    copy_database(settings.database, copy)
    data = copy.read_bytes()
    assert secret.encode() not in data
    assert b"d" * 64 not in data
    assert b"mori" in data


def test_the_file_says_nothing_without_its_passphrase(settings: Settings, store: SqliteStore) -> None:
    enrol(store, "Yui Sato of the porch")
    file = taken(settings, store)
    data = file.read_bytes()
    assert data.startswith(MAGIC)
    assert b"Yui Sato" not in data
    assert b"SQLite" not in data
    with pytest.raises(BackupError, match="the passphrase is wrong"):
        desk_of(settings, store).put_back(file, PASSPHRASE + "!", actor="a")
    assert desk_of(settings, store).waiting() is None
    assert not list(settings.data_dir.glob(".restore-*"))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda data: data[:-1], WRONG),
        (lambda data: data[: len(data) // 2], WRONG),
        (lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:], WRONG),
        (lambda data: data + b"x", WRONG),
        (lambda data: b"PK" + data, "none of this program"),
        (lambda data: data.replace(b'"n": 1024', b'"n": 99999999'), "beginning is damaged"),
        (lambda data: data.replace(b"scrypt", b"scry"), "passphrase is wrong"),
        (lambda data: MAGIC + b"{}\n" + data, "beginning is damaged"),
        (lambda _: b"", "none of this program"),
    ],
)
def test_a_damaged_backup_changes_nothing(
    settings: Settings, store: SqliteStore, damage: object, says: str
) -> None:
    file = taken(settings, store)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    events = store.journal.last_seq()
    with pytest.raises(BackupError, match=says):
        desk_of(settings, store).put_back(file, PASSPHRASE, actor="a")
    assert store.journal.last_seq() == events
    assert not (settings.data_dir / WAITING).exists()


def test_frames_cannot_be_swapped_or_left_out(tmp_path: Path) -> None:
    database = tmp_path / "edge.db"
    database.write_bytes(np.random.default_rng(1).bytes(5 * FRAME))
    out = io.BytesIO()
    write_backup(out, database, {"format": 1}, PASSPHRASE)
    data = out.getvalue()
    begin = data.index(b"\n", len(MAGIC)) + 1
    head, body, length = data[:begin], data[begin:], FRAME + 16
    frames = [body[at : at + length] for at in range(0, len(body), length)]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    for wrong in ([frames[1], frames[0], *frames[2:]], [frames[0], *frames[2:]], frames[:-1]):
        (tmp_path / "wrong").write_bytes(head + b"".join(wrong))
        with pytest.raises(BackupError):
            read_backup(tmp_path / "wrong", scratch, PASSPHRASE)
    (tmp_path / "right").write_bytes(data)
    assert read_backup(tmp_path / "right", scratch, PASSPHRASE) == {"format": 1}
    assert (scratch / "edge.db").read_bytes() == database.read_bytes()


def test_a_database_that_is_damaged_inside_is_refused(settings: Settings, store: SqliteStore) -> None:
    for number in range(200):
        enrol(store, f"Person {number}")
    copy = settings.data_dir / "copy.db"
    copy_database(settings.database, copy)
    data = bytearray(copy.read_bytes())
    data[8192:12288] = bytes(4096)
    copy.write_bytes(data)
    file = settings.data_dir.parent / "bad.edgebackup"
    with file.open("wb") as out:
        write_backup(out, copy, {"format": 1, "taken": "2026"}, PASSPHRASE)
    with pytest.raises(StoreError):
        desk_of(settings, store).put_back(file, PASSPHRASE, actor="a")
    assert desk_of(settings, store).waiting() is None


@pytest.mark.parametrize("passphrase", ["", "x" * (SHORTEST - 1), "x" * 2000])
def test_a_passphrase_that_protects_nothing_is_refused(
    settings: Settings, store: SqliteStore, passphrase: str
) -> None:
    out = io.BytesIO()
    with pytest.raises(BackupError, match="passphrase"):
        desk_of(settings, store).take(out, passphrase, actor="a")
    assert out.getvalue() == b""
    assert store.journal.last_seq() == 0


def test_it_is_written_down_who_took_one(settings: Settings, store: SqliteStore) -> None:
    taken(settings, store)
    last = store.journal.events()[-1]
    assert (last.type, last.data["actor"]) == (EventType.ADMIN_BACKUP_TAKEN, "admin:mori")


def test_a_waiting_backup_can_be_dropped(settings: Settings, store: SqliteStore) -> None:
    file = taken(settings, store)
    desk = desk_of(settings, store)
    desk.put_back(file, PASSPHRASE, actor="a")
    waiting = desk.waiting()
    assert waiting is not None
    assert waiting["device"] == "terminal"
    desk.drop()
    assert desk.waiting() is None
    store.close()
    assert not switch_to_waiting(settings)


def test_nothing_is_switched_under_a_running_daemon(settings: Settings, store: SqliteStore) -> None:
    file = taken(settings, store)
    desk_of(settings, store).put_back(file, PASSPHRASE, actor="a")
    with pytest.raises(StoreBusyError):
        switch_to_waiting(settings)
    assert settings.database.exists()


def test_a_power_cut_in_the_middle_of_the_switch_is_made_good(settings: Settings, store: SqliteStore) -> None:
    enrol(store, "Yui")
    file = taken(settings, store)
    store.close()
    put_back(settings, file)
    aside = settings.data_dir / "backups" / "before-restore-cut"
    aside.mkdir()
    settings.database.rename(aside / "edge.db")  # the old one is away, the new one not there yet
    assert switch_to_waiting(settings)
    with closing(opened(settings)) as new:
        assert [person.name for person in new.people.people()] == ["Yui"]


def test_replaced_databases_are_deleted_after_some_weeks(settings: Settings) -> None:
    from edge.backup import expire_kept

    old = settings.data_dir / "backups" / "before-restore-20260101T000000Z"
    own = settings.data_dir / "backups" / "mine"
    old.mkdir()
    own.mkdir()
    expire_kept(settings.data_dir, old.stat().st_mtime + KEPT - 60)
    assert old.exists()
    expire_kept(settings.data_dir, old.stat().st_mtime + KEPT + 60)
    assert not old.exists()
    assert own.exists()


def test_writing_goes_on_while_a_backup_is_taken(settings: Settings, store: SqliteStore) -> None:
    copy = settings.data_dir / "copy.db"
    facts = copy_database(settings.database, copy)
    store.journal.append(NewEvent(EventType.CAMERA_LOST))
    assert facts.events == store.journal.last_seq() - 1
