"""How the terminal stands, in one word and the reasons for it: well, degraded, failing.

*Failing*: nobody who comes now is let in by face. *Degraded*: it works, but not as it should.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_VISION = {
    "starting": "vision is starting",
    "waiting": "vision is gone and will be started again",
    "asked": "vision is being ended",
    "terminated": "vision hangs and is being ended",
    "killed": "vision hangs and was killed",
    "over": "vision has ended",
}
OLD_EVENT = 60.0  # seconds; a broker that restarts is back sooner
OLD_ALERT = 300.0  # seconds; the first tries are seconds apart, later ones minutes
OLD_JOB = 2.0  # seconds the door's decisions may wait for the journal; a durable write takes milliseconds


class Standing(StrEnum):
    """From good to bad."""

    WELL = "well"
    DEGRADED = "degraded"
    FAILING = "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known at one moment.

    `vision` is the phase of the child (`running` where it works); `camera` one of unknown, live, lost,
    covered, with a `camera_detail`; `queue_age` the seconds the oldest undone job of the doorkeeper has
    waited; `lost` the events that found no place in the journal and are not told there yet; `journal` why it
    cannot be read; `outbox_age` the seconds the oldest event has waited for the broker; `alert_ages` the
    seconds the oldest alert has waited, by its way; `people` the size of the gallery in use; `rate` the share
    of full work that heat allows; `doors` is a line for each thing that is wrong with a door. None is
    unknown.
    """

    vision: str
    camera: str
    camera_detail: str = ""
    queue_age: float = 0.0
    lost: int = 0
    journal: str | None = None
    outbox_age: float | None = None
    alert_ages: Mapping[str, float] = field(default_factory=dict)
    people: int | None = None
    rate: float | None = None
    doors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """The standing, and one line for each reason, the gravest first."""

    standing: Standing
    reasons: tuple[str, ...]

    @property
    def line(self) -> str:
        """Return it in a line."""
        return f"{self.standing}: {'; '.join(self.reasons)}" if self.reasons else str(self.standing)


def health(facts: Facts) -> Health:
    """Return how the terminal stands."""
    failing, degraded = _failing(facts), _degraded(facts)
    standing = Standing.FAILING if failing else Standing.DEGRADED if degraded else Standing.WELL
    return Health(standing, (*failing, *degraded))


def _failing(facts: Facts) -> list[str]:
    found = []
    if facts.vision != "running":
        found.append(_VISION.get(facts.vision, f"vision is {facts.vision}"))
    elif facts.camera in {"lost", "covered"}:
        detail = f": {facts.camera_detail}" if facts.camera_detail else ""
        found.append(f"camera {facts.camera}{detail}")
    if facts.lost:
        found.append(f"journal cannot be written, {facts.lost} events are lost; nobody is let in")
    if facts.journal is not None:
        found.append(f"journal cannot be read: {facts.journal}")
    if facts.rate == 0:
        found.append("recognition pauses for heat")
    return found


def _degraded(facts: Facts) -> list[str]:
    found = list(facts.doors)
    if facts.vision == "running" and facts.camera == "unknown":
        found.append("camera has shown nothing yet")
    if facts.queue_age > OLD_JOB:
        found.append(f"journal is slow, a decision waits for {facts.queue_age:.0f} s")
    if facts.outbox_age is not None and facts.outbox_age > OLD_EVENT:
        found.append(f"the broker has not acknowledged an event for {facts.outbox_age:.0f} s")
    found += [
        f"no alert gets through by {way} for {age:.0f} s"
        for way, age in facts.alert_ages.items()
        if age > OLD_ALERT
    ]
    if facts.people == 0:
        found.append("nobody is enrolled for the model in use")
    if facts.rate is not None and 0 < facts.rate < 1:
        found.append(f"heat slows recognition to {facts.rate:.0%}")
    return found
