"""Ends each relay pulse by itself, whatever the rest of the process is doing."""

import math
import threading
from collections.abc import Callable

from edge.guard import guarded

LONGEST = 60.0  # seconds a relay stays energised at most, however many grants overlap


class Pulses:
    """Energises for a time; overlapping pulses extend it up to LONGEST from the first.

    `energise` and `release` drive the line, are called one at a time and may raise DeviceError. `clock`
    gives monotonic seconds. `energise` is given the seconds, infinity for a hold without an end.
    """

    def __init__(
        self, *, energise: Callable[[float], None], release: Callable[[], None], clock: Callable[[], float]
    ) -> None:
        self._energise = energise
        self._release = release
        self._clock = clock
        self._lock = threading.Lock()
        self._since: float | None = None
        self._until = 0.0
        self._timer: threading.Timer | None = None

    def start(self, seconds: float) -> None:
        """Energise for `seconds` from now; its end is armed before the line moves."""
        with self._lock:
            now = self._clock()
            first = now if self._since is None else self._since
            until = min(max(self._until if self._since is not None else now, now + seconds), first + LONGEST)
            self._arm(until - now)
            self._until = until
            try:
                self._energise(until - now)
            except BaseException:
                self._end()
                raise
            self._since = first

    def hold(self, seconds: float | None) -> None:
        """Energise until `seconds` from now, None for until told otherwise; replaces whatever end there was.

        For whoever keeps the caps itself and renews in time. The end is armed before the line moves, and an
        earlier end stays armed until the line has moved.
        """
        with self._lock:
            now = self._clock()
            first = now if self._since is None else self._since
            if seconds is not None:
                self._arm(seconds)
            try:
                self._energise(math.inf if seconds is None else seconds)
            except BaseException:
                self._end()
                raise
            self._since = first
            self._until = math.inf if seconds is None else now + seconds
            if seconds is None:
                self._disarm()

    def end(self) -> None:
        """Release the line at once, also where no pulse is known of."""
        with self._lock:
            self._end()

    @property
    def until(self) -> float | None:
        """Return the monotonic second at which the line is released, None where it is; infinity for never."""
        with self._lock:
            return None if self._since is None else self._until

    def _end(self) -> None:
        self._disarm()
        self._since = None
        self._release()

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, seconds: float) -> None:
        timer = threading.Timer(seconds, lambda: self._expire(timer))
        timer.daemon = True
        timer.start()  # before the old one is cancelled: where no thread can be had, that one still ends it
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    def _expire(self, timer: threading.Timer) -> None:
        with guarded("relay pulse"), self._lock:
            if timer is not self._timer:
                return  # extended or ended meanwhile
            left = self._until - self._clock()
            if left > 0:
                self._arm(left)
            else:
                self._end()
