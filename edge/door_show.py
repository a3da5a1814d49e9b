"""The thread that lets lamps and buzzer show how a door stands; nothing that it does holds up the door."""

import math
import threading
from collections.abc import Callable

import structlog

from edge.domain.door_lamps import Cue, Lamps, shown
from edge.domain.door_state import DoorState, indication
from edge.errors import DeviceError
from edge.guard import guarded, start_thread
from edge.ports import Indicator

log = structlog.get_logger("edge.door")

LONGEST = 1.0  # s between two looks: whether the journal is stuck is not told, it is seen
LEAVE = 0.5  # s for the thread to end


class DoorShow:
    """Shows a door on its `indicator`.

    `state` tells how the door stands and `stuck` whether its events find no journal, both at once and from
    any thread; `clock` gives monotonic seconds.
    """

    def __init__(
        self,
        indicator: Indicator,
        *,
        state: Callable[[], DoorState],
        stuck: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:
        self._indicator = indicator
        self._state = state
        self._stuck = stuck
        self._clock = clock
        self._cue: tuple[Cue | None, float] = (None, -math.inf)
        self._news = threading.Event()
        self._stopping = False
        self._failing = False
        self._shown: Lamps | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread."""
        self._thread = start_thread("door lamps", self._run)

    def changed(self) -> None:
        """Look soon: the door has changed; from any thread."""
        self._news.set()

    def cue(self, cue: Cue | None) -> None:
        """Tell whoever is at the door, or end what was told; from any thread."""
        with guarded("door lamps"):
            self._cue = (cue, self._clock())
        self._news.set()

    def look(self) -> float:
        """Show what is to be shown now, and return the seconds until that may change."""
        now = self._clock()
        cue, since = self._cue
        told = shown(indication(self._state()), cue, since, now, stuck=self._stuck())
        if told.lamps != self._shown or self._failing:
            self._switch(told.lamps)
        return min(max(told.left, 0.01), LONGEST)

    def stop(self) -> None:
        """End the thread and switch all off; may be called twice."""
        self._stopping = True
        self._news.set()
        if self._thread is not None:
            self._thread.join(LEAVE)
        with guarded("door lamps"):
            self._close()

    def _close(self) -> None:
        try:
            self._indicator.close()
        except DeviceError as error:
            log.warning("lamps do not answer", error=str(error))

    def _run(self) -> None:
        while not self._stopping:
            pause = LONGEST
            with guarded("door lamps"):
                pause = self.look()
            self._news.wait(pause)
            self._news.clear()

    def _switch(self, lamps: Lamps) -> None:
        try:
            self._indicator.show(lamps)
        except DeviceError as error:
            if not self._failing:
                self._failing = True
                log.warning("lamps do not answer", error=str(error))
            return
        self._shown = lamps
        if self._failing:
            self._failing = False
            log.info("lamps answer again")
