"""TOML → validated frozen settings; every problem at once, with its line, key and remedy.

Loads no numpy, no picture library and no driver: commands that only read settings stay light.
"""

from edge.config.attendance import AttendanceSettings
from edge.config.delivery import AlertSettings, MqttSettings
from edge.config.door import AccessSettings, DoorSettings, IndicatorSettings, InputsSettings
from edge.config.kiosk import KioskSettings
from edge.config.sections import (
    CameraSettings,
    DeviceSettings,
    EnrolmentSettings,
    LogSettings,
    QualitySettings,
    RecognitionSettings,
    Sections,
    StorageSettings,
    VisionSettings,
)
from edge.config.settings import Origin, Places, Settings, config_file, default_places, load_settings
from edge.config.source import CameraSource, parse_source, shown_source
from edge.config.web import WebSettings

__all__ = [
    "AccessSettings",
    "AlertSettings",
    "AttendanceSettings",
    "CameraSettings",
    "CameraSource",
    "DeviceSettings",
    "DoorSettings",
    "EnrolmentSettings",
    "IndicatorSettings",
    "InputsSettings",
    "KioskSettings",
    "LogSettings",
    "MqttSettings",
    "Origin",
    "Places",
    "QualitySettings",
    "RecognitionSettings",
    "Sections",
    "Settings",
    "StorageSettings",
    "VisionSettings",
    "WebSettings",
    "config_file",
    "default_places",
    "load_settings",
    "parse_source",
    "shown_source",
]
