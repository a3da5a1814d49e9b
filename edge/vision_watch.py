"""Keeps one vision child alive: does what the supervisor decides, passes on what the child says."""

import contextlib
import selectors
from collections.abc import Callable, Sequence

import structlog

from edge.child_log import ChildLog
from edge.domain.events import EventType, NewEvent
from edge.ports import Clock
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
from edge.vision_process import VisionProcess
from edge.vision_wire import CameraState, FromChild, Progress, Ready, Start, Stop, WireError

log = structlog.get_logger("edge.vision_watch")


class VisionWatch:
    """Watches over the child from within the loop that owns `selector`; nothing in here waits.

    `hear` gets each message of the child, `record` each event to be journaled.
    """

    def __init__(
        self,
        *,
        selector: selectors.BaseSelector,
        clock: Clock,
        command: Sequence[str],
        first: Start,
        patience: Patience,
        hear: Callable[[FromChild], None],
        record: Callable[[NewEvent], None],
    ) -> None:
        self._selector = selector
        self._clock = clock
        self._command = command
        self._first = first
        self._hear = hear
        self._record = record
        self._supervisor = Supervisor(clock.monotonic(), patience)
        self._child: VisionProcess | None = None
        self._said = ChildLog(clock.monotonic)
        self._starts = 0

    @property
    def phase(self) -> Phase:
        """Return where the child is."""
        return self._supervisor.phase

    @property
    def deadline(self) -> float | None:
        """Return the monotonic second at which `tick` is due, None where nothing is awaited."""
        return self._supervisor.deadline

    @property
    def restarts(self) -> int:
        """Return how often a child was started again."""
        return max(0, self._starts - 1)

    @property
    def was_lost(self) -> bool:
        """Return whether the first child was lost before now."""
        return self._starts > 1 or (self._starts == 1 and self.phase is Phase.WAITING)

    @property
    def pid(self) -> int | None:
        """Return the process id of the child, None where there is none."""
        child = self._child
        return None if child is None else child.pid

    @property
    def timeout(self) -> float | None:
        """Return in how many seconds `tick` is due, None where nothing is awaited."""
        deadline = self._supervisor.deadline
        return None if deadline is None else max(0.0, deadline - self._clock.monotonic())

    def tick(self) -> None:
        """Do what the passing of time asks for."""
        self._apply(self._supervisor.tick(self._clock.monotonic()))

    def stop(self) -> None:
        """End the child for good; `phase` becomes OVER when it is gone or given up."""
        self._apply(self._supervisor.stop(self._clock.monotonic()))

    def condemn(self, why: str) -> None:
        """End a child that cannot be trusted or cannot work, and start another."""
        self._apply(self._supervisor.condemn(self._clock.monotonic(), why))

    def abandon(self) -> None:
        """Let go of a child that is still there; what is left of it gets SIGKILL."""
        if self._child is not None:
            log.error("vision was not ended, it is killed and left", pid=self._child.pid)
            self._child.kill()
            self._forget(self._child)

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
        self._starts += 1
        try:
            child = VisionProcess(self._command, self._first)
        except OSError as error:
            self._apply(self._supervisor.exited(self._clock.monotonic(), f"cannot be started: {error}"))
            return
        self._child = child
        self._selector.register(child.wire_fd, selectors.EVENT_READ, lambda: self._on_wire(child))
        self._selector.register(child.exit_fd, selectors.EVENT_READ, lambda: self._on_exit(child))
        self._selector.register(child.error_fd, selectors.EVENT_READ, lambda: self._on_errors(child))
        log.debug("vision started", pid=child.pid)

    def _on_wire(self, child: VisionProcess) -> None:
        try:
            messages = child.receive()
        except WireError as error:
            self._selector.unregister(child.wire_fd)  # what sent this is not heard any more
            self.condemn(str(error))
            return
        if messages is None:  # most likely it is dying, and how it died says more
            self._selector.unregister(child.wire_fd)
            self._supervisor.mute(self._clock.monotonic())
            return
        for message in messages:
            self._take(message)

    def _take(self, message: FromChild) -> None:
        now = self._clock.monotonic()
        match message:
            case Ready():
                self._apply(self._supervisor.ready(now))
                log.info("vision is ready", **message.model_dump(exclude={"kind"}))
            case Progress() | CameraState():
                self._supervisor.progress(now)
            case _:
                pass
        self._hear(message)

    def _on_errors(self, child: VisionProcess) -> None:
        data = child.read_errors()
        if data is None:
            self._selector.unregister(child.error_fd)
        else:
            self._said.feed(data)

    def _on_exit(self, child: VisionProcess) -> None:
        if child.wire_fd in self._selector.get_map():
            for message in child.drain():
                self._take(message)
        self._said.feed(child.read_errors() or b"")
        self._said.end()
        self._forget(child)
        how = child.bury()
        self._apply(self._supervisor.exited(self._clock.monotonic(), how))

    def _forget(self, child: VisionProcess) -> None:
        for fd in (child.wire_fd, child.exit_fd, child.error_fd):
            with contextlib.suppress(KeyError):
                self._selector.unregister(fd)
        self._child = None
