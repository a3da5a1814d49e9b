"""Vouching for the wall clock, durably: the journal says who did, and when."""

from edge.domain.clock_trust import ClockStanding, Vouch, last_vouch, vouch
from edge.domain.event_filter import EventFilter
from edge.domain.events import EventType, Instant, NewEvent
from edge.ports import EventQuery, Journal, VouchedClock

_WORDS = frozenset({EventType.CLOCK_VOUCHED, EventType.CLOCK_SET})


class ClockOffice:
    """Implements ports.ClockDesk over the clock and the journal of this process."""

    def __init__(self, clock: VouchedClock, journal: Journal) -> None:
        self._clock = clock
        self._journal = journal

    def standing(self) -> ClockStanding:
        """Return how the clock stands."""
        return self._clock.standing()

    def vouch(self, *, was_set: bool = False, actor: str) -> ClockStanding:
        """Vouch for the wall clock as it is now, until the machine is started anew, and journal that."""
        now = self._clock.now()
        word = vouch(now)
        kind = EventType.CLOCK_SET if was_set else EventType.CLOCK_VOUCHED
        data = {"actor": actor, "was_trusted": now.trusted}
        at = Instant(now.wall, now.monotonic_ns, trusted=True)
        self._journal.append(NewEvent(kind, data=data, at=at))
        self._clock.accept(word)
        return self._clock.standing()


def earlier_word(query: EventQuery, boot_id: str) -> Vouch | None:
    """Return what an admin vouched for in this boot, before this process began. Raises StoreError."""
    return last_vouch(query.newest(EventFilter(types=_WORDS), limit=1), boot_id)
