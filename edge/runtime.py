"""The parent's loop: watches the child, hands what it says to the doorkeeper, ends in time.

No thread can hold up another: this one waits on descriptors and deadlines only; the doorkeeper's waits on the
journal; the printer's on whoever reads the events; each door has threads of its own.
"""

import contextlib
import os
import selectors
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType, NewEvent
from edge.domain.health import health
from edge.domain.latency import Latencies
from edge.domain.watchdog import Deadlines, Loops, Stage
from edge.door_site import DoorSite
from edge.errors import EdgeError
from edge.event_printer import EventPrinter
from edge.guard import start_thread
from edge.heat_events import HeatEvents
from edge.job_queue import Job
from edge.parent_status import ParentStatus
from edge.ports import Clock, DoorControl, EventQuery, ServiceNotifier, Store
from edge.service_report import ServiceReport
from edge.supervise import Patience, Phase
from edge.vision_process import VISION_COMMAND
from edge.vision_totals import VisionTotals
from edge.vision_watch import VisionWatch
from edge.vision_wire import (
    CameraState,
    Ended,
    Fatal,
    FromChild,
    NotRecognised,
    Progress,
    Ready,
    Recognised,
    Start,
    Thermal,
    encode,
)

log = structlog.get_logger("edge.runtime")

MOST_REASONS = 20  # why somebody was not recognised; a broken child must not make up ever new ones
LAST_EVENTS = 1.0  # seconds the doorkeeper has to journal what is left, after the child is gone
LAST_LINES = 0.5  # seconds the printer has after that
STAGES = {Phase.RUNNING: Stage.WORKING, Phase.STARTING: Stage.AWAITED, Phase.WAITING: Stage.AWAITED}


@dataclass(frozen=True, slots=True)
class ParentSettings:
    """What the parent needs of the configuration; `started` goes into `system.started`."""

    device: str
    settings: Mapping[str, Any]  # the whole, for the child
    started: Mapping[str, Any] = field(default_factory=dict)
    until_end: bool = False
    print_fd: int | None = None
    live_fd: int | None = None  # of the live picture, for the child
    vision_command: Sequence[str] = VISION_COMMAND
    patience: Patience = field(default_factory=Patience)
    deadlines: Deadlines = field(default_factory=Deadlines)


def ended_cleanly(query: EventQuery) -> bool:
    """Return whether the last run of the daemon wrote its `system.stopped`, or there was none."""
    kinds = frozenset({EventType.SYSTEM_STARTED, EventType.SYSTEM_STOPPED})
    last = query.newest(EventFilter(types=kinds), limit=1)
    return not last or last[0].type is EventType.SYSTEM_STOPPED


