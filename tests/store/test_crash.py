import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from edge.adapters.store_sqlite import open_reader
from tests.store.acknowledged import Acknowledged, check_integrity
from tests.store.conftest import MODEL, Terminal

APPENDER = Path(__file__).with_name("appender.py")
KILLS = 30


def start_appender(terminal: Terminal) -> subprocess.Popen[str]:
    terminal.folder.mkdir(exist_ok=True)
    command = [sys.executable, str(APPENDER), str(terminal.path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_writer_killed_at_random_loses_nothing_it_acknowledged(terminal: Terminal) -> None:
    chance = random.Random(20_240_607)  # noqa: S311 - moments to kill at, no secrets
    acknowledged = Acknowledged()
    for _ in range(KILLS):
        child = start_appender(terminal)
        assert child.stdout
        first = child.stdout.readline()  # it started cleanly from what the last kill left
        assert first.startswith("seq ")
        threading.Event().wait(chance.uniform(0, 0.15))
        child.send_signal(signal.SIGKILL)
        acknowledged.note([first, *child.stdout])
        assert child.wait() == -signal.SIGKILL
        child.stdout.close()
        store = terminal.open()
        acknowledged.check(store)
        store.close()
        check_integrity(terminal.path)
    assert acknowledged.seq > KILLS


def test_a_store_knows_that_the_last_writer_was_killed(terminal: Terminal) -> None:
    child = start_appender(terminal)
    assert child.stdout
    child.stdout.readline()
    child.kill()
    child.wait()
    child.stdout.close()
    store = terminal.open()
    assert store.recovered
    store.close()
    again = terminal.open()
    assert not again.recovered


def test_a_reader_of_another_process_sees_changes_by_their_generation_while_it_writes_and_after_a_kill(
    terminal: Terminal,
) -> None:
    child = start_appender(terminal)
    assert child.stdout
    said = [child.stdout.readline()]
    reader = open_reader(terminal.path)
    generations = [reader.generation()]
    while sum(line.startswith("enrolled") for line in said) < 3:
        said.append(child.stdout.readline())
        if said[-1].startswith("enrolled"):
            generations.append(reader.generation())
            person_id = said[-1].split()[1]
            assert person_id in {reference.person_id for reference in reader.references(MODEL)}
    assert generations == sorted(set(generations))
    child.kill()
    said += child.stdout
    child.wait()
    child.stdout.close()
    acknowledged = Acknowledged()
    acknowledged.note(said)
    for after in (reader, open_reader(terminal.path)):
        people = {person.id for person in after.people()}
        assert people >= acknowledged.enrolled - acknowledged.removing
        assert after.journal.last_seq() >= acknowledged.seq
        after.close()


def test_a_reader_starts_after_a_crash_also_where_the_index_of_the_log_is_gone(terminal: Terminal) -> None:
    child = start_appender(terminal)
    assert child.stdout
    child.stdout.readline()
    child.kill()
    child.wait()
    child.stdout.close()
    os.unlink(terminal.path.with_name("edge.db-shm"))  # noqa: PTH108 - as a power cut would, behind SQLite's back
    reader = open_reader(terminal.path)
    assert reader.journal.last_seq() >= 1
    reader.close()
