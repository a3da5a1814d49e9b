"""The health of the terminal in tiles: one figure each, with what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.domain.box_load import BoxLoad
from edge.domain.events import Instant
from edge.web.event_grade import Grade
from edge.web.language import translate
from edge.web.lines import line_words
from edge.web.show import NONE, Show

CAMERA: dict[str, tuple[Grade, str]] = {
    "live": ("ok", "Live"),
    "lost": ("bad", "Lost"),
    "covered": ("bad", "Covered"),
    "unknown": ("idle", "Nothing yet"),
}
LEVELS: dict[str, tuple[Grade, str]] = {
    "full": ("ok", "works at full speed"),
    "reduced": ("warn", "slowed by heat"),
    "low": ("warn", "much slowed by heat"),
    "paused": ("bad", "paused by heat"),
}
BUSY, FULL, FULL_UP = 0.9, 0.85, 0.95


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure: `grade` says how good it is."""

    key: str
    icon: str
    name: str
    value: str
    note: str = ""
    grade: Grade = "ok"
    link: str = ""


class Tiles:
    """Makes the tiles of one page in its language."""

    def __init__(self, show: Show) -> None:
        self._show = show

    def all(self, health: Mapping[str, Any], load: BoxLoad, now: Instant) -> list[Tile]:
        """Return the tiles, of the JSON of the control socket's health, of the box and of the clock."""
        return [
            self._camera(health),
            self._model(health),
            self._gallery(health),
            self._temperature(health),
            self._cpu(load),
            self._disk(load),
            self._broker(health),
            self._clock(now),
        ]

    def _(self, sentence: str, **values: object) -> str:
        return translate(sentence, self._show.language, **values)

    def _camera(self, health: Mapping[str, Any]) -> Tile:
        grade, word = CAMERA.get(str(health.get("camera")), ("idle", "Nothing yet"))
        if health.get("vision", "running") != "running":
            grade, word = "bad", "Recognition is down"
        detail = line_words(str(health.get("camera_detail") or ""), self._show.language)
        return Tile("camera", "camera", self._("Camera"), self._(word), detail, grade)

    def _model(self, health: Mapping[str, Any]) -> Tile:
        model = health.get("model") or {}
        name, _, form = str(model.get("model_version", "")).partition("@")
        provider = str(model.get("provider", "")).removesuffix("ExecutionProvider")
        note = " · ".join(part for part in (form, provider) if part)
        return Tile("model", "model", self._("Model"), name or NONE, note, "ok" if name else "idle")

    def _gallery(self, health: Mapping[str, Any]) -> Tile:
        told = health.get("progress") or health.get("model") or {}
        people, references = told.get("people"), told.get("references")
        if people is None:
            return Tile("gallery", "face", self._("Gallery"), NONE, "", "idle")
        note = self._("{count} pictures", count=self._show.count(references or 0))
        value = self._("{count} people", count=self._show.count(people))
        return Tile("gallery", "face", self._("Gallery"), value, note, "ok" if people else "warn")

    def _temperature(self, health: Mapping[str, Any]) -> Tile:
        thermal = health.get("thermal") or {}
        degrees = thermal.get("temperature")
        grade, word = LEVELS.get(str(thermal.get("level")), ("idle", "not measured"))
        value = NONE if degrees is None else f"{degrees:.0f} °C"
        return Tile("temperature", "thermometer", self._("Temperature"), value, self._(word), grade)

    def _cpu(self, load: BoxLoad) -> Tile:
        grade: Grade = "idle" if load.cpu is None else "warn" if load.cpu > BUSY else "ok"
        note = "" if load.memory is None else self._("memory {share}", share=self._show.share(load.memory))
        return Tile("cpu", "cpu", self._("Processor"), self._show.share(load.cpu), note, grade)

    def _disk(self, load: BoxLoad) -> Tile:
        used = load.disk_used
        if used is None or load.disk_free is None:
            return Tile("disk", "disk", self._("Disk"), NONE, "", "idle")
        grade: Grade = "bad" if used > FULL_UP else "warn" if used > FULL else "ok"
        value = self._("{size} free", size=self._show.size(load.disk_free))
        return Tile(
            "disk", "disk", self._("Disk"), value, self._("{share} used", share=self._show.share(used)), grade
        )

    def _broker(self, health: Mapping[str, Any]) -> Tile:
        mqtt = health.get("mqtt")
        if not mqtt:
            return Tile(
                "broker", "broker", self._("MQTT broker"), self._("Not used"), self._("optional"), "idle"
            )
        up = mqtt.get("contact") == "connected"
        waiting = mqtt.get("waiting") or 0
        note = self._("{count} events wait", count=self._show.count(waiting)) if waiting else ""
        word = self._("Connected" if up else "Not connected")
        return Tile("broker", "broker", self._("MQTT broker"), word, note, "ok" if up else "warn")

    def _clock(self, now: Instant) -> Tile:
        word = "vouched for" if now.trusted else "nobody vouches for it"
        value = self._show.clock(now.wall)
        grade: Grade = "ok" if now.trusted else "warn"
        return Tile("clock", "clock", self._("Clock"), value, self._(word), grade, "/settings/clock")
