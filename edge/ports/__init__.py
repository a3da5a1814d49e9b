"""What the core asks of the outside world. Adapters implement these; fakes in tests do too."""

from edge.ports.alerts import AlertChannel
from edge.ports.door import DoorControl, Indicator, Inputs, Lock, Relay
from edge.ports.journal import (
    EventQuery,
    EventReader,
    Journal,
    Nonces,
    Outbox,
    Pruner,
    SinkJournal,
    SinkReader,
)
from edge.ports.live import EventFeed, LiveView, PictureExaminer
from edge.ports.machine import BoxMeter, BrokerLink, Clock, ServiceNotifier, Thermometer
from edge.ports.office import AttendanceChanges, ClockDesk, VouchedClock
from edge.ports.people import AccessBook, AccessChanges, People, PeopleReader, References, SecretHasher
from edge.ports.roll import PeopleRoll
from edge.ports.seeing import Aligner, Camera, Detector, Embedder, EndOfFilm, Landmarker, QualityMeter
from edge.ports.storage import Store, StoreReader

__all__ = [
    "AccessBook",
    "AccessChanges",
    "AlertChannel",
    "Aligner",
    "AttendanceChanges",
    "BoxMeter",
    "BrokerLink",
    "Camera",
    "Clock",
    "ClockDesk",
    "Detector",
    "DoorControl",
    "Embedder",
    "EndOfFilm",
    "EventFeed",
    "EventQuery",
    "EventReader",
    "Indicator",
    "Inputs",
    "Journal",
    "Landmarker",
    "LiveView",
    "Lock",
    "Nonces",
    "Outbox",
    "People",
    "PeopleReader",
    "PeopleRoll",
    "PictureExaminer",
    "Pruner",
    "QualityMeter",
    "References",
    "Relay",
    "SecretHasher",
    "ServiceNotifier",
    "SinkJournal",
    "SinkReader",
    "Store",
    "StoreReader",
    "Thermometer",
    "VouchedClock",
]
