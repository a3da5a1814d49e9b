"""Why somebody may pass or may not: the words of `data.reason` in `access.granted` and `access.denied`."""

from enum import StrEnum


class Mode(StrEnum):
    """What recognition is for."""

    DOOR = "door"
    ATTENDANCE = "attendance"


class Grant(StrEnum):
    """On what proof a person passes."""

    FACE = "face"
    FACE_AND_PIN = "face_and_pin"
    VISITOR_PIN = "visitor_pin"
    EVACUATION = "evacuation"  # the doors are open; it is only noted who went through


class Denial(StrEnum):
    """Why nobody passes; the first group is decided by vision, the second by the access policy."""

    UNKNOWN = "unknown"
    BELOW_MARGIN = "below_margin"
    SPOOF = "spoof"

    STALE = "stale"
    UNAVAILABLE = "unavailable"
    LOCKDOWN = "lockdown"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    CLOCK_UNTRUSTED = "clock_untrusted"
    NO_ACCESS = "no_access"
    SCHEDULE = "schedule"
    VISITS_USED = "visits_used"
    SECOND_FACTOR_MISSING = "second_factor_missing"
    SECOND_FACTOR_WRONG = "second_factor_wrong"
    SECOND_FACTOR_LOCKED = "second_factor_locked"
    PASSBACK = "passback"
    SECOND_PERSON_MISSING = "second_person_missing"


SENTENCES: dict[Grant | Denial, str] = {
    Grant.FACE: "welcome",
    Grant.FACE_AND_PIN: "welcome",
    Grant.VISITOR_PIN: "welcome",
    Grant.EVACUATION: "leave by the nearest way out",
    Denial.UNKNOWN: "nobody by this face is known here",
    Denial.BELOW_MARGIN: "two people look too much alike; use your PIN or ask the office",
    Denial.SPOOF: "this does not look like a living face",
    Denial.STALE: "look at the camera again",
    Denial.UNAVAILABLE: "the terminal cannot read its records; ask the office",
    Denial.LOCKDOWN: "the site is locked down",
    Denial.NOT_YET_VALID: "your access has not begun yet",
    Denial.EXPIRED: "your access has ended; ask the office",
    Denial.CLOCK_UNTRUSTED: "the terminal does not know the time; ask the office",
    Denial.NO_ACCESS: "you have no access at this door",
    Denial.SCHEDULE: "you have no access at this time",
    Denial.VISITS_USED: "this PIN has been used up; ask the office",
    Denial.SECOND_FACTOR_MISSING: "enter your PIN as well",
    Denial.SECOND_FACTOR_WRONG: "the PIN is wrong",
    Denial.SECOND_FACTOR_LOCKED: "too many wrong PINs; wait, or ask the office",
    Denial.PASSBACK: "you have not left since you came in; ask the office",
    Denial.SECOND_PERSON_MISSING: "a second person must show as well",
}
