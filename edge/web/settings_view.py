"""The effective configuration as pages show it: each value, and where it comes from. No secrets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edge.config import Sections, Settings, shown_source
from edge.redact import redact
from edge.web.settings_desk import changeable

TITLES = {
    "device": "This terminal",
    "storage": "Storage",
    "camera": "Camera",
    "vision": "Recognition models",
    "recognition": "Recognition",
    "quality": "Quality at the door",
    "enrolment": "Quality at enrolment",
    "access": "Access",
    "attendance": "Attendance",
    "door": "Door",
    "inputs": "Inputs",
    "indicators": "Lamps and buzzer",
    "kiosk": "Screen beside the door",
    "mqtt": "MQTT",
    "thermal": "Heat",
    "alerts": "Alerts",
    "web": "Pages",
    "log": "Log",
}


@dataclass(frozen=True, slots=True)
class ShownValue:
    """A value: `origin` is default, file, environment or page, `where` the line or variable."""

    key: str
    text: str
    origin: str
    where: str
    changeable: bool


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A table of the configuration; `title` is English, empty for one without words of its own."""

    name: str
    title: str
    values: tuple[ShownValue, ...]

    @property
    def set(self) -> int:
        """Return how many of its values are not at their default."""
        return sum(value.origin != "default" for value in self.values)


def sections(settings: Settings) -> list[ShownSection]:
    """Return the whole configuration, in the order of the file."""
    return [
        ShownSection(name, TITLES.get(name, ""), tuple(_values(settings, name)))
        for name in Sections.model_fields
    ]


def _values(settings: Settings, section: str) -> Iterator[ShownValue]:
    for key, value in getattr(settings, section).model_dump().items():
        whole = f"{section}.{key}"
        origin = settings.origin(whole)
        kind = "page" if "page.toml" in origin.where else origin.kind
        in_force = str(settings.data_dir) if whole == "storage.data_dir" else value
        yield ShownValue(key, _text(whole, in_force), kind, origin.where, changeable(whole))


def _text(key: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    return (shown_source if key == "camera.source" else redact)(value) or '""'
