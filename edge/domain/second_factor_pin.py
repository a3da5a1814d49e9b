"""What may become a PIN, after NIST SP 800-63B-4, 3.2.10: at least 4 digits, better 6, and no common one."""

from dataclasses import dataclass
from itertools import pairwise

from edge.errors import RuleError

SHORTEST, ADVISED, LONGEST = 4, 6, 12
_COMMON = {
    "1004",
    "1112",
    "1212",
    "1313",
    "2001",
    "2580",
    "0852",
    "1379",
    "147258",
    "159753",
    "112233",
    "123123",
}


@dataclass(frozen=True, slots=True, repr=False)
class PinHashes:
    """What is kept of a person's PINs: a hash of each, None where there is none. Never shown."""

    pin: str | None = None
    duress: str | None = None


def check_new_pin(pin: str, *, other: str | None = None, shortest: int = ADVISED) -> None:
    """Raise RuleError, which never repeats the digits, where `pin` may not be taken.

    `other` is the person's other PIN, in plain as both are set together: a duress PIN must not be a slip of
    one digit away from the one it resembles. `shortest` is the site's own minimum, never below 4.
    """
    least = max(shortest, SHORTEST)
    if not (pin.isascii() and pin.isdigit()):
        raise RuleError("PIN: it must be digits only")
    if not least <= len(pin) <= LONGEST:
        raise RuleError(f"PIN: it has {len(pin)} digits; {least} to {LONGEST} are allowed")
    if _easily_guessed(pin):
        raise RuleError(
            "PIN: it is easily guessed (a run, a repetition, a date or a common one); choose another"
        )
    if other is not None and len(other) == len(pin) and _differences(pin, other) <= 1:
        raise RuleError("PIN: it differs from the person's other PIN by one digit or none; choose another")


def _easily_guessed(pin: str) -> bool:
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    repeats = any(
        pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1) if len(pin) % size == 0
    )
    year = len(pin) == SHORTEST and pin[:2] in {"19", "20"}
    return steps <= {1} or steps <= {9} or repeats or year or pin in _COMMON


def _differences(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))
