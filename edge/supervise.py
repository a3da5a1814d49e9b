"""When to start, stop, kill and restart the vision child: a state machine without a clock of its own.

Each method takes the monotonic time and returns what to do now; the driver in `runtime.py` does it. At most
one child exists at a time: nothing is started before the last one was seen to exit.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for what, in seconds.

    `start` from start to ready (models are loaded and compiled in it); `progress` between two signs of
    life; `terminate` between SIGTERM and SIGKILL for a child that hangs; when all stops, `ask` between the
    request and SIGTERM, `stop_terminate` from there to SIGKILL, `kill` from there to giving up; `first` and
    `longest` the bounds of the doubling wait before a restart, which begins anew after `healthy`.
    """

    start: float = 90.0
    progress: float = 10.0
    terminate: float = 2.0
    ask: float = 1.0
    stop_terminate: float = 1.0
    kill: float = 0.5
    first: float = 1.0
    longest: float = 30.0
    healthy: float = 60.0


@dataclass(frozen=True, slots=True)
class StartChild:
    """Start a child now."""


@dataclass(frozen=True, slots=True)
class AskToStop:
    """Send the child a request to stop."""


@dataclass(frozen=True, slots=True)
class Terminate:
    """Send the child SIGTERM."""


@dataclass(frozen=True, slots=True)
class Kill:
    """Send the child and all it started SIGKILL."""


@dataclass(frozen=True, slots=True)
class SayLost:
    """Tell that vision is gone, once per outage; `retry` is the wait in seconds before the restart."""

    cause: str
    retry: float


@dataclass(frozen=True, slots=True)
class SayRestarted:
    """Tell, once per outage, that vision was started again because of `cause`."""

    cause: str


@dataclass(frozen=True, slots=True)
class SayBack:
    """Tell that vision works again, `seconds` after it was lost and with the `attempts`-th start."""

    seconds: float
    attempts: int


Effect: TypeAlias = StartChild | AskToStop | Terminate | Kill | SayLost | SayRestarted | SayBack


class Phase(StrEnum):
    """Where the child is."""

    WAITING = "waiting"  # none exists, the next one starts at the deadline
    STARTING = "starting"  # exists, not ready yet
    RUNNING = "running"
    ASKED = "asked"  # a request to stop was sent
    TERMINATED = "terminated"  # SIGTERM was sent
    KILLED = "killed"  # SIGKILL was sent
    OVER = "over"  # stopped for good


@dataclass(slots=True)
class _Outage:
    since: float
    cause: str
    attempts: int = 0


class Supervisor:
    """The state of one supervised child; it starts at `now`."""

    def __init__(self, now: float, patience: Patience) -> None:
        self.phase = Phase.WAITING
        self._patience = patience
        self._deadline: float | None = now
        self._wait = patience.first
        self._ready_at: float | None = None
        self._condemned: str | None = None  # why we end it ourselves
        self._mute = False
        self._outage: _Outage | None = None
        self._stopping = False

    @property
    def deadline(self) -> float | None:
        """Return when `tick` is due, None where nothing is awaited."""
        return self._deadline

    def tick(self, now: float) -> list[Effect]:
        """Return what the passing of time asks for."""
        if self._deadline is None or now < self._deadline:
            return []
        match self.phase:
            case Phase.WAITING:
                return self._start(now)
            case Phase.STARTING | Phase.RUNNING:
                return self.condemn(now, self._why_overdue())
            case Phase.ASKED:
                self._enter(Phase.TERMINATED, now + self._patience.stop_terminate)
                return [Terminate()]
            case Phase.TERMINATED:
                self._enter(Phase.KILLED, now + self._patience.kill if self._stopping else None)
                return [Kill()]
            case _:  # KILLED and still there: stuck in the kernel, which no signal ends
                self._enter(Phase.OVER, None)
                return []

    def ready(self, now: float) -> list[Effect]:
        """Take note that the child is ready."""
        if self.phase is not Phase.STARTING:
            return []
        self._enter(Phase.RUNNING, now + self._patience.progress)
        self._ready_at = now
        outage, self._outage = self._outage, None
        return [SayBack(now - outage.since, outage.attempts)] if outage else []

    def progress(self, now: float) -> None:
        """Take note of a sign of life."""
        if self.phase is Phase.RUNNING and not self._mute:
            self._deadline = now + self._patience.progress

    def mute(self, now: float) -> None:
        """Take note that the child can say nothing more: it is about to exit, or of no use."""
        if self.phase in {Phase.STARTING, Phase.RUNNING}:
            self._mute = True
            self._deadline = now + self._patience.ask

    def condemn(self, now: float, why: str) -> list[Effect]:
        """End a child that cannot be trusted or does not move."""
        if self.phase not in {Phase.STARTING, Phase.RUNNING}:
            return []
        self._condemned = why
        self._enter(Phase.TERMINATED, now + self._patience.terminate)
        return [Terminate()]

    def exited(self, now: float, how: str) -> list[Effect]:
        """Take note that the child is gone, or could not be started; `how` says it in words."""
        if self._stopping or self.phase is Phase.OVER:
            self._enter(Phase.OVER, None)
            return []
        if self._ready_at is not None and now - self._ready_at >= self._patience.healthy:
            self._wait = self._patience.first
        wait, self._wait = self._wait, min(self._wait * 2, self._patience.longest)
        cause, self._condemned, self._ready_at = self._condemned or how, None, None
        self._mute = False
        self._enter(Phase.WAITING, now + wait)
        if self._outage is not None:
            return []
        self._outage = _Outage(now, cause)
        return [SayLost(cause, wait)]

    def stop(self, now: float) -> list[Effect]:
        """End it for good; `phase` becomes OVER when the child is gone or given up."""
        if self._stopping:
            return []
        self._stopping = True
        match self.phase:
            case Phase.STARTING | Phase.RUNNING:
                self._enter(Phase.ASKED, now + self._patience.ask)
                return [AskToStop()]
            case Phase.TERMINATED:
                self._enter(Phase.TERMINATED, now + self._patience.stop_terminate)
            case Phase.KILLED:
                self._enter(Phase.KILLED, now + self._patience.kill)
            case _:
                self._enter(Phase.OVER, None)
        return []

    def _why_overdue(self) -> str:
        if self._mute:
            return "hang: it closed its wire and stayed"
        if self.phase is Phase.STARTING:
            return f"hang: not ready within {self._patience.start:g} s"
        return f"hang: no progress for {self._patience.progress:g} s"

    def _start(self, now: float) -> list[Effect]:
        self._enter(Phase.STARTING, now + self._patience.start)
        if self._outage is None:
            return [StartChild()]
        self._outage.attempts += 1
        told: list[Effect] = [SayRestarted(self._outage.cause)] if self._outage.attempts == 1 else []
        return [*told, StartChild()]

    def _enter(self, phase: Phase, deadline: float | None) -> None:
        self.phase = phase
        self._deadline = deadline
