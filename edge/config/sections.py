"""The sections of the configuration file, one frozen model each; `config/edge.toml` explains every key.

A default stands here and nowhere else in the program.
"""

import zoneinfo
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from edge.config.attendance import AttendanceSettings
from edge.config.delivery import AlertSettings, MqttSettings
from edge.config.door import AccessSettings, DoorSettings, IndicatorSettings, InputsSettings
from edge.config.kiosk import KioskSettings
from edge.config.section import Section, Text
from edge.config.source import CameraSource, parse_source
from edge.config.web import WebSettings
from edge.domain.zone import ZONES, Zone


def _whole(value: object) -> object:
    if type(value) is not int:  # Literal compares by ==, which takes False and 0.0 for 0
        raise ValueError("it must be a whole number; write 0, 90, 180 or 270")
    return value


def _source(text: str) -> str:
    parse_source(text)
    return text


def _zone(text: str) -> str:
    _parsed_zone(text)
    return text


def _parsed_zone(text: str) -> Zone:
    """Return a zone by its name, or by four fractions as in "0.2 0 0.8 1"; raises ValueError."""
    if text in ZONES:
        return ZONES[text]
    try:
        left, top, right, bottom = (float(side) for side in text.split())
        return Zone(left, top, right, bottom)
    except ValueError:
        raise ValueError(
            f"no such zone; write one of {', '.join(ZONES)}, or left, top, right and bottom as fractions of "
            'the frame, as in "0.2 0 0.8 1"'
        ) from None


def _time_zone(text: str) -> str:
    if not text:
        return text
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            'this machine knows no such time zone; write one as in "Asia/Tokyo", or "" for the system\'s own'
        ) from error
    return text


ModelName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Degrees: TypeAlias = Annotated[float, Field(gt=0, le=90)]
Grey: TypeAlias = Annotated[float, Field(ge=0, le=255)]


class DeviceSettings(Section):
    """Who this terminal is."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")] = "terminal"
    language: Literal["en", "ja"] = "en"
    timezone: Annotated[Text, AfterValidator(_time_zone)] = ""


class StorageSettings(Section):
    """Where state is kept."""

    data_dir: Text = ""
    ballast_mib: Annotated[int, Field(ge=0, le=1024)] = 16
    keep_days: Annotated[int, Field(ge=1, le=36500)] | None = None
    keep_events: Annotated[int, Field(ge=1000, le=100_000_000)] = 1_000_000
    min_free_mib: Annotated[int, Field(ge=0, le=1_000_000)] = 64
    warn_free_mib: Annotated[int, Field(ge=0, le=1_000_000)] = 256


class CameraSettings(Section):
    """The source of frames."""

    source: Annotated[Text, AfterValidator(_source)] = ""
    width: Annotated[int, Field(ge=160, le=7680)] = 640
    height: Annotated[int, Field(ge=120, le=4320)] = 480
    rate: Annotated[float, Field(ge=0.1, le=120)] = 15.0
    pixel_format: Literal["auto", "MJPG", "YUYV"] = "auto"
    exposure: Annotated[int, Field(ge=1, le=100_000)] | None = None
    gain: Annotated[int, Field(ge=0, le=100_000)] | None = None
    pipe_format: Literal["mjpeg", "rgb24", "bgr24", "gray", "yuv420p", "nv12", "yuyv422"] = "mjpeg"
    pace: Literal["clock", "every"] = "clock"
    rotate: Annotated[Literal[0, 90, 180, 270], BeforeValidator(_whole)] = 0
    mirror: bool = False
    zone: Annotated[Text, AfterValidator(_zone)] = "whole"

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:
        """Refuse raw frames of anything but a command, and those of a size unsaid or not even."""
        if given.get("pipe_format", "mjpeg") == "mjpeg":
            return []
        if not str(given.get("source", "")).startswith("pipe:"):
            return [("pipe_format", 'only a command writes it; set source = "pipe:…" or remove it')]
        sides = [(key, given.get(key)) for key in ("width", "height")]
        if any(side is None for _, side in sides):
            return [("pipe_format", "raw frames do not say their size; set width and height to it")]
        return [
            (key, "a side of raw frames has to be even; let the command write such a size")
            for key, side in sides
            if isinstance(side, int) and side % 2
        ]

    @property
    def parsed(self) -> CameraSource:
        """Return the source, taken apart."""
        return parse_source(self.source)

    @property
    def looked_at(self) -> Zone:
        """Return the zone, taken apart."""
        return _parsed_zone(self.zone)


class VisionSettings(Section):
    """How faces are found and turned into vectors."""

    detector: ModelName = "dlib-hog"
    model: ModelName = "dlib-resnet29"
    provider: Literal["auto", "cpu", "cuda", "tensorrt", "openvino", "coreml"] = "auto"
    threads: Annotated[int, Field(ge=1, le=64)] = 2
    min_face: Annotated[int, Field(ge=20, le=4320)] = 80
    faces_at_once: Annotated[int, Field(ge=1, le=16)] = 3


class RecognitionSettings(Section):
    """When a track is somebody; what is unset is taken from the model's profile."""

    threshold_percent: Annotated[float, Field(gt=0, lt=100)] | None = None
    threshold_score: Annotated[float, Field(ge=-1, le=4)] | None = None
    margin: Annotated[float, Field(ge=0, le=2)] | None = None
    agree_frames: Annotated[int, Field(ge=1, le=30)] = 3
    fresh_seconds: Annotated[float, Field(ge=0.1, le=30)] = 2.0
    cooldown_seconds: Annotated[float, Field(ge=0, le=3600)] = 10.0

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:
        """Refuse two thresholds."""
        if given.get("threshold_percent") is not None and given.get("threshold_score") is not None:
            return [("threshold_score", "threshold_percent is set as well; keep one of the two")]
        return []


