"""A door as it stands, in words."""

from dataclasses import dataclass

from edge.domain.door_input import Cause
from edge.domain.door_state import Phase
from edge.domain.door_view import DoorView
from edge.web.event_grade import Grade
from edge.web.language import translate
from edge.web.lines import line_words
from edge.web.show import Show

PHASES: dict[Phase, tuple[Grade, str, str]] = {
    Phase.LOCKED: ("ok", "lock", "Locked"),
    Phase.UNLOCKED: ("info", "unlock", "Unlocked"),
    Phase.OPENED: ("info", "door-open", "Open"),
    Phase.FORCED: ("bad", "warn", "Forced open"),
    Phase.HELD: ("bad", "door-open", "Open for too long"),
    Phase.LOCKDOWN: ("bad", "lock", "Lockdown"),
    Phase.EVACUATION: ("bad", "exit", "Evacuation"),
    Phase.FIRE: ("bad", "fire", "Fire alarm"),
}
CAUSES = {
    Cause.GRANT: "Somebody was let in",
    Cause.ADMIN: "Held open by the office",
    Cause.SCHEDULE: "Office hours",
    Cause.EVACUATION: "Evacuation",
    Cause.EXIT: "Exit button",
    Cause.FIRE: "Fire alarm",
}


@dataclass(frozen=True, slots=True)
class ShownDoor:
    """What a page shows of a door: `notes` are short lines, `troubles` what does not work as it should."""

    name: str
    grade: Grade
    icon: str
    headline: str
    notes: tuple[str, ...]
    troubles: tuple[str, ...]
    unlocked: bool
    held: bool
    lockdown: bool
    evacuation: bool


def shown_door(view: DoorView, show: Show) -> ShownDoor:
    """Return what to show of a door."""
    grade, icon, headline = PHASES[view.phase]
    return ShownDoor(
        name=view.door,
        grade=grade,
        icon=icon,
        headline=translate(headline, show.language),
        notes=tuple(_notes(view, show)),
        troubles=tuple(line_words(line, show.language) for line in view.trouble),
        unlocked=view.unlocked,
        held=Cause.ADMIN in view.causes and view.seconds is None,
        lockdown=view.lockdown,
        evacuation=view.evacuation,
    )


def _notes(view: DoorView, show: Show) -> list[str]:
    found = [translate(CAUSES[cause], show.language) for cause in view.causes]
    if view.unlocked and view.seconds is not None:
        left = translate("locks in {seconds} s", show.language, seconds=f"{max(view.seconds, 0):.0f}")
        found.append(left)
    if view.contact is not None:
        found.append(translate("door is open" if view.contact else "door is closed", show.language))
    if view.tampered:
        found.append(translate("The terminal's case is open", show.language))
    if view.lockdown and view.phase is not Phase.LOCKDOWN:
        found.append(translate("Lockdown", show.language))
    return found
