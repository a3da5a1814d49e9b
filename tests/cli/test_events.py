import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from edge.domain.events import EventType, NewEvent
from edge.ports import Journal
from tests.cli.conftest import Run

PROGRAM = Path(sys.executable).with_name("edgectl")


def listed(run: Run, *arguments: str) -> list[int]:
    answer = run("events", "list", "--json", *arguments)
    assert (answer.status, answer.err) == (0, "")
    return [int(event["sequence"]) for event in json.loads(answer.out)]


@pytest.mark.usefixtures("journal")
def test_events_are_listed_in_order_newest_last(run: Run) -> None:
    assert listed(run) == [1, 2, 3, 4, 5]
    assert listed(run, "--limit", "2") == [4, 5]


@pytest.mark.usefixtures("journal")
def test_events_after_a_number_are_listed_from_there(run: Run) -> None:
    assert listed(run, "--since-seq", "2") == [3, 4, 5]
    assert listed(run, "--since-seq", "0", "--limit", "2") == [1, 2]
    assert listed(run, "--since-seq", "9223372036854775807") == []


@pytest.mark.usefixtures("journal")
def test_events_are_chosen_by_type(run: Run) -> None:
    assert listed(run, "--type", "access.denied") == [2, 4]
    assert listed(run, "--type", "access.denied", "--limit", "1") == [4]
    assert listed(run, "--type", "access.denied", "--since-seq", "0", "--limit", "1") == [2]
    assert listed(run, "--type", "access.denied", "--type", "camera.lost") == [2, 4, 5]


@pytest.mark.usefixtures("journal")
@pytest.mark.parametrize("page", [1, 2, 1000])
def test_a_list_is_read_by_the_index_page_by_page(
    run: Run, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr("edge.cli.events_commands.PAGE", page)
    monkeypatch.delattr("edge.adapters.store_sqlite.events.SqliteEvents.events")  # nobody walks the log
    assert listed(run) == [1, 2, 3, 4, 5]
    assert listed(run, "--limit", "3") == [3, 4, 5]
    assert listed(run, "--since-seq", "1", "--limit", "3") == [2, 3, 4]
    assert listed(run, "--type", "access.denied") == [2, 4]
    assert listed(run, "--type", "access.denied", "--since-seq", "2") == [4]


@pytest.mark.usefixtures("journal")
def test_an_unknown_type_is_wrong_usage(run: Run) -> None:
    answer = run("events", "list", "--type", "access.grunted")
    assert answer.status == 2
    assert "'access.grunted' is none of access.granted, " in answer.err


@pytest.mark.usefixtures("journal")
def test_programs_get_cloud_events(run: Run) -> None:
    event: dict[str, Any] = json.loads(
        run("events", "list", "--since-seq", "2", "--limit", "1", "--json").out
    )[0]
    assert event["specversion"] == "1.0"
    assert event["type"] == "edge.access.granted"
    assert event["source"] == "edge/terminal"
    assert event["id"].endswith(":3")
    assert event["data"]["note"] == "[bold]人\u001b[31m"


@pytest.mark.usefixtures("journal")
def test_people_get_a_table_that_no_text_can_upset(run: Run) -> None:
    answer = run("events", "list")
    lines = answer.out.splitlines()
    assert lines[0].split() == ["seq", "time", "type", "person", "data"]
    assert len(lines) == 6
    assert "[bold]人" in lines[3]
    assert "\x1b" not in answer.out


def test_an_empty_journal_says_so(run: Run) -> None:
    run("init")
    answer = run("events", "list")
    assert (answer.status, answer.out, answer.err) == (0, "", "nothing has happened yet\n")
    assert run("events", "list", "--json").out == "[]\n"


@pytest.mark.parametrize("as_json", [True, False])
def test_following_prints_each_event_as_it_happens(journal: Journal, as_json: bool) -> None:
    arguments = ["events", "follow", "--since-seq", "4", *(["--json"] if as_json else [])]
    following = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE, text=True, encoding="utf-8")
    deadline = threading.Timer(60, following.kill)
    deadline.start()
    try:
        assert following.stdout is not None
        lines = [following.stdout.readline()]
        for kind in (EventType.CAMERA_RESTORED, EventType.SYSTEM_STOPPED):
            journal.append(NewEvent(kind, data={"note": "a\nb"}))
            lines.append(following.stdout.readline())
    finally:
        deadline.cancel()
        following.kill()
        following.communicate()
    if as_json:
        events = [json.loads(line) for line in lines]
        assert [event["sequence"] for event in events] == ["5", "6", "7"]
        assert [event["type"] for event in events][1:] == ["edge.camera.restored", "edge.system.stopped"]
    else:
        assert [line.split()[0] for line in lines] == ["5", "6", "7"]
        assert [line.split()[2] for line in lines] == ["camera.lost", "camera.restored", "system.stopped"]
