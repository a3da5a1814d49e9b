"""What the pages of people work with."""

from dataclasses import dataclass

from edge.office.disputes import Disputes
from edge.office.duplicates import Duplicates
from edge.office.enroller import Enroller
from edge.office.person_changes import PersonChanges
from edge.office.person_copy import PersonCopy
from edge.office.pins import NewPins
from edge.ports import AccessBook, Journal, PeopleRoll


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleParts:
    """The collaborators of these pages; `most` is how many references of one person are kept."""

    roll: PeopleRoll
    access: AccessBook
    journal: Journal
    enroller: Enroller
    changes: PersonChanges
    pins: NewPins
    copy: PersonCopy
    duplicates: Duplicates
    disputes: Disputes
    most: int
