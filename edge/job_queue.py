"""Work handed to one thread: bounded, in order, and with the age of what waits known at any time."""

import queue
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from edge.guard import guarded

Job: TypeAlias = Callable[[], object]


@dataclass(frozen=True, slots=True)
class _Waiting:
    since: float
    job: Job


class JobQueue:
    """Jobs for the thread that calls `work`. `name` is for errors; `clock` gives monotonic seconds."""

    def __init__(self, name: str, size: int, clock: Callable[[], float]) -> None:
        self._name = name
        self._clock = clock
        self._jobs: queue.Queue[_Waiting | None] = queue.Queue(size)
        self._current: tuple[float, float] | None = None  # when it was handed over, and when it was begun

    def post(self, job: Job) -> bool:
        """Hand a job over without waiting; False where there is no room for it."""
        try:
            self._jobs.put_nowait(_Waiting(self._clock(), job))
        except queue.Full:
            return False
        return True

    def end(self) -> bool:
        """Let `work` return after what was handed over so far; False where there is no room for that."""
        try:
            self._jobs.put_nowait(None)
        except queue.Full:
            return False
        return True

    def work(self) -> None:
        """Do the jobs in order, until `end`; one that fails is logged and does not end this."""
        while (waiting := self._jobs.get()) is not None:
            self._current = (waiting.since, self._clock())
            with guarded(self._name):
                waiting.job()
            self._current = None

    @property
    def waiting(self) -> int:
        """Return how many jobs wait, without the one in work."""
        return self._jobs.qsize()

    @property
    def begun(self) -> float | None:
        """Return the monotonic second at which the job in work was begun, None where there is none."""
        current = self._current
        return None if current is None else current[1]

    def age(self) -> float:
        """Return the seconds since the oldest job that is not done was handed over, 0 where all are done."""
        current = self._current
        return 0.0 if current is None else max(0.0, self._clock() - current[0])
