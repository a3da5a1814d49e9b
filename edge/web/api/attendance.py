"""Days of work, and who is inside."""

from datetime import date, datetime
from typing import Annotated

from flask import Blueprint
from pydantic import Field, model_validator

from edge.domain.api_token import Scope
from edge.domain.attendance_report import Day, report
from edge.office.attendance import who_is_inside
from edge.web.api.bodies import PersonId, moment
from edge.web.api.operation import Answer, ApiBody, operation
from edge.web.parts import office, parts

attendance = Blueprint("api_attendance", __name__, url_prefix="/api/v1/attendance")

MOST_DAYS = 366


class DaysQuery(ApiBody):
    """Days of work from `first` to `last`, both included; of one person or of all."""

    first: date
    last: date
    person: PersonId | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "DaysQuery":
        if not 0 <= (self.last - self.first).days < MOST_DAYS:
            raise ValueError(f"last is the same day or later, within {MOST_DAYS} days")
        return self


class DayBody(ApiBody):
    """One person's day: seconds worked and of breaks; what somebody should look at is in `marks`."""

    person: str
    day: date
    came: datetime | None
    left: datetime | None
    worked: Annotated[float, Field(ge=0)]
    breaks: Annotated[float, Field(ge=0)]
    marks: list[str]


class DaysBody(ApiBody):
    """Days of work, by day and person."""

    days: list[DayBody]


class InsideBody(ApiBody):
    """Somebody who was let in and is not known to have left; `certain` is off where that may be long past."""

    person: str
    area: str
    since: datetime | None
    on_break: bool
    certain: bool


class EverybodyInside(ApiBody):
    """Who is inside, the latest arrivals last."""

    inside: list[InsideBody]


@attendance.get("/days")
@operation(Scope.READ, "Days of work", query=DaysQuery, answer=DaysBody)
def days(query: DaysQuery) -> Answer:
    """By the terminal's time zone and the site's rules of attendance."""
    rules = office().rules()
    punches = office().punches.between(query.first, query.last, rules.zone, query.person)
    found = report(punches, query.first, query.last, parts().clock.now().wall, rules)
    return DaysBody(days=[_day(day) for day in found])


@attendance.get("/inside")
@operation(Scope.READ, "Who is inside", answer=EverybodyInside)
def inside() -> Answer:
    """For the assembly point: the list errs on the long side."""
    found = who_is_inside(parts().query, parts().clock.now().wall, office().rules().longest)
    return EverybodyInside(
        inside=[
            InsideBody(
                person=one.person,
                area=one.area,
                since=moment(one.since),
                on_break=one.on_break,
                certain=one.certain,
            )
            for one in found
        ]
    )


def _day(day: Day) -> DayBody:
    return DayBody(
        person=day.person,
        day=day.day,
        came=moment(day.came),
        left=moment(day.left),
        worked=max(0.0, day.worked),
        breaks=max(0.0, day.breaks),
        marks=sorted(str(mark) for mark in day.marks),
    )
