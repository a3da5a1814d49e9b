"""Every metric is documented, and says what happened."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from edge.adapters.clock_system import ClockSystem
from edge.adapters.memory_proc import resident_bytes
from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.bootstrap.self_report import SelfReport
from edge.domain.events import EventType, NewEvent
from edge.domain.exposition import exposition
from edge.domain.face import Box
from edge.domain.latency import SIZE, Latencies
from edge.event_counts import EventCounts
from edge.metrics import Measured, families
from edge.parent_status import ParentStatus
from edge.stage_times import StageTimes
from edge.vision_totals import MOST_STAGES, VisionTotals
from edge.vision_wire import Progress, StageLatencies
from tests.daemon.conftest import wait_for

EDGECTL = Path(sys.executable).with_name("edgectl")
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "metrics.md").read_text(encoding="utf-8")
MODEL = {"model_version": "m-1", "provider": "CPU", "people": 3, "references": 5}


def status(**changes: Any) -> ParentStatus:
    values: dict[str, Any] = {
        "vision": "running",
        "camera": "live",
        "camera_detail": "",
        "model": MODEL,
        "progress": {"people": 4, "references": 6},
        "waiting": 2,
        "queue_age": 0.25,
        "lost": 0,
        "restarts": 1,
        "up": 12.5,
        "vision_pid": 42,
        "thermal": {"temperature": 61.5, "level": "reduced", "rate": 0.8},
        "counts": {"frames": 100, "faces": 30, "tracks": 4},
        "latencies": {"embed": Latencies().with_one(0.002)},
        "recognitions": {"accepted": 2, "unknown": 1},
    }
    return ParentStatus(**(values | changes))


MEASURED = Measured(
    version="1.2.3",
    events={"access.granted": 2},
    last_seq=17,
    resident={"parent": 60_000_000, "vision": 200_000_000},
    outbox_waiting=5,
    outbox_age=7.5,
    alert_ages={"webhook": 12.0},
)


def lines(page: str) -> dict[str, float]:
    return {
        name: float(value)
        for line in page.splitlines()
        if not line.startswith("#")
        for name, _, value in [line.rpartition(" ")]
    }


def test_what_is_told_is_what_happened() -> None:
    told = lines(exposition(families(status(), MEASURED)))
    assert told['edge_info{version="1.2.3",model="m-1",provider="CPU"}'] == 1
    assert told['edge_health{state="degraded"}'] == 1
    assert told['edge_health{state="well"}'] == 0
    assert told['edge_camera{state="live"}'] == 1
    assert told["edge_frames_total"] == 100
    assert told["edge_tracks_total"] == 4
    assert told["edge_vision_restarts_total"] == 1
    assert told['edge_recognitions_total{reason="accepted"}'] == 2
    assert told['edge_stage_seconds_bucket{stage="embed",le="0.0025"}'] == 1
    assert told["edge_people"] == 4
    assert told['edge_events_total{type="access.granted"}'] == 2
    assert told["edge_journal_last_sequence"] == 17
    assert told['edge_queue_age_seconds{queue="doorkeeper"}'] == 0.25
    assert told['edge_queue_length{queue="mqtt"}'] == 5
    assert told['edge_queue_age_seconds{queue="webhook"}'] == 12
    assert told['edge_resident_bytes{process="vision"}'] == 200_000_000
    assert told["edge_temperature_celsius"] == 61.5
    assert told["edge_work_rate"] == 0.8


def test_what_nobody_knows_is_left_out() -> None:
    bare = status(model=None, progress=None, thermal=None, latencies={}, recognitions={})
    page = exposition(families(bare, Measured(version="1")))
    for name in ("edge_temperature", "edge_work_rate", "edge_people", "edge_journal_last", 'queue="mqtt"'):
        assert name not in page
    assert "edge_up_seconds 12.5" in page


def test_the_page_documents_every_metric_with_its_type_and_no_other() -> None:
    documented = {
        (name, kind)
        for names, kind in re.findall(r"^\| (`edge_.+?`) \| (\w+) \|", PAGE, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
    }
    assert documented == {(family.name, family.kind) for family in families(status(), MEASURED)}


def test_the_alerts_of_the_page_ask_for_metrics_that_exist() -> None:
    known = {family.name for family in families(status(), MEASURED)}
    asked = set(re.findall(r"\b(edge_\w+)", PAGE.split("## Worth an alert")[1]))
    assert {name.removesuffix("_bucket") for name in asked} <= known


def progress(frames: int, **stages: float) -> Progress:
    spent = {name: StageLatencies.of(Latencies().with_one(seconds)) for name, seconds in stages.items()}
    return Progress(frames=frames, tracks=frames // 10, stages=spent)


def test_counts_of_vision_go_on_over_its_restarts() -> None:
    totals = VisionTotals()
    totals.begin()
    totals.take(progress(50, embed=0.002))
    totals.take(progress(100, embed=0.002))
    totals.begin()
    assert totals.counts == {"frames": 100, "faces": 0, "tracks": 10}
    totals.take(progress(7, embed=0.3, detect=0.01))
    assert totals.counts["frames"] == 107
    assert totals.latencies["embed"].count == 2
    assert totals.latencies["detect"].count == 1


def test_a_child_that_makes_up_stages_does_not_fill_the_parent() -> None:
    totals = VisionTotals()
    for child in range(10):
        totals.begin()
        totals.take(progress(1, **{f"s{'x' * child}_{letter}": 0.1 for letter in "abcdefghijklmnop"}))
    assert len(totals.latencies) == MOST_STAGES


def test_stages_are_measured_around_their_parts() -> None:
    now = [10.0]

    class SlowLandmarker:
        scheme = "five"

        def locate(self, _picture: Any, _box: Box) -> str:
            now[0] += 0.2
            return "points"

    from edge.stage_times import TimedLandmarker

    times = StageTimes(lambda: now[0])
    timed = TimedLandmarker(SlowLandmarker(), times)  # type: ignore[arg-type] # strings do for points
    found: Any = timed.locate(None, Box(0, 0, 1, 1))  # type: ignore[arg-type]
    assert found == "points"
    assert timed.scheme == "five"
    assert times.latencies["landmarks"].seconds == pytest.approx(0.2)
    with pytest.raises(ZeroDivisionError), times.measured("frame"):
        1 / 0  # noqa: B018 - a stage that fails
    assert "frame" not in times.latencies


def test_latencies_pass_the_wire_and_wrong_ones_do_not() -> None:
    from edge.vision_wire import WireError, encode, from_child

    sent = progress(3, embed=0.002)
    assert from_child(encode(sent)) == sent
    wrong = encode(sent).replace(b'"counts":[', b'"counts":[1,')
    with pytest.raises(WireError, match="stages"):
        from_child(wrong)
    assert len(sent.stages["embed"].counts) == SIZE


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = open_store(tmp_path / "edge.db", clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
    opened.journal.append_many([NewEvent(EventType.SYSTEM_STARTED)] * 5)
    yield opened
    opened.close()


def test_events_are_counted_from_the_daemons_start_on_and_each_once(store: SqliteStore) -> None:
    counts = EventCounts(store.journal)
    assert counts.read() == ({}, 5)
    store.journal.append_many([NewEvent(EventType.ACCESS_GRANTED)] * 2500)
    store.journal.append(NewEvent(EventType.ACCESS_DENIED))
    for _ in range(2):
        assert counts.read() == ({"access.granted": 2500, "access.denied": 1}, 2506)


def reported(store: SqliteStore, sinks: dict[str, Any]) -> SelfReport:
    return SelfReport(
        version="1.2.3",
        status=status,
        sinks=lambda: sinks,
        journal=store.journal,
        resident=lambda pid: None if pid == 42 else 1000,
    )


def test_the_report_measures_what_the_runtime_does_not_know(store: SqliteStore) -> None:
    report = reported(store, {"mqtt": {"waiting": 3, "oldest_age": 90.0}})
    found = report.health()
    assert "the broker has not acknowledged an event for 90 s" in found["reasons"]
    assert (found["state"], found["version"]) == ("degraded", "1.2.3")
    assert found["journal"] == {"last_seq": 5, "problem": None}
    assert found["resident"] == {"parent": 1000}  # the child ended meanwhile
    assert found["mqtt"]["waiting"] == 3
    told = lines(report.metrics())
    assert told['edge_queue_age_seconds{queue="mqtt"}'] == 90.0
    assert 'edge_resident_bytes{process="vision"}' not in told


def test_a_broker_that_has_everything_has_an_age_of_nothing(store: SqliteStore) -> None:
    told = lines(reported(store, {"mqtt": {"waiting": 0, "oldest_age": None}}).metrics())
    assert told['edge_queue_age_seconds{queue="mqtt"}'] == 0


def test_a_journal_that_cannot_be_read_fails_the_terminal_and_not_the_report(store: SqliteStore) -> None:
    report = reported(store, {"mqtt": None})
    store.close()
    found = report.health()
    assert found["state"] == "failing"
    assert "journal cannot be read" in found["reasons"][0]
    assert "edge_journal_last_sequence" not in report.metrics()
    assert lines(report.metrics())['edge_health{state="failing"}'] == 1


def test_memory_is_the_kernels_own_count() -> None:
    mine = resident_bytes(os.getpid())
    assert mine is not None
    assert mine == pytest.approx(psutil.Process().memory_info().rss, rel=0.1)
    with subprocess.Popen(["/bin/true"]) as ended:
        os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
        assert resident_bytes(ended.pid) is None  # ended, and not buried yet
    assert resident_bytes(ended.pid) is None


def test_the_vision_child_measures_every_stage_of_a_film(
    presidents: Path, dlib_models: Path, tmp_path: Path
) -> None:
    environment = os.environ | {"EDGE_DATA_DIR": str(tmp_path / "data")}
    config = tmp_path / "edge.toml"
    config.write_text(f'[camera]\nsource = "replay:{tmp_path}/film"\nrate = 15\n')
    for words in (["init"], ["models", "prepare", "--from", str(dlib_models)]):
        subprocess.run([EDGECTL, *words], env=environment, check=True, capture_output=True)
    (tmp_path / "film").mkdir()
    for number in range(8):
        (tmp_path / "film" / f"{number}.jpg").symlink_to(presidents / "obama.jpg")
    daemon = subprocess.Popen(
        [EDGECTL.with_name("edged"), "--config", config], env=environment, stderr=subprocess.DEVNULL
    )
    ask = [str(EDGECTL), "--config", str(config), "metrics"]

    def told() -> dict[str, float]:
        return lines(subprocess.run(ask, env=environment, capture_output=True, text=True, check=False).stdout)

    try:
        wait_for(lambda: told().get('edge_stage_seconds_count{stage="embed"}', 0) >= 1, 60)
        found = told()
    finally:
        daemon.terminate()
        assert daemon.wait(10) == 0
    for stage in ("age", "frame", "detect", "landmarks", "align", "quality", "embed"):
        assert found[f'edge_stage_seconds_count{{stage="{stage}"}}'] >= 1
        assert found[f'edge_stage_seconds_sum{{stage="{stage}"}}'] > 0
    assert found['edge_stage_seconds_count{stage="frame"}'] <= found["edge_frames_total"]
    assert found["edge_tracks_total"] >= 1
