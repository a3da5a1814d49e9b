"""What the screen beside the door shows from moment to moment, as JSON for its script.

Pure: what happened, who is in view and the doors go in, with the time; words and a tone come out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edge.domain.door_view import DoorView
from edge.domain.events import Event
from edge.domain.live_picture import FaceState, Glance, LiveFace
from edge.domain.quality import QualityReason
from edge.web.kiosk_moment import PIN, Moment, Tone, moment

HINTS: Mapping[QualityReason, str] = {
    QualityReason.NOT_A_FACE: "Uncover your face",
    QualityReason.TOO_NEAR: "Step back",
    QualityReason.CUT_OFF: "Move to the middle",
    QualityReason.TOO_FAR: "Come closer",
    QualityReason.TOO_DARK: "Too dark",
    QualityReason.TOO_BRIGHT: "Too bright",
    QualityReason.LOW_CONTRAST: "Uncover your face",
    QualityReason.LOOK_AT_CAMERA: "Face the camera",
    QualityReason.HOLD_STILL: "Hold still",
}
STEADY = 0.5  # s a hint has to hold before it is shown, so that words do not flicker
MOST_NAMES = 3
BRIEF = 4.0  # s

Words = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """The present moment: until when it is shown, its number, and who is named."""

    moment: Moment
    until: float
    number: int
    names: tuple[str, ...] = ()


class KioskScreen:
    """The state of one screen; times are monotonic seconds and only grow.

    `words` turns an English sentence into the screen's language, `name_of` a person id into a name, None
    where nobody is called so any more or no names are shown.
    """

    def __init__(self, words: Words, name_of: Callable[[str], str | None]) -> None:
        self._words = words
        self._name_of = name_of
        self._shown: Shown | None = None
        self._hint: tuple[str, float] = ("", 0.0)

    def happened(self, event: Event, now: float) -> None:
        """Take an event; most say nothing to who stands at the door."""
        found = moment(event)
        if found is None:
            return
        name = self._name_of(found.person) if found.person is not None else None
        names: tuple[str, ...] = () if name is None else (name,)
        before = self._shown
        if before is not None and now < before.until and _joins(before.moment, found):
            names = (*before.names, *(one for one in names if one not in before.names))[-MOST_NAMES:]
        self._shown = Shown(found, now + found.seconds, event.seq, names)

    def state(
        self, now: float, *, glance: Glance | None, door: DoorView | None, camera: str, held: str | None
    ) -> dict[str, Any]:
        """Return what to show; `held` is the punch key that is pressed, `camera` its state in a word."""
        if self._shown is not None and now >= self._shown.until:
            self._shown = None
        pin_for = door.pin_for if door is not None else None
        if self._shown is not None and self._shown.moment.headline == PIN and pin_for is None:
            self._shown = _shortened(self._shown, now)
        body = (
            self._emergency(door)
            or self._present()
            or self._asks(pin_for)
            or self._trouble(door, camera)
            or self._guides(glance, now)
            or {"tone": "idle", "headline": "Now look at the camera" if held else "Face the camera"}
        )
        return {
            "tone": body["tone"],
            "headline": self._said(body["headline"]),
            "detail": self._said(body.get("detail", "")),
            "name": body.get("name", ""),
            "pin": pin_for is not None,
            "punch": held,
            "picture": glance.number if glance is not None and glance.faces else 0,
            "moment": self._shown.number if self._shown is not None else 0,
        }

    def _said(self, sentence: str) -> str:
        return self._words(sentence) if sentence else ""

    def _emergency(self, door: DoorView | None) -> dict[str, str] | None:
        if door is not None and (door.evacuation or door.fire):
            return {"tone": "yes", "headline": "Leave the building", "detail": "Take the nearest way out"}
        return None

    def _present(self) -> dict[str, str] | None:
        if self._shown is None:
            return None
        shown = self._shown.moment
        return {
            "tone": str(shown.tone),
            "headline": shown.headline,
            "detail": shown.detail,
            "name": " · ".join(self._shown.names),
        }

    def _asks(self, pin_for: str | None) -> dict[str, str] | None:
        if pin_for is None:
            return None
        return {"tone": "ask", "headline": PIN, "name": self._name_of(pin_for) or ""}

    def _trouble(self, door: DoorView | None, camera: str) -> dict[str, str] | None:
        if door is not None and door.lockdown:
            return {"tone": "no", "headline": "Locked down", "detail": "Nobody may pass at the moment"}
        if camera in {"lost", "covered"}:
            detail = "Enter your PIN, or ring for somebody"
            return {"tone": "off", "headline": "The camera does not work", "detail": detail}
        return None

    def _guides(self, glance: Glance | None, now: float) -> dict[str, str] | None:
        face = nearest(glance.faces) if glance is not None else None
        if face is None or face.state is not FaceState.FOLLOWED:
            self._hint = ("", now)
            return None
        hint = HINTS[face.hint] if face.hint is not None else "One moment"
        if hint != self._hint[0]:
            self._hint = (hint, now)
        if now - self._hint[1] < STEADY:
            return None
        return {"tone": "guide", "headline": hint}


def nearest(faces: Sequence[LiveFace]) -> LiveFace | None:
    """Return the face that fills most of the picture: whoever stands at the door."""
    return max(faces, key=lambda face: face.box.area, default=None)


def _joins(before: Moment, after: Moment) -> bool:
    """Return whether two people get the same word at once."""
    return before.tone is after.tone is Tone.YES and before.headline == after.headline


def _shortened(shown: Shown, now: float) -> Shown:
    """A question whose PIN nobody waits for any more stays no longer than any other word."""
    return replace(shown, until=min(shown.until, now + BRIEF))
