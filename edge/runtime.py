"""The parent's loop: watches the child, hands what it says to the doorkeeper, ends in time.

Three threads, none of which can hold up another: this one waits on descriptors and deadlines only; the
doorkeeper's waits on the journal; the printer's on whoever reads the events.
"""

import contextlib
import os
import queue
import selectors
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from edge.child_log import TextLines, log_child_line
from edge.domain.events import EventType, NewEvent
from edge.doorkeeper import Doorkeeper, DoorRules
from edge.errors import DeviceError, EdgeError
from edge.event_printer import EventPrinter
from edge.guard import guarded, start_thread
from edge.ports import Clock, Journal, Relay, Store
from edge.supervise import (
    AskToStop,
    Effect,
    Kill,
    Patience,
    Phase,
    SayBack,
    SayLost,
    SayRestarted,
    StartChild,
    Supervisor,
    Terminate,
)
from edge.vision_process import VISION_COMMAND, VisionProcess
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
    Stop,
    WireError,
)

log = structlog.get_logger("edge.runtime")

MAX_WAITING = 256  # messages for the doorkeeper; more means that the journal has been stuck for long
MAX_CHILD_LINES = 200  # lines of a child's stderr that are logged in LINES_PERIOD seconds
LINES_PERIOD = 10.0
LAST_EVENTS = 1.5  # seconds the doorkeeper has to journal what is left, after the child is gone
LAST_LINES = 0.5  # seconds the printer has after that

Job = Callable[[], object]


@dataclass(frozen=True, slots=True)
class ParentSettings:
    """What the parent needs of the configuration; `started` goes into `system.started`."""

    device: str
    door: DoorRules
    settings: Mapping[str, Any]  # the whole, for the child
    started: Mapping[str, Any] = field(default_factory=dict)
    until_end: bool = False
    print_fd: int | None = None
    vision_command: Sequence[str] = VISION_COMMAND
    patience: Patience = field(default_factory=Patience)


def ended_cleanly(journal: Journal) -> bool:
    """Return whether the last run of the daemon wrote its `system.stopped`, or there was none."""
    page = 500
    upto = journal.last_seq()
    while upto > 0:
        since = max(0, upto - page)
        for event in reversed(journal.events(since_seq=since, limit=page)):
            if event.type in {EventType.SYSTEM_STARTED, EventType.SYSTEM_STOPPED}:
                return event.type is EventType.SYSTEM_STOPPED
        upto = since
    return True


