"""Punches, the clock and the doors, as a running daemon looks after them."""

from typing import Any

from pydantic import ValidationError

from edge.adapters.control.client import ControlClient
from edge.control_wire import (
    ClearBody,
    ClockBody,
    CorrectionBody,
    DoorBody,
    PunchBody,
    SiteBody,
    UnlockBody,
    VouchBody,
)
from edge.domain.attendance_punch import PunchKind
from edge.domain.clock_trust import ClockStanding
from edge.errors import ControlError


class AttendanceOverControl:
    """Implements ports.AttendanceChanges through the daemon, which names the actor."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def add(self, person_id: str, kind: PunchKind, wall: float, *, actor: str) -> str:
        """Ask the daemon to add a punch."""
        del actor
        return self._correct(CorrectionBody(action="add", person=person_id, kind=kind, wall=wall))

    def change(
        self, of: str, *, kind: PunchKind | None = None, wall: float | None = None, actor: str
    ) -> None:
        """Ask the daemon to give a punch another kind or time."""
        del actor
        self._correct(CorrectionBody(action="change", of=of, kind=kind, wall=wall))

    def void(self, of: str, *, actor: str) -> None:
        """Ask the daemon to let a punch count no more."""
        del actor
        self._correct(CorrectionBody(action="void", of=of))

    def clear_inside(self, person_id: str | None, *, actor: str) -> None:
        """Ask the daemon to take somebody, or everybody, off the list of who is inside."""
        del actor
        self._client.done("/v1/inside/cleared", ClearBody(person=person_id))

    def _correct(self, body: CorrectionBody) -> str:
        answer = self._client.ask("POST", "/v1/attendance/corrections", body)
        try:
            return PunchBody.model_validate(answer).id
        except ValidationError:
            raise ControlError("the daemon's answer names no punch") from None


class ClockOverControl:
    """Implements ports.ClockDesk through the daemon, which names the actor."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def standing(self) -> ClockStanding:
        """Ask the daemon how its clock stands."""
        return _standing(self._client.ask("GET", "/v1/clock"))

    def vouch(self, *, was_set: bool = False, actor: str) -> ClockStanding:
        """Ask the daemon to take this user's word for the clock."""
        del actor
        return _standing(self._client.ask("POST", "/v1/clock/vouched", VouchBody(set=was_set)))


class DoorsOverControl:
    """Asks the daemon's doors. What is done is told in a line; raises as ports.DoorControl does."""

    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def status(self) -> list[dict[str, Any]]:
        """Return every door as JSON."""
        answer = self._client.ask("GET", "/v1/doors")
        if not isinstance(answer, list) or not all(isinstance(door, dict) for door in answer):
            raise ControlError("the daemon's answer is no list of doors")
        return answer

    def unlock(self, door: str | None, seconds: float | None, reason: str) -> str:
        """Unlock for some seconds."""
        return self._client.done("/v1/doors/unlock", UnlockBody(door=door, seconds=seconds, reason=reason))

    def lock(self, door: str | None) -> str:
        """Lock."""
        return self._client.done("/v1/doors/lock", DoorBody(door=door))

    def hold(self, door: str | None, reason: str) -> str:
        """Unlock until told otherwise."""
        return self._client.done("/v1/doors/hold", DoorBody(door=door, reason=reason))

    def release(self, door: str | None) -> str:
        """End a hold."""
        return self._client.done("/v1/doors/release", DoorBody(door=door))

    def lockdown(self, *, on: bool) -> str:
        """Begin or end the lockdown."""
        return self._client.done("/v1/doors/lockdown", SiteBody(on=on))

    def evacuation(self, *, on: bool) -> str:
        """Begin or end the evacuation."""
        return self._client.done("/v1/doors/evacuation", SiteBody(on=on))

    def forgive(self, person_id: str | None) -> str:
        """Forgive anti-passback to somebody, or to everybody."""
        return self._client.done("/v1/doors/forgive", ClearBody(person=person_id))


def _standing(answer: object) -> ClockStanding:
    try:
        return ClockBody.model_validate(answer).standing()
    except ValidationError:
        raise ControlError("the daemon's answer is no clock") from None
