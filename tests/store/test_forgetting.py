import sqlite3
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from edge.adapters.store_sqlite import SqliteStore
from edge.adapters.store_sqlite.connection import connect_reader
from edge.adapters.store_sqlite.crop_png import png
from edge.domain.events import EventType, NewEvent
from tests.store.conftest import MODEL, Terminal

NAME = "Forgotten Person 花子"
NUMBER = "NUMBER-4711-X"
SOURCE = "portrait-of-forgotten.jpg"


def enrol_with_everything(terminal: Terminal, store: SqliteStore) -> tuple[str, list[bytes]]:
    """Enrol somebody with five vectors and a large crop; return the id and every text that must go."""
    crop = np.random.default_rng(5).integers(0, 256, (150, 150, 3), np.uint8)
    references = [terminal.reference(source=SOURCE) for _ in range(4)]
    references.append(replace(terminal.reference(source=SOURCE), crop=crop))
    person = terminal.enrol(store, NAME, references, external_id=NUMBER)
    texts = [NAME.encode(), NUMBER.encode(), SOURCE.encode()]
    texts += [reference.vector.tobytes()[:64] for reference in references]
    picture = png(crop)
    texts += [picture[at : at + 64] for at in range(200, len(picture) - 64, 3000)]
    return person.id, texts


@pytest.mark.parametrize("others", [0, 40])
def test_nothing_of_a_removed_person_is_left_in_the_files(
    terminal: Terminal, store: SqliteStore, files_of: Callable[[], bytes], others: int
) -> None:
    for number in range(others):
        terminal.enrol(store, f"Other {number}", [terminal.reference() for _ in range(3)])
    person_id, texts = enrol_with_everything(terminal, store)
    for number in range(others):
        terminal.enrol(store, f"Later {number}", [terminal.reference() for _ in range(3)])
    there = files_of()
    assert all(text in there for text in texts)
    store.people.remove(person_id=person_id, actor="t")
    left = files_of()
    assert [text for text in texts if text in left] == []
    assert person_id.encode() in left
    assert len(store.people.reference_ids(MODEL)) == others * 6


def test_an_old_name_is_gone_from_the_files_after_a_change(
    terminal: Terminal, store: SqliteStore, files_of: Callable[[], bytes]
) -> None:
    person = terminal.enrol(store, NAME, external_id=NUMBER)
    store.people.update(replace(person, name="New", external_id=None), actor="t")
    left = files_of()
    assert NAME.encode() not in left
    assert NUMBER.encode() not in left


def test_many_comings_and_goings_leave_no_remnant_on_any_page(
    terminal: Terminal, store: SqliteStore, files_of: Callable[[], bytes]
) -> None:
    random = np.random.default_rng(7)
    here: dict[str, list[bytes]] = {}
    gone: list[bytes] = []
    for number in range(150):
        if here and random.random() < 0.45:
            person_id = str(random.choice(list(here)))
            gone += here.pop(person_id)
            store.people.remove(person_id=person_id, actor="t")
        else:
            name = f"person-{number:04}-" + "n" * int(random.choice([1, 60, 150, 4000]))
            references = [terminal.reference() for _ in range(int(random.integers(1, 6)))]
            person = terminal.enrol(store, name, references, external_id=f"number-{number:04}")
            vectors = [reference.vector.tobytes()[100:164] for reference in references]
            here[person.id] = [f"person-{number:04}-".encode(), f"number-{number:04}".encode(), *vectors]
    person_id, texts = enrol_with_everything(terminal, store)
    store.people.remove(person_id=person_id, actor="t")
    left = files_of()
    assert [text for text in gone + texts if text in left] == []
    assert all(text in left for texts in here.values() for text in texts)


def test_a_reader_in_the_middle_of_a_read_delays_erasure_to_the_next_write_only_and_no_write(
    terminal: Terminal, files_of: Callable[[], bytes]
) -> None:
    store = terminal.open(timeout=2.0)  # s; other connections wait for more than that while one is busy
    person_id, texts = enrol_with_everything(terminal, store)
    reader = connect_reader(terminal.path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM person").fetchall()
    store.people.remove(person_id=person_id, actor="t")
    assert any(text in files_of() for text in texts)
    store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    assert any(text in files_of() for text in texts)
    reader.execute("COMMIT")
    terminal.enrol(store, "Next")
    left = files_of()
    assert [text for text in texts if text in left] == []
    reader.close()


def test_a_crash_before_the_erasure_is_made_good_at_the_next_start(
    terminal: Terminal, files_of: Callable[[], bytes]
) -> None:
    store = terminal.open()
    person_id, texts = enrol_with_everything(terminal, store)
    store._writer.run(lambda connection: connection.execute("DELETE FROM person WHERE id = ?", [person_id]))
    assert any(text in files_of() for text in texts)
    whole = {path.name: path.read_bytes() for path in terminal.folder.iterdir()}
    store.close()
    for name in ("edge.db", "edge.db-wal"):  # as a kill at that moment would have left them
        (terminal.folder / name).write_bytes(whole[name])
    again = terminal.open()
    assert again.recovered
    left = files_of()
    assert [text for text in texts if text in left] == []


def test_a_disk_that_fails_after_the_commit_undoes_nothing_and_delays_erasure_to_the_next_write(
    terminal: Terminal, files_of: Callable[[], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = terminal.open(ballast_bytes=300_000)
    person_id, texts = enrol_with_everything(terminal, store)

    def full() -> bool:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(store._writer, "_checkpoint", full)
        store.people.remove(person_id=person_id, actor="t")
        assert store.people.people() == []
        assert any(text in files_of() for text in texts)
    assert (terminal.folder / "ballast.bin").exists()
    assert [event.type for event in store.journal.events()][-1] is EventType.PERSON_REMOVED
    store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    left = files_of()
    assert [text for text in texts if text in left] == []