class QualitySettings(Section):
    """What a face must be like at the door; the figures are those of `domain.face.QualityFigures`."""

    min_width: Annotated[float, Field(ge=20, le=4320)] = 80.0
    min_sharpness: Annotated[float, Field(ge=0, le=100_000)] = 11.0
    min_brightness: Grey = 40.0
    max_brightness: Grey = 220.0
    min_contrast: Annotated[float, Field(ge=0, le=128)] = 15.0
    max_saturated: Share = 0.35
    min_inside: Share = 0.9
    max_span: Share = 0.8
    max_yaw: Degrees = 35.0
    max_pitch: Degrees = 30.0
    max_roll: Degrees = 35.0
    min_detector: Annotated[float, Field(ge=-10, le=100)] = 0.2

    @classmethod
    def conflicts(cls, given: Mapping[str, object]) -> list[tuple[str, str]]:
        """Refuse a range of brightness with nothing in it."""
        low = given.get("min_brightness", cls.model_fields["min_brightness"].default)
        high = given.get("max_brightness", cls.model_fields["max_brightness"].default)
        if isinstance(low, int | float) and isinstance(high, int | float) and low >= high:
            key = "min_brightness" if "min_brightness" in given else "max_brightness"
            return [
                (key, f"nothing is both over {low:g} and under {high:g}; make min_brightness the smaller")
            ]
        return []


class EnrolmentSettings(QualitySettings):
    """What a picture must be like to become a reference: the same figures, stricter, and the gate's own."""

    min_width: Annotated[float, Field(ge=20, le=4320)] = 100.0
    min_sharpness: Annotated[float, Field(ge=0, le=100_000)] = 20.0
    max_yaw: Degrees = 25.0
    max_pitch: Degrees = 25.0
    max_roll: Degrees = 25.0
    min_detector: Annotated[float, Field(ge=-10, le=100)] = 0.5
    duplicate_score: Annotated[float, Field(ge=-1, le=4)] | None = None
    max_references: Annotated[int, Field(ge=1, le=100)] = 10
    keep_crops: bool = False


def _sensor(text: str) -> str:
    kind, colon, rest = text.partition(":")
    if text not in {"auto", "none"} and not (kind in {"zone", "chip", "file"} and colon and rest):
        raise ValueError('write "auto", "none", "zone:TYPE", "chip:NAME", "chip:NAME/LABEL" or "file:PATH"')
    if kind == "zone" and "/" in rest:
        raise ValueError('a zone is named by its type, as in "zone:cpu-thermal"')
    return text


class ThermalSettings(Section):
    """How hot the box may become, and by which sensor."""

    sensor: Annotated[Text, AfterValidator(_sensor)] = "auto"
    limit: Annotated[float, Field(ge=30, le=110)] = 72.0


class LogSettings(Section):
    """What is written to the log."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Sections(Section):
    """The whole file."""

    device: DeviceSettings = DeviceSettings()
    storage: StorageSettings = StorageSettings()
    camera: CameraSettings = CameraSettings()
    vision: VisionSettings = VisionSettings()
    recognition: RecognitionSettings = RecognitionSettings()
    quality: QualitySettings = QualitySettings()
    enrolment: EnrolmentSettings = EnrolmentSettings()
    access: AccessSettings = AccessSettings()
    door: DoorSettings = DoorSettings()
    inputs: InputsSettings = InputsSettings()
    indicators: IndicatorSettings = IndicatorSettings()
    attendance: AttendanceSettings = AttendanceSettings()
    mqtt: MqttSettings = MqttSettings()
    alerts: AlertSettings = AlertSettings()
    web: WebSettings = WebSettings()
    kiosk: KioskSettings = KioskSettings()
    thermal: ThermalSettings = ThermalSettings()
    log: LogSettings = LogSettings()
