"""The same commands beside a running daemon: it writes, follows at once, and only it moves the door."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.bootstrap.storage import open_reader, open_store
from edge.config import load_settings
from edge.domain.events import EventType
from edge.domain.person import NewReference
from tests.cli.conftest import Run
from tests.daemon.conftest import READY, recognised, wait_for
from tests.daemon.test_edged import Edged

CONFIG = """
[camera]
source = "replay:film.avi"
[door]
relay = "recording"
[attendance]
double_seconds = 0.0
[web]
enabled = false
"""


@pytest.fixture
def beside(run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Run, Edged]]:
    """Return `edgectl` and a running `edged`, whose vision sees Hanako at the start."""
    folder = data_dir.parent
    (folder / "edge.toml").write_text(CONFIG)
    monkeypatch.setenv("EDGE_CONFIG", str(folder / "edge.toml"))
    with closing(open_store(load_settings(), create=True)) as store:
        person = store.people.enrol(
            name="Hanako",
            external_id="44",
            references=[NewReference("fake-1", np.ones(128, np.float32), "a.jpg")],
            seen_generation=store.people.generation(),
            actor="test",
        )
    edged = Edged(folder, [READY, recognised(person.id)])
    try:
        edged.wait_ready()
        yield run, edged
    finally:
        edged.process.kill()
        edged.process.wait()
        assert edged.process.stdout is not None
        edged.process.stdout.close()
        edged.log.close()


def ok(answer: Any) -> Any:
    assert answer.status == 0, answer.err
    return json.loads(answer.out) if answer.out.startswith(("{", "[")) else answer.out


def kinds() -> list[str]:
    with closing(open_reader(load_settings())) as reader:
        return [str(event.type) for event in reader.journal.events()]


def test_everything_the_office_does_works_beside_the_daemon(beside: tuple[Run, Edged]) -> None:
    edgectl, edged = beside
    wait_for(lambda: "attendance.punched" in kinds())
    assert [row["name"] for row in ok(edgectl("inside", "--json"))] == ["Hanako"]

    ok(edgectl("schedule", "set", "office", "weekdays 08:00-17:00"))
    ok(edgectl("holiday", "add", "x", "2026-12-24"))
    ok(edgectl("group", "set", "staff", "--schedule", "office"))
    ok(edgectl("people", "change", "44", "--add-group", "staff", "--name", "花子"))
    assert "花子" in edgectl("group", "show", "staff").out
    ok(edgectl("pin", "set", "44", "--draw"))
    ok(edgectl("visitor", "add", "Besuch", "--until", "+1h"))
    ok(edgectl("attendance", "add", "44", "out", "2026-01-02 18:00"))
    assert ok(edgectl("clock", "vouch", "--json"))["vouched_by"][-1] == "admin"
    assert "admin" in ok(edgectl("clock", "status", "--json"))["vouched_by"]
    assert edgectl("group", "remove", "staff").status == 1
    told = ok(edgectl("access", "check", "44", "--at", "2026-01-02 20:00", "--json"))
    assert told["reason"] == "schedule"

    (door,) = ok(edgectl("door", "status", "--json"))
    assert door["name"] == "door"
    assert edgectl("door", "lock").status == 0
    assert edgectl("door", "unlock", "--seconds", "1", "--reason", "test").status == 0
    assert edgectl("door", "hold").status == 0
    assert ok(edgectl("door", "status", "--json"))[0]["state"] == "unlocked"
    assert edgectl("door", "release").status == 0
    assert edgectl("door", "lockdown", "on").status == 0
    refusal = edgectl("door", "unlock")
    assert refusal.status == 1
    assert len(refusal.err.splitlines()) == 1
    assert edgectl("door", "lockdown", "off").status == 0
    assert edgectl("door", "evacuation", "on", "--yes").status == 0
    assert edgectl("door", "evacuation", "off").status == 0
    assert edgectl("door", "forgive", "44").status == 0
    assert edgectl("door", "forgive").status == 2
    assert edgectl("door", "unlock", "--door", "nowhere").status == 1
    assert "door" in edgectl("door", "status").out

    assert {
        "schedule.changed",
        "holiday.changed",
        "group.changed",
        "person.changed",
        "visitor.added",
        "attendance.corrected",
        "clock.vouched",
        "door.unlocked",
        "lockdown.started",
        "lockdown.ended",
        "evacuation.started",
        "passback.forgiven",
    } <= set(kinds())
    with closing(open_reader(load_settings())) as reader:
        actors = {
            event.data.get("actor")
            for event in reader.journal.events()
            if event.type in (EventType.SCHEDULE_CHANGED, EventType.VISITOR_ADDED, EventType.LOCKDOWN_STARTED)
        }
    assert len(actors) == 1
    assert str(actors.pop()).startswith("uid:")
    assert edged.end() == 0
