"""What the pages of the office work with, put together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, BinaryIO

from edge.bootstrap.backup import backup_desk
from edge.bootstrap.clock import set_system_clock
from edge.bootstrap.desks import current_attendance, needed_schedules, workbook
from edge.bootstrap.recognition import embedder_profile, threshold
from edge.config import Settings
from edge.domain.model_in_force import ModelInForce
from edge.errors import ModelError
from edge.office.attendance import AttendanceDesk
from edge.office.clock import ClockOffice
from edge.office.punch_log import PunchLog
from edge.office.schedules import ScheduleDesk
from edge.office.table import Cell
from edge.ports import VouchedClock

if TYPE_CHECKING:
    from edge.adapters.store_sqlite import SqliteStore
    from edge.config.page import Value
    from edge.web.office_parts import OfficeParts


def office_parts(
    settings: Settings, store: "SqliteStore", clock: VouchedClock, restart: Callable[[], str] | None
) -> "OfficeParts":
    """Return what the pages of a running daemon work with; `restart` has it begin anew."""
    from edge.web.accuracy_desk import AccuracyDesk
    from edge.web.office_parts import OfficeParts
    from edge.web.settings_desk import SettingsDesk
    from edge.web.upload_slot import UploadSlot

    return OfficeParts(
        journal=store.journal,
        write_rows=_write_rows,
        workbook=workbook,
        punches=PunchLog(store.journal, store.query),
        rules=lambda: current_attendance(settings, store.access).rules(),
        attendance=AttendanceDesk(people=store.people, journal=store.journal, query=store.query, clock=clock),
        model=lambda: model_in_force(settings),
        accuracy=AccuracyDesk(store.people, clock.monotonic),
        settings=SettingsDesk(settings, store.journal, _check(settings)),
        clock=ClockOffice(clock, store.journal),
        access=store.access,
        schedules=ScheduleDesk(store.access, needed_schedules(settings)),
        set_clock=_set_clock,
        backups=backup_desk(settings, store.journal, store.query, clock),
        upload=UploadSlot(settings.data_dir),
        restart=restart,
    )


def _write_rows(out: BinaryIO, title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    from edge.adapters.rows_xlsx import write_rows  # 8 MB, which most terminals never need

    write_rows(out, title, columns, rows)


def model_in_force(settings: Settings) -> ModelInForce | None:
    """Return the embedder in use, None where it is not installed."""
    try:
        profile = embedder_profile(settings)
    except ModelError:
        return None
    vectors = profile.vectors
    return ModelInForce(
        name=profile.name,
        version=profile.version,
        scale=vectors.scale,
        threshold=threshold(settings, profile),
        advised=vectors.door if settings.access.mode == "door" else vectors.attendance,
        margin=vectors.margin if settings.recognition.margin is None else settings.recognition.margin,
        false_matches=profile.false_matches,
        max_fpir=settings.access.max_fpir,
    )


def _check(settings: Settings) -> "Callable[[Mapping[tuple[str, str], Value | None]], None]":
    def check(changes: "Mapping[tuple[str, str], Value | None]") -> None:
        percent = changes.get(("recognition", "threshold_percent"))
        model = model_in_force(settings)
        if model is not None and isinstance(percent, float):
            model.scale.score(percent)

    return check


def _set_clock(wall: float) -> None:
    set_system_clock(wall)
