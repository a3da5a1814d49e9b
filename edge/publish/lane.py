"""Events on their way from the journal to a broker, in order."""

from collections.abc import Sequence

from edge.domain.events import Event
from edge.domain.in_flight import InFlight
from edge.ports import EventReader, Outbox

SAVE_EVERY = 1.0  # seconds between two writes of the cursor, and
SAVE_AFTER = 100  # events after which it is written sooner; replaying a few after a crash is safe


class Lane:
    """The events after `after`, up to `upto` where that is given; `flight` knows which have arrived."""

    def __init__(self, events: EventReader, *, after: int, upto: int | None = None) -> None:
        self._events = events
        self._upto = upto
        self._exhausted = False
        self.flight = InFlight(after)

    @property
    def done(self) -> bool:
        """Return whether everything up to `upto` has arrived; never for a lane without end."""
        return (
            self._upto is not None and not self.flight and (self._exhausted or self.flight.sent >= self._upto)
        )

    def next(self, room: int) -> Sequence[Event]:
        """Return up to `room` further events; none where there are none now. Raises StoreError."""
        if room <= 0 or (self._upto is not None and (self._exhausted or self.flight.sent >= self._upto)):
            return ()
        page = self._events.events(since_seq=self.flight.sent, limit=room)
        wanted = [event for event in page if self._upto is None or event.seq <= self._upto]
        self._exhausted = not page or len(wanted) < len(page)
        return wanted

    def forget(self) -> None:
        """Begin again behind what has arrived."""
        self._exhausted = False
        self.flight.forget()


class KeptLane(Lane):
    """A lane whose position is kept as the cursor of `sink`, from which it starts."""

    def __init__(self, outbox: Outbox, sink: str, *, upto: int | None = None) -> None:
        start = outbox.cursor(sink)
        super().__init__(outbox, after=start, upto=upto)
        self._outbox = outbox
        self._sink = sink
        self._saved = start
        self._due = 0.0
        self._hold = 0.0

    def save(self, now: float, *, at_once: bool = False) -> None:
        """Write the cursor where something arrived, at most once a second or a hundred events.

        Raises StoreError; the next call tries again, no sooner than in a second.
        """
        arrived = self.flight.acknowledged - self._saved
        if not arrived or (now < self._hold and not at_once):
            return
        if arrived < SAVE_AFTER and now < self._due and not at_once:
            return
        self._hold = now + SAVE_EVERY
        self._outbox.advance(self._sink, self._saved + arrived)
        self._saved += arrived
        self._hold, self._due = now, now + SAVE_EVERY


class LiveLane(KeptLane):
    """Everything that happens, from the cursor of `sink` on, without end."""

    def __init__(self, outbox: Outbox, sink: str) -> None:
        super().__init__(outbox, sink)
        outbox.advance(sink, self._saved)  # retention waits for the sink from its first start on


class ReplayLane(KeptLane):
    """Events that somebody wants again: the wish is kept with a cursor of its own until it is fulfilled."""

    @classmethod
    def begin(cls, outbox: Outbox, sink: str, first: int, upto: int) -> "ReplayLane":
        """Write down the wish for events `first` to `upto`, and return its lane. Raises StoreError."""
        outbox.forget(sink)
        outbox.advance(sink, first - 1, {"upto": upto})
        return cls(outbox, sink, upto=upto)

    @classmethod
    def resume(cls, outbox: Outbox, sink: str) -> "ReplayLane | None":
        """Return the lane of a wish that a restart cut short, None without one. Raises StoreError."""
        upto = (outbox.memory(sink) or {}).get("upto")
        return cls(outbox, sink, upto=upto) if isinstance(upto, int) else None

    def finish(self) -> None:
        """Forget the wish. Raises StoreError."""
        self._outbox.forget(self._sink)