class Runtime:
    """The parent process from the first event to the last. `run` is called once, `stop` from anywhere."""

    def __init__(self, *, store: Store, relay: Relay, clock: Clock, settings: ParentSettings) -> None:
        self._store = store
        self._relay = relay
        self._clock = clock
        self._settings = settings
        self._printer: EventPrinter | None = None
        self._keeper = Doorkeeper(
            people=store.people,
            journal=store.journal,
            relay=relay,
            clock=clock,
            rules=settings.door,
            announce=self._announce,
        )
        self._jobs: queue.Queue[Job | None] = queue.Queue(MAX_WAITING)
        self._dropped = 0
        self._selector = selectors.DefaultSelector()
        self._supervisor = Supervisor(clock.monotonic(), settings.patience)
        self._child: VisionProcess | None = None
        self._errors = TextLines()
        self._lines_left = MAX_CHILD_LINES
        self._lines_since = clock.monotonic()
        self._stop_wanted = threading.Event()
        self._was_ready = False
        self._fatal: str | None = None
        self._camera = "live"
        self._nudge = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def stop(self) -> None:
        """End `run` soon; may be called from a signal handler and from any thread."""
        self._stop_wanted.set()
        with contextlib.suppress(OSError):
            os.eventfd_write(self._nudge, 1)

    def run(self) -> bool:
        """Work until `stop` or the end of the film; return whether everything was put away in time.

        Raises StoreError where the journal cannot be written at the start, EdgeError where the child
        cannot work with what it was given.
        """
        self._begin()
        keeper = start_thread("doorkeeper", self._keep)
        printer = start_thread("event printer", self._printer.run) if self._printer else None
        self._selector.register(self._nudge, selectors.EVENT_READ, self._on_nudge)
        try:
            while self._supervisor.phase is not Phase.OVER:
                self._turn()
            clean = self._finish(keeper, printer)
        finally:  # whatever went wrong, the door is shut and the child not left alone
            self._keeper.retire()
            self._idle_relay()
            if self._child is not None:
                self._child.kill()
        if self._fatal is not None:
            raise EdgeError(self._fatal)
        return clean

    def _begin(self) -> None:
        journal = self._store.journal
        recovered = not ended_cleanly(journal)
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
        self._announce()

    def _turn(self) -> None:
        deadline = self._supervisor.deadline
        timeout = None if deadline is None else max(0.0, deadline - self._clock.monotonic())
        for key, _ in self._selector.select(timeout):
            if key.fd in self._selector.get_map():  # one handler may have closed another's descriptor
                key.data()
        # last, so that signs of life which waited while this process was stopped or swapped out count
        self._apply(self._supervisor.tick(self._clock.monotonic()))

    def _apply(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case StartChild():
                    self._start_child()
                case AskToStop() if self._child:
                    self._child.send(Stop())
                case Terminate() if self._child:
                    self._child.terminate()
                case Kill() if self._child:
                    self._child.kill()
                case SayLost(cause=cause, retry=retry):
                    log.error("vision is gone", cause=cause, retry_s=retry)
                case SayRestarted(cause=cause):
                    log.info("vision is started again", cause=cause)
                    self._record(NewEvent(EventType.VISION_RESTARTED, data={"cause": cause}))
                case SayBack(seconds=seconds, attempts=attempts):
                    log.info("vision works again", after_s=round(seconds, 1), attempts=attempts)
                case _:
                    pass

    def _start_child(self) -> None:
        first = Start(settings=dict(self._settings.settings), until_end=self._settings.until_end)
        try:
            child = VisionProcess(self._settings.vision_command, first)
        except OSError as error:
            self._apply(self._supervisor.exited(self._clock.monotonic(), f"cannot be started: {error}"))
            return
        self._child = child
        self._errors = TextLines()
        self._selector.register(child.wire_fd, selectors.EVENT_READ, self._on_wire)
        self._selector.register(child.exit_fd, selectors.EVENT_READ, self._on_exit)
        self._selector.register(child.error_fd, selectors.EVENT_READ, self._on_errors)
        log.debug("vision started", pid=child.pid)

    def _on_nudge(self) -> None:
        os.eventfd_read(self._nudge)
        if self._stop_wanted.is_set():
            self._keeper.retire()
            self._idle_relay()
            self._apply(self._supervisor.stop(self._clock.monotonic()))

    def _on_wire(self) -> None:
        if self._child is None:
            return
        try:
            messages = self._child.receive()
        except WireError as error:
            self._distrust(str(error))
            return
        if messages is None:  # most likely it is dying, and how it died says more
            self._selector.unregister(self._child.wire_fd)
            self._supervisor.mute(self._clock.monotonic())
            return
        for message in messages:
            self._hear(message)

    def _distrust(self, why: str) -> None:
        """Hear no more of a child that sent what is no message, and end it."""
        if self._child is not None:
            self._selector.unregister(self._child.wire_fd)
        self._apply(self._supervisor.condemn(self._clock.monotonic(), why))

    def _on_errors(self) -> None:
        if self._child is None:
            return
        data = self._child.read_errors()
        if data is None:
            self._selector.unregister(self._child.error_fd)
            return
        self._log_lines(self._errors.feed(data))

    def _log_lines(self, lines: Sequence[str]) -> None:
        now = self._clock.monotonic()
        if now - self._lines_since >= LINES_PERIOD:
            self._lines_since = now
            self._lines_left = MAX_CHILD_LINES
        for line in lines:
            self._lines_left -= 1
            if self._lines_left > 0:
                log_child_line(line)
            elif self._lines_left == 0:
                log.warning("vision says too much, the rest is dropped for now", period_s=LINES_PERIOD)

    def _on_exit(self) -> None:
        child = self._child
        if child is None:
            return
        if child.wire_fd in self._selector.get_map():
            for message in child.drain():
                self._hear(message)
        data = child.read_errors()
        self._log_lines(self._errors.feed(data or b"") + self._errors.rest())
        self._forget(child)
        how = child.bury()
        self._apply(self._supervisor.exited(self._clock.monotonic(), how))

    def _forget(self, child: VisionProcess) -> None:
        for fd in (child.wire_fd, child.exit_fd, child.error_fd):
            with contextlib.suppress(KeyError):
                self._selector.unregister(fd)
        self._child = None

    def _hear(self, message: FromChild) -> None:
        now = self._clock.monotonic()
        match message:
            case Ready():
                self._was_ready = True
                self._apply(self._supervisor.ready(now))
                log.info("vision is ready", **message.model_dump(exclude={"kind"}))
            case Progress():
                self._supervisor.progress(now)
            case CameraState():
                self._supervisor.progress(now)
                self._camera_changed(message)
            case Recognised():
                self._post(lambda: self._keeper.recognised(message))
            case NotRecognised():
                self._post(lambda: self._keeper.not_recognised(message))
            case Ended():
                self._post(self.stop)
            case Fatal():
                self._give_up(message.line)

    def _camera_changed(self, message: CameraState) -> None:
        """Journal a change; a restarted child tells again what is known already."""
        before, self._camera = self._camera, message.state
        if message.state == before:
            return
        kind = {
            "live": EventType.CAMERA_RESTORED,
            "lost": EventType.CAMERA_LOST,
            "covered": EventType.CAMERA_COVERED,
        }[message.state]
        log.warning("camera changed", state=message.state, detail=message.detail)
        self._record(NewEvent(kind, data={"detail": message.detail}))

    def _give_up(self, line: str) -> None:
        if self._was_ready:
            self._apply(self._supervisor.condemn(self._clock.monotonic(), line))
            return
        self._fatal = line  # nothing a retry could change: configuration or models
        self.stop()

    def _record(self, event: NewEvent) -> None:
        self._post(lambda: self._keeper.record(event))

    def _post(self, job: Job) -> None:
        """Hand a job to the doorkeeper without waiting; what finds no room is counted and told later."""
        try:
            if self._dropped:
                gap = NewEvent(EventType.JOURNAL_GAP, data={"lost": self._dropped})
                self._jobs.put_nowait(lambda: self._keeper.record(gap))
                self._dropped = 0
            self._jobs.put_nowait(job)
        except queue.Full:
            self._dropped += 1
            if self._dropped == 1:
                log.error("journal is stuck, nobody is let in", waiting=MAX_WAITING)  # noqa: TRY400 - one line

    def _keep(self) -> None:
        while (job := self._jobs.get()) is not None:
            with guarded("doorkeeper"):
                job()

    def _announce(self) -> None:
        if self._printer is not None:
            self._printer.announce()

    def _idle_relay(self) -> None:
        try:
            self._relay.idle()
        except DeviceError as error:
            log.error("relay cannot be driven idle", error=str(error))  # noqa: TRY400 - one line

    def _finish(self, keeper: threading.Thread, printer: threading.Thread | None) -> bool:
        if self._child is not None:
            log.error("vision cannot be ended, it is stuck in the kernel", pid=self._child.pid)
            self._forget(self._child)
        self._record(NewEvent(EventType.SYSTEM_STOPPED, data={"cause": self._fatal or "asked"}))
        with contextlib.suppress(queue.Full):
            self._jobs.put_nowait(None)
        keeper.join(LAST_EVENTS)
        if keeper.is_alive():
            log.error("journal is stuck, system.stopped was not written")
            return False
        if printer is not None and self._printer is not None:
            self._printer.finish(self._store.journal.last_seq())
            printer.join(LAST_LINES)
        self._selector.close()
        nudge, self._nudge = self._nudge, -1  # a late signal must not write to a number used anew
        os.close(nudge)
        return printer is None or not printer.is_alive()
