"""The punch key that somebody pressed at the screen beside the door, until the next punch takes it."""

from collections.abc import Callable

from edge.domain.attendance_punch import PunchKind

HOLDS = 20.0  # s from the key to the punch; whoever pressed it has gone by then


class PunchKey:
    """One key at a time; from any thread. `monotonic` gives monotonic seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._pressed: tuple[PunchKind, float] | None = None

    def press(self, kind: PunchKind | None) -> None:
        """Hold a key for the next punch, None to let go of it."""
        self._pressed = None if kind is None else (kind, self._monotonic() + HOLDS)

    @property
    def held(self) -> PunchKind | None:
        """Return the key that the next punch will have, None where none is pressed, or not lately."""
        pressed = self._pressed
        return pressed[0] if pressed is not None and self._monotonic() < pressed[1] else None

    def take(self) -> PunchKind | None:
        """Return the key and let go of it."""
        held, self._pressed = self.held, None
        return held
