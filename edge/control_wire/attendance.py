"""Corrections of punches on the control socket; times are UTC seconds."""

from typing import Annotated, Literal

from pydantic import Field

from edge.control_wire.body import Body, Text
from edge.domain.attendance_punch import PunchKind


class CorrectionBody(Body):
    """A punch to `add` to a person, to `change` or to `void`; the last two name it by `of`."""

    action: Literal["add", "change", "void"]
    person: Text | None = None
    of: Text | None = None
    kind: PunchKind | None = None
    wall: Annotated[float, Field(ge=0, le=253_402_300_799)] | None = None


class PunchBody(Body):
    """The id of the punch that was added or corrected."""

    id: Text


class ClearBody(Body):
    """Who is not inside any more, by their id; nobody named is everybody."""

    person: Text | None = None
