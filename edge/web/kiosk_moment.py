"""What the screen beside the door says of an event: a few large words, for a few seconds.

Pure: events and a name in, words out. The words are English sentences, which `language.translate` turns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from edge.domain.access_reason import Denial, Grant
from edge.domain.attendance_punch import PunchKind
from edge.domain.events import Event, EventType


class Tone(StrEnum):
    """How a moment looks and sounds: green, red, or a question."""

    YES = "yes"
    NO = "no"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is shown: `headline` readable from afar, `detail` beneath it, both English sentences.

    `person` is a person id whose name is shown with it, None for nobody's; `seconds` is how long it stays.
    """

    tone: Tone
    headline: str
    detail: str = ""
    person: str | None = None
    seconds: float = 4.0


PIN = "Enter your PIN"
PUNCHES: Mapping[str, str] = {
    PunchKind.IN: "Clocked in",
    PunchKind.OUT: "Clocked out",
    PunchKind.BREAK_START: "On break",
    PunchKind.BREAK_END: "Back from break",
}
DENIALS: Mapping[str, tuple[str, str]] = {
    "empty_gallery": ("Nobody is enrolled yet", "Ask the office"),
    Denial.UNKNOWN: ("Not recognised", "Look straight at the camera and try again"),
    Denial.BELOW_MARGIN: ("Not certain", "Enter your PIN, or ask the office"),
    Denial.SPOOF: ("Not recognised", "Come yourself, not with a picture"),
    Denial.STALE: ("Once more, please", "Look at the camera again"),
    Denial.UNAVAILABLE: ("Out of order", "The terminal cannot read its records; ask the office"),
    Denial.LOCKDOWN: ("Locked down", "Nobody may pass at the moment"),
    Denial.NOT_YET_VALID: ("No access", "Your access has not begun yet"),
    Denial.EXPIRED: ("No access", "Your access has ended; ask the office"),
    Denial.CLOCK_UNTRUSTED: ("No access", "The terminal does not know the time; ask the office"),
    Denial.NO_ACCESS: ("No access", "You have no access at this door"),
    Denial.SCHEDULE: ("No access", "You have no access at this time"),
    Denial.VISITS_USED: ("No access", "This PIN has been used up; ask the office"),
    Denial.SECOND_FACTOR_MISSING: (PIN, ""),
    Denial.SECOND_FACTOR_WRONG: ("Wrong PIN", "Try again"),
    Denial.SECOND_FACTOR_LOCKED: ("Too many wrong PINs", "Wait a while, or ask the office"),
    Denial.PASSBACK: ("No access", "You have not left since you came in; ask the office"),
    Denial.SECOND_PERSON_MISSING: ("Second person, please", "Somebody else has to show as well"),
}
QUESTIONS = {Denial.SECOND_FACTOR_MISSING, Denial.SECOND_PERSON_MISSING, Denial.STALE}
STRANGERS = {Denial.UNKNOWN, Denial.SPOOF, "empty_gallery"}  # nobody is named where nobody was recognised
ASKED = 20.0  # s for a PIN or a second person


def moment(event: Event) -> Moment | None:
    """Return what the screen says of an event, None for one that is nobody's business at the door.

    Somebody who only walks past gets no word: a face that was never good enough is no refusal.
    """
    match event.type:
        case EventType.ACCESS_GRANTED:
            return _granted(event)
        case EventType.ACCESS_DENIED:
            return _denied(event)
        case EventType.ATTENDANCE_PUNCHED:
            return _punched(event)
        case EventType.EXIT_REQUESTED:
            return Moment(tone=Tone.YES, headline="The door is open")
    return None


def _granted(event: Event) -> Moment:
    if event.data.get("reason") == Grant.EVACUATION:
        return Moment(tone=Tone.YES, headline="Leave the building", detail="Take the nearest way out")
    return Moment(tone=Tone.YES, headline="Welcome", person=event.person)


def _denied(event: Event) -> Moment | None:
    reason = str(event.data.get("reason", ""))
    if reason not in DENIALS:
        return None
    headline, detail = DENIALS[reason]
    asked = reason in QUESTIONS
    return Moment(
        tone=Tone.ASK if asked else Tone.NO,
        headline=headline,
        detail=detail,
        person=None if reason in STRANGERS else event.person,
        seconds=ASKED if asked and reason != Denial.STALE else 4.0,
    )


def _punched(event: Event) -> Moment:
    headline = PUNCHES.get(str(event.data.get("kind", "")), "Welcome")
    return Moment(tone=Tone.YES, headline=headline, person=event.person)
