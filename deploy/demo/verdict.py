"""What a film should lead to, and whether it did: pure functions of the events that were printed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.demo.films import RATE, FrameTruth

Event = Mapping[str, Any]

USABLE_FACE = 80  # pixels of width from which a face is compared, by the default configuration
SHARP = 1.0  # pixels of motion blur up to which a frame is sharp

GRANTED = "edge.access.granted"
DENIED = "edge.access.denied"


@dataclass(frozen=True)
class Run:
    """One film, played to the daemon: its events in order, the relay's pulses, and CPU seconds spent."""

    film: str
    events: Sequence[Event]
    pulses: int
    cpu: float


def granted(run: Run) -> list[Event]:
    """Return the grants."""
    return [event for event in run.events if event["type"] == GRANTED]


def denied(run: Run) -> list[Event]:
    """Return the denials."""
    return [event for event in run.events if event["type"] == DENIED]


def first_good_frame(truth: Sequence[FrameTruth]) -> int | None:
    """Return the number of the first frame with a sharp face wide enough to compare, None where none is."""
    good = (i for i, frame in enumerate(truth) if frame.width >= USABLE_FACE and frame.blur <= SHARP)
    return next(good, None)


def delay_ms(event: Event, truth: Sequence[FrameTruth]) -> float | None:
    """Return the milliseconds from the first good frame to the decision, None where that cannot be said.

    The event says at which frame it was decided, and how long after that frame was taken.
    """
    good, frame = first_good_frame(truth), event["data"].get("frame")
    if good is None or frame is None:
        return None
    return float((frame - good) * 1000 / RATE + event["data"]["latency_ms"])


def reasons(run: Run) -> list[str]:
    """Return why nobody was let in and what would help, each reason once, in order."""
    told = (event["data"] for event in denied(run))
    return list(dict.fromkeys(" ".join(filter(None, (data["reason"], data.get("hint")))) for data in told))


def failures(runs: Sequence[Run], person_id: str) -> list[str]:
    """Return what did not go as it must, one sentence each; nothing where all is well."""
    found = []
    for run in runs:
        grants = granted(run)
        if run.film != "walk-up" and grants:
            found.append(f"{run.film}: {len(grants)} grants, there must be none")
        if run.film == "walk-up" and [grant.get("subject") for grant in grants] != [person_id]:
            found.append(f"walk-up: {len(grants)} grants, there must be exactly one, for the enrolled person")
        if run.film == "stranger" and not denied(run):
            found.append("stranger: nobody was refused, so nobody was seen")
        if run.film == "empty" and denied(run):
            found.append("empty: somebody was refused where nobody is")
        if run.pulses != len(grants):
            found.append(f"{run.film}: the relay moved {run.pulses} times for {len(grants)} grants")
    return found
