"""What was handed to a broker and not yet acknowledged; a bounded number of numbers, in order."""

from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass(slots=True)
class InFlight:
    """Events on their way, oldest first, with the position behind which all are acknowledged.

    `acknowledged` only grows: up to this sequence number everything that was sent has arrived. `sent` is the
    last sequence number handed over. Both start where the cursor stands.
    """

    acknowledged: int
    sent: int = field(init=False)
    _waiting: OrderedDict[int, tuple[int, float]] = field(default_factory=OrderedDict)
    _early: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.sent = self.acknowledged

    def __len__(self) -> int:
        return len(self._waiting)

    def send(self, token: int, seq: int, now: float) -> None:
        """Note that event `seq`, later than all before, was handed over as `token`."""
        if seq <= self.sent:
            raise AssertionError(f"event {seq} was handed over after {self.sent}")
        self._waiting[token] = (seq, now)
        self.sent = seq

    def arrive(self, token: int) -> bool:
        """Note an acknowledgement; return whether `token` was one of ours and still waited for."""
        if token not in self._waiting or token in self._early:
            return False
        self._early.add(token)
        while self._waiting and (first := next(iter(self._waiting))) in self._early:
            self._early.discard(first)
            self.acknowledged = self._waiting.pop(first)[0]
        return True

    def seq_of(self, token: int) -> int | None:
        """Return the sequence number handed over as `token`, None where it is not waited for."""
        return self._waiting[token][0] if token in self._waiting else None

    def oldest(self) -> float | None:
        """Return when the oldest waiting event was handed over, None where none waits."""
        return next(iter(self._waiting.values()))[1] if self._waiting else None

    def forget(self) -> None:
        """Take everything unacknowledged as lost: it is to be sent again from `acknowledged` on."""
        self._waiting.clear()
        self._early.clear()
        self.sent = self.acknowledged
