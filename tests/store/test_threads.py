import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from edge.adapters.store_sqlite import SqliteStore, writer
from edge.adapters.store_sqlite.stamp import ReadyEvent
from edge.domain.events import Event, EventType, NewEvent
from edge.errors import ConflictError, GalleryChangedError, StoreBusyError, StoreError, StoreUncertainError
from tests.store.conftest import MODEL, Terminal


def numbered(thread: int, number: int) -> NewEvent:
    return NewEvent(EventType.ACCESS_DENIED, data={"thread": thread, "number": number})


def test_threads_that_append_lose_nothing_and_keep_each_ones_order(store: SqliteStore) -> None:
    def append(thread: int) -> list[int]:
        return [store.journal.append(numbered(thread, number)).seq for number in range(40)]

    with ThreadPoolExecutor(8) as pool:
        returned = list(pool.map(append, range(8)))
    events = store.journal.events()
    assert [event.seq for event in events] == list(range(1, 321))
    by_seq = {event.seq: (event.data["thread"], event.data["number"]) for event in events}
    for thread, seqs in enumerate(returned):
        assert seqs == sorted(seqs)
        assert [by_seq[seq] for seq in seqs] == [(thread, number) for number in range(40)]


def test_of_enrolments_checked_at_the_same_generation_one_is_written(
    terminal: Terminal, store: SqliteStore
) -> None:
    seen = store.people.generation()
    references = [terminal.reference() for _ in range(6)]
    together = threading.Barrier(6)

    def enrol(number: int) -> bool:
        together.wait()
        try:
            store.people.enrol(
                name=f"P{number}",
                external_id=None,
                references=[references[number]],
                seen_generation=seen,
                actor="t",
            )
        except GalleryChangedError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(enrol, range(6))) == 1
    assert len(store.people.people()) == 1


class Plug:
    """A write that goes on until it is pulled."""

    def __init__(self, store: SqliteStore) -> None:
        self._begun = threading.Event()
        self._pulled = threading.Event()
        self._write = store._writer._thread.submit(store._writer._transaction, self._wait, erase=False)
        assert self._begun.wait(10)

    def _wait(self, connection: object) -> None:
        assert connection
        self._begun.set()
        assert self._pulled.wait(30)

    def pull(self) -> None:
        self._pulled.set()
        self._write.result()


def test_reads_do_not_wait_for_a_write_that_takes_its_time(terminal: Terminal, store: SqliteStore) -> None:
    terminal.enrol(store)
    plug = Plug(store)
    try:
        with ThreadPoolExecutor(8) as pool:  # more threads than idle connections
            counts = pool.map(
                lambda _: len(store.people.references(MODEL)) + store.journal.last_seq(), range(40)
            )
            assert list(counts) == [2] * 40
    finally:
        plug.pull()


def test_a_write_that_gets_no_turn_gives_up_and_is_never_made(terminal: Terminal) -> None:
    store = terminal.open(timeout=0.2)
    plug = Plug(store)
    try:
        with pytest.raises(StoreBusyError, match="nothing was written") as caught:
            store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
        assert str(terminal.path) in str(caught.value)
    finally:
        plug.pull()
    assert store.journal.append(NewEvent(EventType.SYSTEM_STOPPED)).seq == 1


def test_a_write_that_began_but_does_not_end_in_time_says_that_it_may_yet_be_written(
    terminal: Terminal,
) -> None:
    store = terminal.open(timeout=0.2)
    pulled = threading.Event()

    def slow(connection: object) -> None:
        assert connection
        assert pulled.wait(30)

    with pytest.raises(StoreUncertainError, match="may yet be written"):
        store._writer.run(slow)
    pulled.set()
    assert store.journal.append(NewEvent(EventType.SYSTEM_STARTED)).seq == 1


@pytest.mark.parametrize("commits", [True, False])
def test_what_became_of_an_event_in_doubt_is_told_once_it_is_known(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, *, commits: bool
) -> None:
    store = terminal.open(timeout=0.2)
    pulled, known = threading.Event(), threading.Event()
    insert = ReadyEvent.insert

    def slow(ready: ReadyEvent, connection: sqlite3.Connection) -> Event:
        event = insert(ready, connection)
        assert pulled.wait(30)
        if not commits:
            raise sqlite3.OperationalError("disk I/O error")
        return event

    monkeypatch.setattr(ReadyEvent, "insert", slow)
    with pytest.raises(StoreUncertainError) as caught:
        store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    caught.value.then(known.set)
    with pytest.raises(TimeoutError):
        caught.value.result(0)
    assert not known.is_set()
    pulled.set()
    assert known.wait(10)
    written = store.journal.events()
    assert [caught.value.result()] == (written if commits else [None])
    assert len(written) == commits


def test_the_queue_of_waiting_writes_is_bounded(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "QUEUE", 2)
    store = terminal.open(timeout=5)
    plug = Plug(store)
    event = NewEvent(EventType.SYSTEM_STARTED)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(store.journal.append, event) for _ in range(2)]
        while store._writer._thread._work_queue.qsize() < 2:
            threading.Event().wait(0.005)
        monkeypatch.setattr(store._writer, "_timeout", 0.05)
        with pytest.raises(StoreBusyError, match=r"2 writes are waiting; the disk is too slow or stuck"):
            store.journal.append(event)
        plug.pull()
        assert sorted(one.result().seq for one in waiting) == [1, 2]
    assert store.journal.append(event).seq == 3


def test_closing_finishes_what_waits(terminal: Terminal) -> None:
    store = terminal.open()
    plug = Plug(store)
    with ThreadPoolExecutor(12) as pool:
        waiting = [pool.submit(store.journal.append, numbered(0, number)) for number in range(10)]
        while store._writer._thread._work_queue.qsize() < 10:
            threading.Event().wait(0.005)
        closing = pool.submit(store.close)
        plug.pull()
        assert sorted(one.result().seq for one in waiting) == list(range(1, 11))
        closing.result()
    assert len(terminal.open().journal.events()) == 10


def test_an_exception_in_a_write_reaches_its_caller_and_undoes_the_write(store: SqliteStore) -> None:
    class OddError(Exception):
        pass

    def fail(connection: object) -> None:
        connection.execute("INSERT INTO generation VALUES ('x', 1)")  # type: ignore[attr-defined]
        raise OddError

    with pytest.raises(OddError):
        store._writer.run(fail)
    assert store._pool.rows("SELECT * FROM generation WHERE name = 'x'") == []
    with pytest.raises(ConflictError):
        store.journal.advance("mqtt", 5)
    assert store.journal.append(NewEvent(EventType.SYSTEM_STARTED)).seq == 1


def test_no_thread_or_descriptor_is_left_behind(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "data")
    terminal.open().close()
    before = threading.active_count(), descriptors()
    for _ in range(20):
        store = terminal.open()
        store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
        with pytest.raises(StoreError):
            terminal.open()
        store.close()
    assert (threading.active_count(), descriptors()) == before


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
