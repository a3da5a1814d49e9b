"""The parent with a child that plays a part: what it lets in, what it survives, how it ends."""

import json
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from edge.domain.access import AccessRules
from edge.domain.access_reason import Mode
from edge.domain.door_state import LockRules
from edge.domain.events import Event, EventType, NewEvent
from edge.errors import DeviceError, EdgeError, StoreError
from edge.runtime import ended_cleanly
from tests.daemon.conftest import ENDED, QUICK, READY, Parent, Step, recognised, wait_for

NOT_RECOGNISED: Step = {
    "kind": "not_recognised",
    "track": 2,
    "reason": "unknown",
    "hint": "",
    "frames": 5,
    "frame": 90,
    "at": 0.0,
    "first_seen": -1.0,
    "people": 1,
    "model_version": "fake-1",
}


def test_a_film_leads_to_one_grant_and_an_orderly_end(parent: Parent) -> None:
    parent.start(READY, recognised(parent.person.id), NOT_RECOGNISED, ENDED, until_end=True)
    assert parent.finish() is True
    assert parent.decided()[1:] == ["system.started", "access.granted", "access.denied", "system.stopped"]
    assert parent.types()[-1] == "system.stopped"
    assert [kind for kind in parent.types() if kind.startswith("door")] == ["door.unlocked", "door.locked"]
    (granted,) = parent.wait_for("access.granted")
    (denied,) = parent.wait_for("access.denied")
    assert granted.person == parent.person.id
    assert granted.data["reason"] == "face"
    assert granted.data["band"] == "clear"
    assert granted.data["percent"] == 99.46
    assert granted.data["frame"] == 41
    assert granted.data["reference"] == "ref-1"
    assert "score" not in granted.data
    assert 0 <= granted.data["latency_ms"] < 5000
    assert (denied.person, denied.data["reason"]) == (None, "unknown")


def test_the_grant_is_on_disk_before_the_relay_moves(parent: Parent) -> None:
    someone = recognised(parent.person.id)
    parent.start(READY, someone, someone, ENDED, until_end=True, door={"door": LockRules(pulse=3.0)})
    parent.finish()
    assert parent.lock.pulses == [(3.0, 1), (3.0, 2)]
    assert parent.lock.idles >= 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fpir": 0.02}, "second_factor_missing"),
        ({"fpir": None}, "second_factor_missing"),
        ({"at": -60.0}, "stale"),
        ({"at": 60.0}, "stale"),
        ({"person_id": "01JD0000000000000000000000"}, "unknown"),
        ({"person_id": ""}, "unknown"),
    ],
)
def test_who_may_not_pass_is_denied_with_the_reason(
    parent: Parent, changes: dict[str, Any], reason: str
) -> None:
    parent.start(READY, recognised(parent.person.id, **changes), ENDED, until_end=True)
    parent.finish()
    (denied,) = [event for event in parent.events() if event.type == EventType.ACCESS_DENIED]
    assert denied.data["reason"] == reason
    assert "access.granted" not in parent.types()
    assert parent.lock.pulses == []


@pytest.mark.parametrize("how", ["A. Tester", "1234"])
def test_a_child_that_names_people_otherwise_than_by_id_opens_nothing(parent: Parent, how: str) -> None:
    parent.start(READY, recognised(how), ENDED, until_end=True)
    parent.finish()
    assert parent.types()[-2:] == ["access.denied", "system.stopped"]
    assert parent.lock.pulses == []


def test_attendance_is_granted_and_moves_no_relay(parent: Parent) -> None:
    rules = {"access": AccessRules(mode=Mode.ATTENDANCE)}
    parent.start(READY, recognised(parent.person.id, fpir=0.5), ENDED, until_end=True, door=rules)
    parent.finish()
    assert parent.decided()[-2:] == ["access.granted", "system.stopped"]
    assert parent.lock.pulses == []


def test_somebody_removed_meanwhile_is_unknown(parent: Parent) -> None:
    parent.store.people.remove(person_id=parent.person.id, actor="test")
    parent.start(READY, recognised(parent.person.id), ENDED, until_end=True)
    parent.finish()
    (denied,) = [event for event in parent.events() if event.type == EventType.ACCESS_DENIED]
    assert (denied.person, denied.data["reason"]) == (None, "unknown")


def test_a_relay_that_fails_is_told_and_harms_nothing_else(
    parent: Parent, capfd: pytest.CaptureFixture[str]
) -> None:
    parent.lock.error = DeviceError("relay: no such line")
    parent.start(READY, recognised(parent.person.id), NOT_RECOGNISED, ENDED, until_end=True)
    assert parent.finish() is True
    assert parent.decided()[-3:] == ["access.granted", "access.denied", "system.stopped"]
    assert "relay: no such line" in capfd.readouterr().out
    assert parent.types().count("door.locked") == 1


