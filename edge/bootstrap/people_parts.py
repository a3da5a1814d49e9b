"""What the pages of people work with, put together."""

from typing import TYPE_CHECKING

from edge.bootstrap.desks import secret_hasher
from edge.config import Settings
from edge.ports import Clock, PictureExaminer

if TYPE_CHECKING:
    from edge.adapters.store_sqlite import SqliteStore
    from edge.web.people_parts import PeopleParts


def people_parts(
    settings: Settings, store: "SqliteStore", examiner: PictureExaminer, clock: Clock
) -> "PeopleParts":
    """Return what the pages of people work with."""
    from edge.office.attendance import AttendanceDesk
    from edge.office.disputes import Disputes
    from edge.office.duplicates import Duplicates
    from edge.office.enroller import Enroller
    from edge.office.person_changes import PersonChanges
    from edge.office.person_copy import PersonCopy
    from edge.office.pins import NewPins
    from edge.web.people_parts import PeopleParts

    most = settings.enrolment.max_references
    people, roll, query = store.people, store.roll, store.query
    return PeopleParts(
        roll=roll,
        access=store.access,
        journal=store.journal,
        enroller=Enroller(examiner, people),
        changes=PersonChanges(people, store.access),
        pins=NewPins(store.access, secret_hasher(), shortest=settings.access.pin_digits),
        copy=PersonCopy(
            device=settings.device.name, people=people, roll=roll, access=store.access, query=query
        ),
        duplicates=Duplicates(people, roll, most=most),
        disputes=Disputes(
            journal=store.journal,
            query=query,
            people=people,
            roll=roll,
            attendance=AttendanceDesk(people=people, journal=store.journal, query=query, clock=clock),
        ),
        most=most,
    )
