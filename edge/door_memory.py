"""What the access policy remembers, folded from the journal alone: at the start, and before each decision."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog

from edge.domain.access_checkpoint import dump, load
from edge.domain.access_replay import restore
from edge.domain.access_state import EMPTY, AccessState, apply
from edge.domain.events import EventType, NewEvent
from edge.errors import StoreError
from edge.ports import Clock, EventReader, Outbox, SinkReader

log = structlog.get_logger("edge.door")

SINK = "access-policy"  # under which the journal keeps how far the policy has read
PAGE = 2000  # events read at once
KEPT_EVERY = 500  # events after which what is known is kept; about as many are folded anew at a start


class AccessMemory:
    """The policy's state, for one thread.

    Whoever journals an event, it is seen here before the next decision: the store's own (a person removed,
    a PIN reset) as well as the door's. `pending` tells what has happened and is not journaled yet, in its
    order; it counts on top, until it is. `boot_id` is that of the present boot. With `kept` a start need not
    read the whole journal.
    """

    def __init__(
        self,
        journal: EventReader,
        clock: Clock,
        boot_id: str,
        pending: Callable[[], Sequence[NewEvent]] = lambda: (),
        *,
        kept: Outbox | None = None,
    ) -> None:
        self._journal = journal
        self._outbox = kept
        self._clock = clock
        self._boot_id = boot_id
        self._pending = pending
        self._state = EMPTY
        self._seq = 0
        self._kept: int | None = None  # the last event that is in what was kept, None where nothing was yet
        self._evacuated: int | None = None

    def begin(self, kept: SinkReader | None = None) -> None:
        """Take up what was kept, if it is what this version writes. Raises StoreError.

        `kept` is where it stands for one who keeps nothing, also while another process goes on keeping.
        """
        source = kept or self._outbox
        if source is None:
            return
        seq, found = source.cursor(SINK), source.memory(SINK)
        while (now := source.cursor(SINK)) != seq:  # they must belong together, or events count twice
            seq, found = now, source.memory(SINK)
        if not found or seq > self._journal.last_seq():
            return
        known = load(found, boot_id=self._boot_id, now=self._clock.now())
        if known is None:
            log.warning("what the access policy kept cannot be read; the journal is read from its beginning")
            return
        self._state, self._evacuated = known
        self._seq = self._kept = seq

    def read_on(self) -> bool:
        """Read a page of the journal on, and return whether all of it is read. Raises StoreError."""
        events = self._journal.events(since_seq=self._seq, limit=PAGE)
        if events:
            self._state = restore(events, boot_id=self._boot_id, now=self._clock.now(), state=self._state)
            self._seq = events[-1].seq
            started = [event.seq for event in events if event.type is EventType.EVACUATION_STARTED]
            self._evacuated = started[-1] if started else self._evacuated
        return len(events) < PAGE

    @property
    def due(self) -> bool:
        """Return whether enough was read since the last `keep`.

        Where nothing is kept yet, any position is: no event goes before what it says is kept.
        """
        return self._outbox is not None and (self._kept is None or self._seq - self._kept >= KEPT_EVERY)

    def keep(self) -> None:
        """Keep what is known beside its position in the journal, where that is due."""
        if self._outbox is None or not self.due:
            return
        known = dump(self._state, boot_id=self._boot_id, now=self._clock.now(), evacuated=self._evacuated)
        seq, self._kept = self._seq, self._seq  # one that fails is not tried again with every decision
        try:
            self._outbox.advance(SINK, seq, known)
        except StoreError as error:
            log.warning("what the access policy knows cannot be kept", error=str(error))

    def state(self) -> AccessState:
        """Return what is known now. Raises StoreError where the journal cannot be read."""
        pending = (
            self._pending()
        )  # first: what is journaled meanwhile then counts twice, and never not at all
        while not self.read_on():
            pass
        state = self._state
        for event in pending:
            at = event.at or self._clock.now()
            state = apply(state, event.type, event.person, event.data, at)
        return replace(state, trusted_wall=self._state.trusted_wall)  # only what is durable vouches

    @property
    def evacuated(self) -> int | None:
        """Return the journal row of the evacuation that goes on as far as was read, None where none does."""
        return self._evacuated if self._state.evacuation else None