class FailingJournal:
    """The real journal, which fails or hangs on demand."""

    def __init__(self, parent: Parent) -> None:
        self._store = parent.store
        self.people = parent.store.people
        self.query = parent.store.query
        self.journal = self
        self.failures = 0
        self.entered = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    def append(self, event: NewEvent) -> Event:
        if event.type != EventType.SYSTEM_STARTED:
            self.entered.set()
            self.gate.wait()
            if self.failures > 0:
                self.failures -= 1
                raise StoreError("edge.db: the disk is full")
        return self._store.journal.append(event)

    def events(self, *, since_seq: int = 0, limit: int = 1000) -> list[Event]:
        return self._store.journal.events(since_seq=since_seq, limit=limit)

    def last_seq(self) -> int:
        return self._store.journal.last_seq()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store.journal, name)

    def close(self) -> None:
        """Nothing: the fixture closes the real one."""


def test_nobody_is_let_in_while_the_journal_cannot_be_written_and_the_loss_is_counted(
    parent: Parent, capfd: pytest.CaptureFixture[str]
) -> None:
    journal = FailingJournal(parent)
    parent.used_store = journal
    journal.failures = 3
    someone = parent.person.id
    play = [recognised(someone, track=track) for track in (5, 6, 7, 8)]
    parent.start(READY, *play, ENDED, until_end=True)
    parent.finish()
    assert parent.decided()[1:] == ["system.started", "journal.gap", "access.granted", "system.stopped"]
    assert parent.wait_for("journal.gap")[0].data == {"lost": 3}
    assert [count for _, count in parent.lock.pulses] == [1]
    assert capfd.readouterr().out.count("nobody is let in") == 1


def test_a_grant_that_became_durable_too_late_moves_no_relay(parent: Parent) -> None:
    journal = FailingJournal(parent)
    parent.used_store = journal
    journal.gate.clear()
    parent.start(READY, recognised(parent.person.id), door={"stale": 2.0})
    assert journal.entered.wait(20)
    time.sleep(2.1)
    journal.gate.set()
    (denied,) = parent.wait_for("access.denied")
    parent.stop()
    assert denied.data["reason"] == "stale"
    assert parent.types().count("access.granted") == 1
    assert parent.lock.pulses == []


def test_it_ends_in_time_though_the_journal_hangs(parent: Parent) -> None:
    journal = FailingJournal(parent)
    parent.used_store = journal
    parent.start(READY, recognised(parent.person.id))
    parent.wait_for("access.granted")
    journal.gate.clear()
    assert parent.stop() is False
    journal.gate.set()
    parent.wait_for("system.stopped")


def test_what_finds_no_room_is_counted_once_the_journal_works_again(
    parent: Parent, capfd: pytest.CaptureFixture[str]
) -> None:
    journal = FailingJournal(parent)
    parent.used_store = journal
    journal.gate.clear()
    parent.start(READY, *[NOT_RECOGNISED] * 400, ["sleep", 0.5], NOT_RECOGNISED)
    wait_for(lambda: "journal is stuck" in capfd.readouterr().out)
    journal.gate.set()
    parent.wait_for("journal.gap")
    time.sleep(0.6)
    parent.stop()
    denied = parent.types().count("access.denied")
    lost = sum(gap.data["lost"] for gap in parent.wait_for("journal.gap"))
    assert denied + lost == 401
    assert denied >= 250


def _killed_once(parent: Parent, *how: Any) -> Sequence[Step]:
    return (READY, ["once", str(parent.folder / "marker")], *how)


