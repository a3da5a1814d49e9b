"""The doors: how they stand, unlocking and locking."""

from typing import Annotated, Any

from flask import Blueprint, g
from pydantic import Field

from edge.domain.api_token import Scope
from edge.web.api.bodies import LineBody, Text
from edge.web.api.operation import Answer, ApiBody, operation
from edge.web.parts import parts

doors = Blueprint("api_doors", __name__, url_prefix="/api/v1/doors")


class DoorBody(ApiBody):
    """A door as it stands; `causes` keep it unlocked, for `seconds` more, null without an end."""

    name: str
    state: str
    phase: str
    causes: list[str]
    seconds: float | None
    contact: str | None
    forced: bool
    held: str
    fire: bool
    tampered: bool
    lockdown: bool
    evacuation: bool
    lock_type: str
    trouble: list[str]


class DoorsBody(ApiBody):
    """All doors."""

    doors: list[DoorBody]


class WhichDoor(ApiBody):
    """A door by its name; null for the only one."""

    door: Text | None = None


class UnlockBody(WhichDoor):
    """For how long, null for as long as a grant; and why, for the journal."""

    seconds: Annotated[float, Field(ge=1, le=60)] | None = None
    reason: Annotated[str, Field(max_length=200)] = ""


@doors.get("")
@operation(Scope.READ, "How the doors stand", answer=DoorsBody)
def status() -> Answer:
    """Without waiting for anything."""
    return DoorsBody(doors=[_door(view.json()) for view in parts().doors.status()])


@doors.post("/unlock")
@operation(Scope.DOOR, "Unlock a door for some seconds", body=UnlockBody, answer=LineBody)
def unlock(body: UnlockBody) -> Answer:
    """Journaled first. 503 where it is refused, such as in a lockdown, or nobody answers in time."""
    line = parts().doors.unlock(
        actor=g.account.actor, door=body.door, seconds=body.seconds, reason=body.reason
    )
    return LineBody(line=line)


@doors.post("/lock")
@operation(Scope.DOOR, "Lock a door now", body=WhichDoor, answer=LineBody)
def lock(body: WhichDoor) -> Answer:
    """Whatever unlocked it ends, office hours included, until they begin anew."""
    return LineBody(line=parts().doors.lock(actor=g.account.actor, door=body.door))


@doors.post("/hold")
@operation(Scope.DOOR, "Keep a door unlocked until it is released", body=WhichDoor, answer=LineBody)
def hold(body: WhichDoor) -> Answer:
    """Ends with `release`, `lock`, a lockdown, or the daemon."""
    return LineBody(line=parts().doors.hold(actor=g.account.actor, door=body.door))


@doors.post("/release")
@operation(Scope.DOOR, "End a hold", body=WhichDoor, answer=LineBody)
def release(body: WhichDoor) -> Answer:
    """What else unlocks the door goes on."""
    return LineBody(line=parts().doors.release(actor=g.account.actor, door=body.door))


def _door(found: Any) -> DoorBody:
    return DoorBody(**{name: found[name] for name in DoorBody.model_fields})
