"""The pages that the office uses, in the order of the main menu."""

from edge.web.pages.access import access
from edge.web.pages.accuracy import accuracy
from edge.web.pages.attendance import attendance
from edge.web.pages.attendance_export import attendance_export
from edge.web.pages.audit import audit
from edge.web.pages.backup import backup
from edge.web.pages.clock import clock
from edge.web.pages.dashboard import dashboard
from edge.web.pages.doors import doors
from edge.web.pages.events import events
from edge.web.pages.events_export import events_export
from edge.web.pages.groups import groups
from edge.web.pages.holidays import holidays
from edge.web.pages.muster import muster
from edge.web.pages.punches import punches
from edge.web.pages.screens import screens
from edge.web.pages.settings import settings

OFFICE = (
    dashboard,
    doors,
    events,
    events_export,
    attendance,
    attendance_export,
    punches,
    muster,
    accuracy,
    access,
    holidays,
    groups,
    settings,
    clock,
    screens,
    backup,
    audit,
)
