"""What the terminal tells a Prometheus server; docs/metrics.md explains each name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from edge.domain.exposition import Family, Sample
from edge.domain.health import Standing, health
from edge.parent_status import ParentStatus

CAMERA_STATES = ("unknown", "live", "lost", "covered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What is measured when it is asked for.

    `events` counts by type what was journaled since the daemon's start, `last_seq` is the journal's last
    number and `fault` why it cannot be read; `resident` gives bytes by process; `outbox_waiting` and
    `outbox_age` are events the broker has not acknowledged and the seconds of the oldest, None without one;
    `alert_ages` the seconds of the oldest alert that did not get through, by its way.
    """

    version: str
    events: Mapping[str, int] = field(default_factory=dict)
    last_seq: int | None = None
    fault: str | None = None
    resident: Mapping[str, int] = field(default_factory=dict)
    outbox_waiting: int | None = None
    outbox_age: float | None = None
    alert_ages: Mapping[str, float] = field(default_factory=dict)


def families(status: ParentStatus, measured: Measured) -> list[Family]:
    """Return all metrics of the daemon."""
    return [
        *_health(status, measured),
        *_vision(status),
        *_journal(status, measured),
        *_box(status, measured),
    ]


def _health(status: ParentStatus, measured: Measured) -> Iterable[Family]:
    standing = health(status.facts(measured.fault, measured.outbox_age, measured.alert_ages)).standing
    model = str(status.model["model_version"]) if status.model else ""
    provider = str(status.model["provider"]) if status.model else ""
    info = {"version": measured.version, "model": model, "provider": provider}
    yield Family("edge_info", "gauge", "What runs here, as labels.", [Sample(1, info)])
    yield Family("edge_up_seconds", "gauge", "Seconds since the daemon began.", [Sample(status.up)])
    yield _one_of("edge_health", "How the terminal stands.", "state", Standing, standing)
    yield _one_of("edge_camera", "How the camera stands.", "state", CAMERA_STATES, status.camera)


def _vision(status: ParentStatus) -> Iterable[Family]:
    works = int(status.vision == "running")
    yield Family("edge_vision_running", "gauge", "Whether the vision process works.", [Sample(works)])
    for name, told in (
        ("frames", "Frames looked at."),
        ("faces", "Faces followed, each once a frame."),
        ("tracks", "Tracks begun: faces followed through frames."),
    ):
        yield Family(f"edge_{name}_total", "counter", told, [Sample(status.counts.get(name, 0))])
    yield Family("edge_vision_restarts_total", "counter", "Restarts of vision.", [Sample(status.restarts)])
    yield Family(
        "edge_recognitions_total",
        "counter",
        "Decisions on tracks, by what came of them.",
        [Sample(count, {"reason": reason}) for reason, count in sorted(status.recognitions.items())],
    )
    yield Family(
        "edge_stage_seconds",
        "histogram",
        "How long each stage takes.",
        [Sample(spent, {"stage": stage}) for stage, spent in sorted(status.latencies.items())],
    )
    told_last = status.progress or status.model
    if told_last:
        yield Family("edge_people", "gauge", "People in the gallery.", [Sample(told_last["people"])])
        references = [Sample(told_last["references"])]
        yield Family("edge_references", "gauge", "References in the gallery.", references)


def _journal(status: ParentStatus, measured: Measured) -> Iterable[Family]:
    by_type = [Sample(count, {"type": kind}) for kind, count in sorted(measured.events.items())]
    yield Family("edge_events_total", "counter", "Events journaled since the daemon began.", by_type)
    last = [] if measured.last_seq is None else [Sample(measured.last_seq)]
    yield Family("edge_journal_last_sequence", "gauge", "Number of the last event.", last)
    yield Family(
        "edge_events_lost", "gauge", "Events not journaled, and not told yet.", [Sample(status.lost)]
    )
    lengths = {"doorkeeper": status.waiting, "mqtt": measured.outbox_waiting}
    ages = {"doorkeeper": status.queue_age, "mqtt": measured.outbox_age, **measured.alert_ages}
    yield Family("edge_queue_length", "gauge", "What waits in each queue.", _of_queues(lengths))
    yield Family("edge_queue_age_seconds", "gauge", "How long the oldest has waited.", _of_queues(ages))


def _of_queues(values: Mapping[str, float | None]) -> list[Sample]:
    return [Sample(value, {"queue": name}) for name, value in values.items() if value is not None]


def _box(status: ParentStatus, measured: Measured) -> Iterable[Family]:
    resident = [Sample(size, {"process": name}) for name, size in sorted(measured.resident.items())]
    yield Family("edge_resident_bytes", "gauge", "Resident memory of each process.", resident)
    thermal = status.thermal or {}
    for key, name, told in (
        ("temperature", "edge_temperature_celsius", "Temperature of the box."),
        ("rate", "edge_work_rate", "Share of full work that heat allows."),
    ):
        value = thermal.get(key)
        yield Family(name, "gauge", told, [] if value is None else [Sample(value)])


def _one_of(name: str, told: str, label: str, values: Iterable[str], current: str) -> Family:
    """Return a gauge that is 1 for the value that holds and 0 for the others."""
    samples = [Sample(int(value == current), {label: str(value)}) for value in values]
    return Family(name, "gauge", told, samples)
