"""A door for the pages: it moves as it is told, and says what was asked of it."""

import threading
from dataclasses import replace

from edge.domain.door_input import Cause
from edge.domain.door_state import Phase
from edge.domain.door_view import DoorView, PinAnswer
from edge.errors import DoorError


class FakeDoors:
    """One door; `asked` is what was asked, as (act, actor). `stuck` makes it refuse."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.stuck = False
        self._lock = threading.Lock()
        self._view = DoorView(door="door", contact=False)

    def status(self) -> tuple[DoorView, ...]:
        return (self._view,)

    def unlock(
        self, *, actor: str, door: str | None = None, seconds: float | None = None, reason: str = ""
    ) -> str:
        del door, reason
        causes = (Cause.ADMIN,)
        view = replace(self._view, phase=Phase.UNLOCKED, unlocked=True, causes=causes, seconds=seconds or 5.0)
        return self._move("unlock", actor, view)

    def lock(self, *, actor: str, door: str | None = None) -> str:
        del door
        return self._move("lock", actor, DoorView(door="door", contact=False))

    def hold(self, *, actor: str, door: str | None = None, reason: str = "") -> str:
        del door, reason
        held = replace(self._view, phase=Phase.UNLOCKED, unlocked=True, causes=(Cause.ADMIN,), seconds=None)
        return self._move("hold", actor, held)

    def release(self, *, actor: str, door: str | None = None) -> str:
        del door
        return self._move("release", actor, DoorView(door="door", contact=False))

    def lockdown(self, on: bool, *, actor: str) -> str:
        phase = Phase.LOCKDOWN if on else Phase.LOCKED
        return self._move("lockdown", actor, replace(self._view, phase=phase, lockdown=on))

    def evacuation(self, on: bool, *, actor: str) -> str:
        phase = Phase.EVACUATION if on else Phase.LOCKED
        causes = (Cause.EVACUATION,) if on else ()
        view = replace(self._view, phase=phase, evacuation=on, unlocked=on, causes=causes, seconds=None)
        return self._move("evacuation", actor, view)

    def forgive(self, *, actor: str, person: str | None = None) -> str:
        del person
        return self._move("forgive", actor, self._view)

    def enter_pin(self, digits: str, *, door: str | None = None) -> PinAnswer:
        raise NotImplementedError

    def cancel_pin(self, *, door: str | None = None) -> None:
        raise NotImplementedError

    def _move(self, act: str, actor: str, view: DoorView) -> str:
        with self._lock:
            self.asked.append((act, actor))
            if self.stuck:
                raise DoorError("door: the lock does not obey; see the log")
            self._view = view
            return f"door: {act}"