class Runtime:
    """The parent process from the first event to the last. `run` is called once, `stop` from anywhere."""

    def __init__(
        self,
        *,
        store: Store,
        site: DoorSite,
        doors: DoorControl,
        clock: Clock,
        settings: ParentSettings,
        notifier: ServiceNotifier | None = None,
    ) -> None:
        self._store = store
        self._site = site
        self._doors = doors
        self._clock = clock
        self._settings = settings
        self._printer: EventPrinter | None = None
        self._keeper = site.keeper
        self._jobs = site.jobs
        site.announce_to(self._announce)
        self._service = ServiceReport(notifier, settings.deadlines) if notifier else None
        self._began = self._sign = clock.monotonic()
        self._totals = VisionTotals()
        self._heat = HeatEvents()
        self._recognitions: dict[str, int] = {}
        self._decisions = Latencies()  # from the deciding frame to the end of what it led to
        self._dropped = 0
        self._selector = selectors.DefaultSelector()
        first = Start(
            settings=dict(settings.settings), until_end=settings.until_end, live_fd=settings.live_fd
        )
        encode(first)  # too much for the wire is an error of the start, not of each child
        self._watch = VisionWatch(
            selector=self._selector,
            clock=clock,
            command=settings.vision_command,
            first=first,
            patience=settings.patience,
            hear=self._hear,
            record=self._record,
        )
        self._stop_wanted = threading.Event()
        self._fatal: str | None = None
        self._cause = "asked"
        self._camera, self._camera_detail = "unknown", ""
        self._ready: Ready | None = None
        self._progress: Progress | None = None
        self._nudge = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def stop(self) -> None:
        """End `run` soon; may be called from a signal handler and from any thread."""
        self._stop_wanted.set()
        with contextlib.suppress(OSError):
            os.eventfd_write(self._nudge, 1)

    def health(self) -> dict[str, Any]:
        """Return how things stand, as JSON; from any thread."""
        return self.status().json()

    def status(self) -> ParentStatus:
        """Return how things stand; from any thread, and without asking the disk."""
        ready, progress = self._ready, self._progress
        thermal = progress.thermal if progress else None
        return ParentStatus(
            vision=self._watch.phase.value,
            camera=self._camera,
            camera_detail=self._camera_detail,
            model=ready.model_dump(exclude={"kind"}) if ready else None,
            progress=progress.model_dump(exclude={"kind", "stages", "thermal"}) if progress else None,
            doors=self._doors.status(),
            waiting=self._jobs.waiting,
            queue_age=self._jobs.age(),
            lost=self._dropped + self._keeper.unwritten,
            restarts=self._watch.restarts,
            up=self._clock.monotonic() - self._began,
            vision_pid=self._watch.pid,
            thermal=thermal.model_dump(include={"temperature", "level", "rate"}) if thermal else None,
            counts=self._totals.counts,
            latencies={**self._totals.latencies, "decision": self._decisions},
            recognitions=dict(self._recognitions),
        )

    def run(self) -> bool:
        """Work until `stop` or the end of the film; return whether everything was put away in time.

        Raises StoreError where the journal cannot be written at the start, EdgeError where the child
        cannot work with what it was given.
        """
        self._site.start()
        try:
            self._begin()
            keeper = start_thread("doorkeeper", self._site.work)
            printer = start_thread("event printer", self._printer.run) if self._printer else None
            self._selector.register(self._nudge, selectors.EVENT_READ, self._on_nudge)
            while self._watch.phase is not Phase.OVER:
                self._turn()
            clean = self._finish(keeper, printer)
        finally:  # whatever went wrong, the door is shut and the child not left alone
            self._site.stop()
            self._watch.abandon()
            self._selector.close()
        if self._fatal is not None:
            raise EdgeError(self._fatal)
        return clean

    def _begin(self) -> None:
        journal = self._store.journal
        recovered = not ended_cleanly(self._store.query)
        if self._settings.print_fd is not None:
            self._printer = EventPrinter(
                journal=journal,
                device=self._settings.device,
                fd=self._settings.print_fd,
                after=journal.last_seq(),
            )
        journal.append(NewEvent(EventType.SYSTEM_STARTED, data=dict(self._settings.started)))
        if recovered:
            log.warning("the last run was not stopped in order")
            journal.append(NewEvent(EventType.SYSTEM_RECOVERED, data={"cause": "no system.stopped"}))
        self._site.begin()
        self._announce()

    def _turn(self) -> None:
        wait = self._watch.timeout
        if self._service is not None:
            wait = self._service.timeout(wait, self._clock.monotonic())
        for key, _ in self._selector.select(wait):
            if key.fd in self._selector.get_map():  # one handler may have closed another's descriptor
                key.data()
        # last, so that signs of life which waited while this process was stopped or swapped out count
        self._watch.tick()
        if self._service is not None:
            self._service.turn(
                Loops(
                    stage=STAGES.get(self._watch.phase, Stage.ENDING),
                    sign=self._sign,
                    due=self._watch.deadline,
                    job=self._jobs.begun,
                    door=self._site.begun,
                ),
                known=self._camera != "unknown" or self._watch.was_lost,
                status=health(self.status().facts()).line,
                now=self._clock.monotonic(),
            )

    def _on_nudge(self) -> None:
        os.eventfd_read(self._nudge)
        if self._stop_wanted.is_set():
            if self._service is not None:
                self._service.stopping()
            self._site.retire()
            self._watch.stop()

    def _hear(self, message: FromChild) -> None:
        self._sign = self._clock.monotonic()
        match message:
            case Ready():
                self._ready = message
                self._totals.begin()
            case Progress():
                self._progress = message
                self._totals.take(message)
                self._heat_changed(message.thermal)
            case CameraState():
                self._camera_changed(message)
            case Recognised():
                self._count("accepted")
                self._post(lambda: self._recognised(message))
            case NotRecognised():
                self._count(message.reason)
                self._post(lambda: self._keeper.not_recognised(message))
            case Ended():
                self._post(self._film_over)
            case Fatal():
                self._give_up(message.line)

    def _recognised(self, message: Recognised) -> None:
        self._keeper.recognised(message)
        self._decisions = self._decisions.with_one(self._clock.monotonic() - message.at)

    def _heat_changed(self, thermal: Thermal | None) -> None:
        for event in self._heat.take(thermal) if thermal else ():
            log.warning("heat changed what is allowed", what=str(event.type), **event.data)
            self._record(event)

    def _count(self, reason: str) -> None:
        known = reason in self._recognitions or len(self._recognitions) < MOST_REASONS
        key = reason if known else "other"
        self._recognitions[key] = self._recognitions.get(key, 0) + 1

    def _film_over(self) -> None:
        """End after all that was decided before was carried out; on the doorkeeper's thread."""
        self._site.settle()
        self._cause = "end of film"
        self.stop()

    def _camera_changed(self, message: CameraState) -> None:
        """Journal a change; a restarted child tells again what is known already."""
        before, self._camera = self._camera, message.state
        self._camera_detail = message.detail
        if message.state == before or (before, message.state) == ("unknown", "live"):
            return
        kind = {
            "live": EventType.CAMERA_RESTORED,
            "lost": EventType.CAMERA_LOST,
            "covered": EventType.CAMERA_COVERED,
        }[message.state]
        log.warning("camera changed", state=message.state, detail=message.detail)
        self._record(NewEvent(kind, data={"detail": message.detail}))

    def _give_up(self, line: str) -> None:
        if self._ready is not None and not self._settings.until_end:
            self._watch.condemn(line)
            return
        self._fatal = self._cause = line  # nothing a retry could change: configuration, models or the film
        self.stop()

    def _record(self, event: NewEvent) -> None:
        self._post(lambda: self._keeper.record(event))

    def _post(self, job: Job) -> None:
        """Hand a job to the doorkeeper without waiting; what finds no room is counted and told later."""
        if self._dropped:
            gap = NewEvent(EventType.JOURNAL_GAP, data={"lost": self._dropped})
            if self._jobs.post(lambda: self._keeper.record(gap)):
                self._dropped = 0
        if self._dropped or not self._jobs.post(job):
            self._dropped += 1
            if self._dropped == 1:
                log.error("journal is stuck, nobody is let in", waiting=self._jobs.waiting)

    def _announce(self) -> None:
        if self._printer is not None:
            self._printer.announce()

    def _finish(self, keeper: threading.Thread, printer: threading.Thread | None) -> bool:
        self._site.stop()  # first, so that the journal ends with the end
        self._record(NewEvent(EventType.SYSTEM_STOPPED, data={"cause": self._cause}))
        self._jobs.end()
        keeper.join(LAST_EVENTS)
        if keeper.is_alive():
            log.error("journal is stuck, system.stopped was not written")
            return False
        if printer is not None and self._printer is not None:
            self._printer.finish(self._store.journal.last_seq())
            printer.join(LAST_LINES)
        nudge, self._nudge = self._nudge, -1  # a late signal must not write to a number used anew
        os.close(nudge)
        return printer is None or not printer.is_alive()