@pytest.mark.parametrize(
    ("how", "cause"),
    [
        ([["kill", 9]], "signal SIGKILL"),
        ([["kill", 11]], "signal SIGSEGV"),
        ([["exit", 3]], "exit code 3"),
        ([["hang"]], "hang: no progress for 1.5 s"),
        ([["ignore-term"], ["hang"]], "hang: no progress for 1.5 s"),
        ([["stop-self"], ["sleep", 1]], "hang: no progress for 1.5 s"),
        ([["close-wire"], ["hang"]], "hang: it closed its wire and stayed"),
        ([["raw", "not json"]], "wire: line: Invalid JSON"),
        ([["raw", '{"kind":"open"}']], "wire: line: Input tag 'open'"),
        ([["flood"]], "wire: a line of more than 65536 bytes"),
        ([{"kind": "fatal", "line": "model: its checksum does not match"}], "model: its checksum"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_lost_child_is_told_once_and_replaced(
    parent: Parent, capfd: pytest.CaptureFixture[str], how: list[Step], cause: str
) -> None:
    play = _killed_once(parent, *how)
    parent.start(*play)
    (restarted,) = parent.wait_for("vision.restarted")
    wait_for((parent.folder / "marker").exists)
    said = ""
    until = time.monotonic() + 15
    while "vision works again" not in said and time.monotonic() < until:
        said += capfd.readouterr().out
        time.sleep(0.02)
    assert parent.stop() is True
    assert str(restarted.data["cause"]).startswith(cause)
    assert said.count("vision is gone") == 1
    assert said.count("vision works again") == 1
    assert parent.types().count("vision.restarted") == 1


def test_a_recognition_after_a_line_that_is_no_message_is_not_acted_on(parent: Parent) -> None:
    play = _killed_once(parent, ["raw", "garbage"], ["sleep", 0.2], recognised(parent.person.id), ["exit", 0])
    parent.start(*play)
    parent.wait_for("vision.restarted")
    parent.stop()
    assert parent.lock.pulses == []


def test_what_a_child_decided_before_it_died_still_counts(parent: Parent) -> None:
    play = _killed_once(parent, recognised(parent.person.id), ["kill", 9])
    parent.start(*play)
    parent.wait_for("vision.restarted")
    parent.stop()
    assert parent.types().count("access.granted") == 1


def test_what_the_child_started_dies_with_it(parent: Parent) -> None:
    pidfile = parent.folder / "pid"
    play = _killed_once(parent, ["spawn", str(pidfile)], ["kill", 9])
    parent.start(*play)
    parent.wait_for("vision.restarted")
    grandchild = int(pidfile.read_text())
    wait_for(lambda: _state(grandchild) in {"", "Z"})
    parent.stop()


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def test_many_restarts_leave_no_descriptor_and_no_zombie(parent: Parent) -> None:
    quick = replace(QUICK, first=0.01, longest=0.01)
    parent.start(READY, ["exit", 0], patience=quick)
    parent.wait_for("vision.restarted", 3)
    before = len(list(Path("/proc/self/fd").iterdir()))
    parent.wait_for("vision.restarted", 15)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 3  # those of the child that lives just now
    parent.stop()
    assert psutil.Process().children() == []


def test_settings_too_long_for_the_wire_are_refused_at_the_start(parent: Parent) -> None:
    with pytest.raises(EdgeError, match="at most 65536 are sent"):
        parent.start(READY, settings={"text": "x" * 70_000})


def test_a_film_that_cannot_be_read_ends_the_parent_though_the_child_was_ready(parent: Parent) -> None:
    parent.start(READY, {"kind": "fatal", "line": "film.avi: no such file"}, ["exit", 1], until_end=True)
    assert str(parent.finish()) == "film.avi: no such file"


def test_a_command_that_does_not_exist_is_told_once_and_tried_again(
    parent: Parent, capfd: pytest.CaptureFixture[str]
) -> None:
    parent.start(vision_command=["/nonexistent/vision"])
    parent.wait_for("vision.restarted")
    time.sleep(1.5)
    assert parent.stop() is True
    assert capfd.readouterr().out.count("vision is gone") == 1
    assert parent.types().count("vision.restarted") == 1


def test_a_child_that_cannot_work_from_the_start_ends_the_parent_with_its_line(parent: Parent) -> None:
    parent.start({"kind": "fatal", "line": "model x: its checksum does not match"}, ["exit", 1])
    ended = parent.finish()
    assert isinstance(ended, EdgeError)
    assert str(ended) == "model x: its checksum does not match"
    assert parent.types()[-1] == "system.stopped"


def test_each_change_of_the_camera_is_journaled_once_also_across_a_restart(parent: Parent) -> None:
    lost: Step = {"kind": "camera", "state": "lost", "detail": "no such device"}
    live: Step = {"kind": "camera", "state": "live"}
    parent.start(READY, lost, lost, ["once", str(parent.folder / "marker")], ["kill", 9])
    parent.wait_for("vision.restarted")
    (parent.folder / "play.json").write_text(json.dumps([READY, lost, live, live, ["hang"]]))
    parent.wait_for("vision.restarted", 2)
    parent.stop()
    kinds = [kind for kind in parent.types() if kind.startswith("camera")]
    assert kinds[:2] == ["camera.lost", "camera.restored"]


def test_a_covered_camera_and_its_return_are_journaled_once_each(parent: Parent) -> None:
    covered: Step = {"kind": "camera", "state": "covered", "detail": "dark"}
    live: Step = {"kind": "camera", "state": "live"}
    parent.start(READY, live, covered, covered, live, ["hang"])
    parent.wait_for("camera.restored")
    parent.stop()
    kinds = [kind for kind in parent.types() if kind.startswith("camera")]
    assert kinds == ["camera.covered", "camera.restored"]


def test_stderr_of_the_child_is_logged_and_bounded(parent: Parent, capfd: pytest.CaptureFixture[str]) -> None:
    hello = '{"level": "warning", "event": "hello", "self": 1, "n": 2}\n'
    parent.start(
        READY, ["stderr", hello], ["stderr", "plain\n"], ["stderr", "line\n" * 3000], ENDED, until_end=True
    )
    parent.finish()
    said = capfd.readouterr().out
    assert "hello" in said
    assert "plain" in said
    assert said.count("vision wrote") <= 200
    assert said.count("too much") == 1


def test_printed_events_are_what_the_journal_holds_in_order(parent: Parent) -> None:
    parent.read_fd, write = os.pipe()
    parent.start(READY, recognised(parent.person.id), ENDED, until_end=True, print_fd=write)
    parent.finish()
    os.close(write)
    lines = [json.loads(line) for line in os.read(parent.read_fd, 65536).splitlines()]
    assert [line["type"] for line in lines] == [
        "edge.system.started",
        "edge.access.granted",
        "edge.door.unlocked",
        "edge.door.locked",
        "edge.system.stopped",
    ]
    assert [line["id"] for line in lines] == [event.id for event in parent.events()[1:]]
    assert lines[1]["source"] == "edge/test"
    assert lines[1]["subject"] == parent.person.id


def test_a_reader_that_does_not_read_holds_up_neither_door_nor_end(parent: Parent) -> None:
    parent.read_fd, write = os.pipe()
    os.set_blocking(write, False)
    while True:
        try:
            os.write(write, b"x" * 4096)
        except BlockingIOError:
            break
    os.set_blocking(write, True)
    parent.start(READY, recognised(parent.person.id), ENDED, until_end=True, print_fd=write)
    assert parent.finish() is False
    assert parent.types()[-1] == "system.stopped"
    assert len(parent.lock.pulses) == 1
    os.read(parent.read_fd, 1 << 20)
    os.close(write)


def test_a_run_that_was_not_stopped_in_order_is_told_by_the_next(parent: Parent) -> None:
    parent.store.journal.append(NewEvent(EventType.SYSTEM_STARTED))
    parent.store.journal.append(NewEvent(EventType.ACCESS_DENIED))
    parent.start(READY, ENDED, until_end=True)
    parent.finish()
    assert parent.types()[-3:] == ["system.started", "system.recovered", "system.stopped"]
    parent.start(READY, ENDED, until_end=True)
    parent.result.clear()
    parent.finish()
    assert parent.types()[-2:] == ["system.started", "system.stopped"]


def test_how_the_last_run_ended_is_found_however_much_came_after_it(parent: Parent) -> None:
    journal, query = parent.store.journal, parent.store.query
    found = [ended_cleanly(query)]
    for kind in (EventType.SYSTEM_STARTED, EventType.SYSTEM_STOPPED, EventType.SYSTEM_STARTED):
        journal.append(NewEvent(kind))
        journal.append_many([NewEvent(EventType.ACCESS_DENIED)] * 1200)
        found.append(ended_cleanly(query))
    assert found == [True, False, True, False]


def test_a_parent_that_slept_does_not_take_its_child_for_hung(parent: Parent) -> None:
    """Signs of life that waited on the wire count, though they are read past the deadline."""
    parent.start(READY, patience=replace(QUICK, progress=0.8))
    runtime = parent.runtime
    assert runtime is not None
    wait_for(lambda: runtime.health()["vision"] == "running")
    turn = runtime._turn

    def slow_turn() -> None:
        time.sleep(1.2)  # longer than the patience with the child
        turn()

    runtime._turn = slow_turn  # type: ignore[method-assign]
    time.sleep(3)
    runtime._turn = turn  # type: ignore[method-assign]
    parent.stop()
    assert "vision.restarted" not in parent.types()


def test_an_idle_parent_sleeps(parent: Parent) -> None:
    parent.start(READY, ["ignore-term"], ["sleep", 1.2], ["sleep", 0.1])
    wait_for(lambda: parent.thread is not None and parent.thread.is_alive())
    time.sleep(0.3)
    before = time.process_time()
    time.sleep(0.8)
    assert time.process_time() - before < 0.2
    parent.stop()


def test_the_health_tells_how_the_door_stands(parent: Parent) -> None:
    parent.start(READY, recognised(parent.person.id))
    runtime = parent.runtime
    assert runtime is not None
    wait_for(lambda: runtime.health()["door"]["state"] == "unlocked")
    door = runtime.health()["doors"][0]
    assert (door["phase"], door["causes"], door["contact"], door["trouble"]) == (
        "unlocked",
        ["grant"],
        None,
        [],
    )
    parent.stop()
    assert runtime.health()["door"]["state"] == "locked"


def test_a_terminal_without_a_relay_has_no_door(parent: Parent) -> None:
    parent.start(READY, recognised(parent.person.id), ENDED, until_end=True, door={"lock": None})
    parent.finish()
    assert parent.runtime is not None
    assert parent.runtime.health()["door"] is None
    assert parent.types()[-2:] == ["access.granted", "system.stopped"]
