"""What a schedule says at a moment, in words."""

from datetime import tzinfo

from edge.domain.schedule import Schedule, inside, local_time
from edge.domain.schedule_calendar import Calendar
from edge.domain.schedule_change import next_change


def moment_words(wall: float, zone: tzinfo) -> str:
    """Return a UTC second as people of a time zone write it: `Mon 2026-03-02 08:00`."""
    local = local_time(wall, zone)
    if local is None:
        return "a time beyond all calendars"
    return f"{local:%a %Y-%m-%d %H:%M}" + (f":{local:%S}" if local.second else "")


def schedule_words(schedule: Schedule, wall: float, calendar: Calendar, zone: tzinfo) -> str:
    """Return whether a schedule allows at UTC second `wall`, until when or from when, and why not.

    `zone` is the terminal's; times are in the schedule's own.
    """
    place = schedule.zone or zone
    change = next_change(schedule, wall, calendar, zone)
    if inside(schedule, wall, calendar, zone):
        return "allows" if change is None else f"allows, until {moment_words(change, place)}"
    again = "" if change is None else f", and will from {moment_words(change, place)}"
    local = local_time(wall, place)
    names = [] if local is None or not schedule.observes_holidays else calendar.on(local.date())
    why = "".join(f' ("{holiday.name}" is a holiday of type {holiday.type})' for holiday in names)
    return f"does not allow{why}{again}"
