"""Between the rows of who may pass when and the values of the core."""

import json
import sqlite3
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from edge.domain.access_group import Group
from edge.domain.schedule import Schedule
from edge.domain.schedule_calendar import Holiday
from edge.domain.schedule_text import parse_schedule, schedule_text
from edge.errors import RuleError, StoreError

log = structlog.get_logger("edge.store")


def schedule(row: sqlite3.Row) -> Schedule:
    """Return the schedule of a row; one that cannot be read, or has a zone nobody knows, never allows."""
    try:
        zone = None if row["zone"] is None else ZoneInfo(row["zone"])
        read = parse_schedule(row["name"], row["text"], zone=zone)
        first, last = (
            None if day is None else date.fromisoformat(day) for day in (row["first"], row["last"])
        )
    except (RuleError, ValueError, OSError, LookupError) as error:
        log.warning("schedule cannot be read and never allows", schedule=row["name"], why=str(error))
        return Schedule(name=row["name"], days={})
    return Schedule(
        name=read.name,
        days=read.days,
        holidays=read.holidays,
        observes_holidays=read.observes_holidays,
        first=first,
        last=last,
        zone=zone,
    )


def schedule_columns(schedule: Schedule) -> dict[str, Any]:
    """Return the columns of a schedule; raises StoreError for a zone without an IANA name."""
    zone = schedule.zone
    if zone is not None and not (isinstance(zone, ZoneInfo) and zone.key):
        raise StoreError(f'schedule "{schedule.name}": its time zone has no name to be kept by')
    return {
        "name": schedule.name,
        "text": schedule_text(schedule),
        "zone": None if zone is None else zone.key,
        "first": None if schedule.first is None else schedule.first.isoformat(),
        "last": None if schedule.last is None else schedule.last.isoformat(),
    }


def holiday(row: sqlite3.Row) -> Holiday:
    """Return the holiday of a row."""
    first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
    return Holiday(row["name"], first, last, row["type"], bool(row["yearly"]))


def holiday_columns(holiday: Holiday) -> dict[str, Any]:
    """Return the columns of a holiday."""
    return {
        "name": holiday.name,
        "first": holiday.first.isoformat(),
        "last": holiday.last.isoformat(),
        "type": holiday.type,
        "yearly": holiday.yearly,
    }


def group(row: sqlite3.Row) -> Group:
    """Return the group of a row."""
    return Group(
        name=row["name"],
        schedule=row["schedule"],
        doors=None if row["doors"] is None else frozenset(json.loads(row["doors"])),
        second_factor=bool(row["second_factor"]),
        passback_exempt=bool(row["passback_exempt"]),
        alone=bool(row["alone"]),
        escort=bool(row["escort"]),
        lockdown_pass=bool(row["lockdown_pass"]),
        first_person=bool(row["first_person"]),
    )


def group_columns(group: Group) -> dict[str, Any]:
    """Return the columns of a group."""
    return {
        "name": group.name,
        "schedule": group.schedule,
        "doors": None if group.doors is None else json.dumps(sorted(group.doors), ensure_ascii=False),
        "second_factor": group.second_factor,
        "passback_exempt": group.passback_exempt,
        "alone": group.alone,
        "escort": group.escort,
        "lockdown_pass": group.lockdown_pass,
        "first_person": group.first_person,
    }
