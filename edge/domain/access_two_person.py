"""The two-person rule: nobody passes alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoPersonRules:
    """Two different people within `seconds`; with `escort` at least one of them of a group of escorts."""

    seconds: float = 30.0
    escort: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who may pass as soon as a second person shows; `at` is a monotonic second."""

    person: str
    at: float
    escort: bool


def companion(
    waiting: Waiting | None, person: str, now: float, rules: TwoPersonRules, *, escort: bool
) -> str | None:
    """Return who waits and makes `person`, an `escort` or not, the second of two; None where nobody does."""
    if waiting is None or waiting.person == person or not 0 <= now - waiting.at <= rules.seconds:
        return None
    if rules.escort and not (escort or waiting.escort):
        return None
    return waiting.person
