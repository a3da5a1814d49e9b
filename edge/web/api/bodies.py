"""Small bodies that several operations share."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from edge.web.api.operation import ApiBody

ID = r"^[0-9A-HJKMNP-TV-Z]{26}$"  # a ULID (https://github.com/ulid/spec)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime(9999, 1, 1, tzinfo=UTC)


def _within_calendars(moment: datetime) -> datetime:
    if not _FIRST <= moment <= _LAST:
        raise ValueError("a time from 1970 to 9998")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_within_calendars)]
Text = Annotated[str, Field(max_length=500)]
PersonId = Annotated[str, Field(pattern=ID)]


def moment(wall: float | None) -> datetime | None:
    """Return UTC seconds as a time."""
    return None if wall is None else datetime.fromtimestamp(wall, UTC)


class LineBody(ApiBody):
    """What was done, in a line."""

    line: str
