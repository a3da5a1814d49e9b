"""What `edgectl` and the daemon say to each other on the control socket: JSON bodies, checked on arrival."""

from edge.control_wire.access import (
    GroupBody,
    HolidayBody,
    PinsBody,
    RemovedBody,
    RemoveHolidayBody,
    RemoveNamedBody,
    ScheduleBody,
    VisitorBody,
)
from edge.control_wire.attendance import ClearBody, CorrectionBody, PunchBody
from edge.control_wire.body import MAX_BODY, Body, DoneBody, ErrorBody
from edge.control_wire.clock import ClockBody, VouchBody
from edge.control_wire.door import DoorBody, SiteBody, UnlockBody
from edge.control_wire.people import (
    ChangeBody,
    DetailsBody,
    EnrolBody,
    ExtendBody,
    PersonBody,
    ReferenceBody,
)

__all__ = [
    "MAX_BODY",
    "Body",
    "ChangeBody",
    "ClearBody",
    "ClockBody",
    "CorrectionBody",
    "DetailsBody",
    "DoneBody",
    "DoorBody",
    "EnrolBody",
    "ErrorBody",
    "ExtendBody",
    "GroupBody",
    "HolidayBody",
    "PersonBody",
    "PinsBody",
    "PunchBody",
    "ReferenceBody",
    "RemoveHolidayBody",
    "RemoveNamedBody",
    "RemovedBody",
    "ScheduleBody",
    "SiteBody",
    "UnlockBody",
    "VisitorBody",
    "VouchBody",
]
