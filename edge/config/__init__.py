"""TOML → validated frozen settings; every problem at once, with its line, key and remedy.

Loads no numpy, no picture library and no driver: commands that only read settings stay light.
"""

from edge.config.attendance import AttendanceSettings
from edge.config.delivery import AlertSettings, MqttSettings
from edge.config.sections import (
    AccessSettings,
    CameraSettings,
    DeviceSettings,
    DoorSettings,
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

__all__ = [
    "AccessSettings",
    "AlertSettings",
    "AttendanceSettings",
    "CameraSettings",
    "CameraSource",
    "DeviceSettings",
    "DoorSettings",
    "EnrolmentSettings",
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
    "config_file",
    "default_places",
    "load_settings",
    "parse_source",
    "shown_source",
]
