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


class Denial(StrEnum):
    """Why nobody passes; the first group is decided by vision, the second by the access policy."""

    UNKNOWN = "unknown"
    BELOW_MARGIN = "below_margin"
    SPOOF = "spoof"

    STALE = "stale"
    UNAVAILABLE = "unavailable"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    SECOND_FACTOR_MISSING = "second_factor_missing"
    SECOND_FACTOR_WRONG = "second_factor_wrong"


SENTENCES: dict[Grant | Denial, str] = {
    Grant.FACE: "welcome",
    Grant.FACE_AND_PIN: "welcome",
    Denial.UNKNOWN: "nobody by this face is known here",
    Denial.BELOW_MARGIN: "two people look too much alike; use your PIN or ask the office",
    Denial.SPOOF: "this does not look like a living face",
    Denial.STALE: "look at the camera again",
    Denial.UNAVAILABLE: "the terminal cannot read its records; ask the office",
    Denial.NOT_YET_VALID: "your access has not begun yet",
    Denial.EXPIRED: "your access has ended; ask the office",
    Denial.SECOND_FACTOR_MISSING: "enter your PIN as well",
    Denial.SECOND_FACTOR_WRONG: "the PIN is wrong",
}
