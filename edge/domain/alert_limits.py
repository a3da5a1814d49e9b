"""How often somebody is told: repeats are quiet for a while, rates are limited, the rest is counted.

Times are monotonic seconds that are handed in. What is remembered goes with the sink's cursor, so that a
restart neither forgets what was held back nor begins the hour anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from edge.domain.alert import Alert, AlertKind
from edge.domain.alert_memory import HOUR, AlertMemory, HeldBack

MOST_HELD = 100  # alerts told apart in a summary; of more, only the kind is
ALWAYS = frozenset({AlertKind.DURESS})  # somebody is forced: that is never one too many


@dataclass(frozen=True, slots=True)
class LimitRules:
    """Seconds for which the same alert is quiet, and the most of one kind and of all kinds in an hour."""

    quiet: float = 900.0
    per_kind: int = 6
    per_hour: int = 30


class AlertLimits:
    """Decides which alerts are told. `judge` changes nothing; `told` or `held` follows when it is done."""

    def __init__(self, rules: LimitRules, memory: AlertMemory | None = None) -> None:
        self._rules = rules
        self.memory = memory or AlertMemory()

    def concerns(self, alert: Alert) -> bool:
        """Return whether an alert is worth a thought: the end of what never was, told or held, is not."""
        return not alert.over or alert.key in self.memory.standing

    def judge(self, alert: Alert, now: float) -> bool:
        """Return whether an alert is to be told now, and not held back."""
        memory, rules = self.memory, self._rules
        if alert.over:
            return memory.standing.get(alert.key, False)
        if alert.kind in ALWAYS:
            return True
        recent = [kind for at, kind in memory.sent if now - at < HOUR]
        return (
            now - memory.last.get(alert.key, now - rules.quiet) >= rules.quiet
            and recent.count(alert.kind) < rules.per_kind
            and len(recent) < rules.per_hour
        )

    def told(self, alert: Alert, now: float) -> None:
        """Note that an alert was delivered."""
        memory = self.memory
        if alert.over:
            self.ended(alert)
            return
        memory.stand(alert.key, told=True)
        memory.last[alert.key] = now
        if alert.kind not in ALWAYS:
            memory.sent.append((now, alert.kind))
        while memory.sent and now - memory.sent[0][0] >= HOUR:
            memory.sent.popleft()

    def held(self, alert: Alert, now: float) -> None:
        """Note that an alert was held back; the next summary counts it."""
        memory, event = self.memory, alert.event
        if not alert.over:
            memory.stand(alert.key, told=memory.standing.get(alert.key, False))
        room = alert.key in memory.held or len(memory.held) < MOST_HELD
        key = alert.key if room else str(alert.kind)
        if key not in memory.held:
            memory.since = now if memory.since is None else memory.since
            memory.held[key] = HeldBack(
                alert.kind, 0, event.seq, event.seq, event.time, event.time, alert.over
            )
        memory.held[key].add(alert)
        if alert.over:
            memory.standing.pop(alert.key, None)

    def given_up(self, alert: Alert, now: float) -> None:
        """Note that an alert could not be delivered: the next summary counts it, and repeats are quiet."""
        self.held(alert, now)
        self.memory.last[alert.key] = now

    def ended(self, alert: Alert) -> None:
        """Note that what an alert was about is over, whether or not anybody is told."""
        self.memory.standing.pop(alert.key, None)
        if alert.key in self.memory.held:
            self.memory.held[alert.key].add(alert)

    def due(self) -> float | None:
        """Return the second from which what was held back is to be told, None where nothing was."""
        return None if self.memory.since is None else self.memory.since + self._rules.quiet

    def held_back(self) -> Mapping[str, HeldBack]:
        """Return what was held back since the last summary, by alert."""
        return self.memory.held

    def summed_up(self) -> None:
        """Note that the summary was delivered: of what it tells, people are to hear also that it is over."""
        memory = self.memory
        for key in memory.held.keys() & memory.standing.keys():
            memory.standing[key] = True
        memory.held, memory.since = {}, None
