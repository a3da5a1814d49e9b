"""The rules of the door, as the settings have them."""

from edge.bootstrap.time_zone import site_zone
from edge.config import Settings
from edge.domain.access import AccessRules
from edge.domain.access_reason import Mode
from edge.domain.access_two_person import TwoPersonRules
from edge.domain.door_state import LockRules
from edge.domain.passback import Direction, PassbackMode, PassbackRules
from edge.domain.second_factor import SecondFactorRules
from edge.domain.second_factor_attempts import AttemptRules
from edge.door_hours import HoursRules


def access_rules(settings: Settings) -> AccessRules:
    """Return the site's rules of access, without what the office wrote down."""
    access = settings.access
    return AccessRules(
        mode=Mode(access.mode),
        max_fpir=access.max_fpir,
        door=settings.door.name,
        zone=site_zone(settings),
        default_schedule=access.default_schedule,
        trust_any_clock=access.trust_any_clock,
        second_factor=SecondFactorRules(
            always=access.second_factor == "always", outside=access.second_factor_outside or None
        ),
        attempts=AttemptRules(most=access.pin_tries),
        passback=PassbackRules(
            mode=PassbackMode(access.passback),
            outer=access.outer_area,
            inner=access.inner_area,
            seconds=access.passback_seconds,
        ),
        two_person=TwoPersonRules(seconds=access.two_person_seconds, escort=access.escort)
        if access.two_person_seconds
        else None,
    )


def lock_rules(settings: Settings) -> LockRules:
    """Return the times of the lock, and what it does without a journal."""
    door = settings.door
    return LockRules(
        door=door.name,
        pulse=door.pulse_seconds,
        exit_pulse=door.exit_seconds,
        longest=max(door.longest_seconds, door.pulse_seconds),
        held=door.held_seconds,
        warning=min(door.warning_seconds, door.held_seconds),
        relock=door.relock,
        open_unjournaled=door.on_journal_failure == "allow",
    )


def hours_rules(settings: Settings) -> HoursRules | None:
    """Return the office hours, None where the door has none."""
    door = settings.door
    if not door.unlock_schedule:
        return None
    return HoursRules(schedule=door.unlock_schedule, first_person=door.first_person)


def direction(settings: Settings) -> Direction:
    """Return the way in which people pass this terminal; one for both ways lets in."""
    return Direction.OUT if settings.attendance.direction == "out" else Direction.IN
