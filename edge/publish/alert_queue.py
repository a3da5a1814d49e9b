"""The alerts that wait for one receiver, in the order of the journal, with their limits and cursor."""

from collections.abc import Iterator
from dataclasses import dataclass

from edge.domain.alert import Alert, AlertKind, alert_of, closed_alerts
from edge.domain.alert_limits import AlertLimits, LimitRules
from edge.domain.alert_memory import recalled
from edge.domain.alert_notice import AlertNotice, Writer
from edge.domain.events import Event, EventType, NewEvent
from edge.ports import Clock, SinkJournal

PAGE = 200  # events looked at in one go
SAVE_EVERY = 60.0  # seconds between two writes of a cursor that only moved past what nobody is told of


@dataclass(frozen=True, slots=True)
class AlertRules:
    """`sink` is the name of the cursor, `journal` the id of the journal; `recoveries` tells ends as well."""

    sink: str
    journal: str
    kinds: frozenset[AlertKind]
    limits: LimitRules
    recoveries: bool = True


@dataclass(frozen=True, slots=True)
class Pending:
    """A notice that waits to be delivered; `alert` is None for a summary of what was held back."""

    notice: AlertNotice
    alert: Alert | None = None

    @property
    def event(self) -> Event | None:
        """Return the event it tells of, None for a summary."""
        return self.alert.event if self.alert is not None else None


class AlertQueue:
    """For the sink's thread alone. Everything raises StoreError where the journal cannot be used.

    The first start begins with what happens from then on: nobody wants to hear of last year's doors.
    """

    def __init__(self, journal: SinkJournal, rules: AlertRules, writer: Writer, clock: Clock) -> None:
        self._journal = journal
        self._rules = rules
        self._writer = writer
        self._clock = clock
        memory = journal.memory(rules.sink)
        self.seq = journal.last_seq() if memory is None else journal.cursor(rules.sink)
        if memory is None:
            journal.advance(rules.sink, self.seq, {})
        now, wall = clock.monotonic(), clock.now().wall
        self._limits = AlertLimits(rules.limits, recalled(memory or {}, now, wall))
        self._saved = self.seq
        self._save_due = now + SAVE_EVERY
        self._pending: Pending | None = None

    def next(self) -> Pending | None:
        """Return what is to be delivered now, the same until it is done or given up, None for nothing."""
        if self._pending is None:
            self._pending = self._summary() or self._alert()
            self._save()
        return self._pending

    def done(self) -> None:
        """Note that what was pending is delivered, durably."""
        pending, self._pending = self._pending, None
        if pending is not None and pending.alert is not None:
            self._limits.told(pending.alert, self._clock.monotonic())
            self._pass(pending.alert)
        elif pending is not None:
            self._limits.summed_up()
        self._save(at_once=True)

    def give_up(self, line: str) -> None:
        """Give up what is pending: the journal says so, and the next summary counts it."""
        pending = self._pending
        if pending is None:
            return
        event = pending.event
        told = {"seq": event.seq, "type": str(event.type)} if event is not None else {"type": "summary"}
        data = {"sink": self._rules.sink, **told, "line": line[:200]}
        self._journal.append(NewEvent(EventType.ALERT_GIVEN_UP, data=data))
        self._pending = None
        if pending.alert is not None:
            self._limits.given_up(pending.alert, self._clock.monotonic())
            self._pass(pending.alert)
        else:
            self._limits.summed_up()
        self._save(at_once=True)

    def close(self) -> None:
        """Write the cursor."""
        self._save(at_once=True)

    @property
    def held_back(self) -> int:
        """Return how many alerts wait for the next summary."""
        return sum(one.count for one in self._limits.held_back().values())

    def _summary(self) -> Pending | None:
        due = self._limits.due()
        if due is None or self._clock.monotonic() < due:
            return None
        return Pending(self._writer.held_back(self._limits.held_back(), self._rules.journal))

    def _alert(self) -> Pending | None:
        """Return the next alert to deliver, past everything that is none or is held back."""
        while page := self._journal.events(since_seq=self.seq, limit=PAGE):
            for event in page:
                for alert in self._alerts(event):
                    now = self._clock.monotonic()
                    if self._limits.judge(alert, now):
                        return Pending(self._writer.alert(alert), alert)
                    self._limits.held(alert, now)
                self.seq = event.seq
            if len(page) < PAGE:
                break
        return None

    def _pass(self, alert: Alert) -> None:
        """Move past the event of an alert; one that is the end of several is looked at again for the rest."""
        if not alert.over:
            self.seq = alert.event.seq

    def _alerts(self, event: Event) -> Iterator[Alert]:
        """Give what an event is to be told as; looked at again, it gives what is left."""
        one = alert_of(event)
        for alert in closed_alerts(event) if one is None else (one,):
            ours = event.type is EventType.ALERT_GIVEN_UP and event.data.get("sink") == self._rules.sink
            if ours or alert.kind not in self._rules.kinds or not self._limits.concerns(alert):
                continue
            if alert.over and not self._rules.recoveries:
                self._limits.ended(alert)
            else:
                yield alert

    def _save(self, *, at_once: bool = False) -> None:
        now = self._clock.monotonic()
        if not at_once and (self.seq == self._saved or now < self._save_due):
            return
        memory = self._limits.memory.json(now, self._clock.now().wall)
        self._journal.advance(self._rules.sink, self.seq, memory)
        self._saved, self._save_due = self.seq, now + SAVE_EVERY
