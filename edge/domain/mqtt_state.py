"""The retained state of a terminal: what a dashboard shows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def state_document(health: Mapping[str, Any], *, version: str, now: float) -> dict[str, Any]:
    """Return the state from the terminal's own report of its health; what is not known is None.

    `now` is UTC seconds; `time` alone does not make a state new.
    """
    model = _part(health, "model")
    progress = _part(health, "progress")
    thermal = _part(health, "thermal")
    door = health.get("door")
    return {
        "camera": None if health.get("camera") == "unknown" else health.get("camera"),
        "vision": health.get("vision"),
        "door": door.get("state") if isinstance(door, Mapping) else door,
        "contact": door.get("contact") if isinstance(door, Mapping) else None,
        "temperature": thermal.get("temperature"),
        "level": thermal.get("level"),
        "model": model.get("model_version", model.get("model")),
        "gallery": progress.get("people", model.get("people")),
        "references": progress.get("references", model.get("references")),
        "version": version,
        "time": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def _part(health: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = health.get(name)
    return part if isinstance(part, Mapping) else {}
