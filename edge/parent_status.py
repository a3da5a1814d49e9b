"""How the parent and its child stand at one moment, and what it says in JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge.domain.door_view import DoorView
from edge.domain.health import Facts, health
from edge.domain.latency import Latencies


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentStatus:
    """What the runtime knows, without asking the disk.

    `model` and `progress` are the child's last words about them, None before the first; `counts` and
    `latencies` are totals over all children, `recognitions` by what came of them. `restarts` is how often
    vision was started again. `up` is in seconds, `vision_pid` None where no child exists, and `thermal` has
    `temperature` in °C, `level` and `rate`, each None where unknown; None where heat is not governed. `doors`
    are how all doors stand.
    """

    vision: str
    camera: str
    camera_detail: str
    model: Mapping[str, Any] | None
    progress: Mapping[str, Any] | None
    waiting: int
    queue_age: float
    lost: int
    restarts: int
    up: float
    vision_pid: int | None
    thermal: Mapping[str, Any] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    latencies: Mapping[str, Latencies] = field(default_factory=dict)
    recognitions: Mapping[str, int] = field(default_factory=dict)
    doors: tuple[DoorView, ...] = ()

    def facts(
        self,
        journal: str | None = None,
        outbox_age: float | None = None,
        alert_ages: Mapping[str, float] | None = None,
    ) -> Facts:
        """Return what decides on the health, with what only the disk and the sinks can tell."""
        told = self.progress or self.model
        return Facts(
            vision=self.vision,
            camera=self.camera,
            camera_detail=self.camera_detail,
            queue_age=self.queue_age,
            lost=self.lost,
            journal=journal,
            outbox_age=outbox_age,
            alert_ages=alert_ages or {},
            people=told["people"] if told else None,
            rate=self.thermal.get("rate") if self.thermal else None,
            doors=tuple(line for door in self.doors for line in door.trouble),
        )

    def json(
        self,
        journal: str | None = None,
        outbox_age: float | None = None,
        alert_ages: Mapping[str, float] | None = None,
    ) -> dict[str, Any]:
        """Return it as the JSON object of the health; the arguments are those of `facts`."""
        found = health(self.facts(journal, outbox_age, alert_ages))
        return {
            "state": str(found.standing),
            "reasons": list(found.reasons),
            "vision": self.vision,
            "camera": self.camera,
            "camera_detail": self.camera_detail,
            "model": self.model,
            "progress": self.progress,
            "waiting": self.waiting,
            "queue_age_s": round(self.queue_age, 3),
            "lost": self.lost,
            "restarts": self.restarts,
            "up_s": round(self.up, 1),
            "thermal": self.thermal,
            "door": dict(self.doors[0].json()) if self.doors else None,
            "doors": [dict(door.json()) for door in self.doors],
        }
