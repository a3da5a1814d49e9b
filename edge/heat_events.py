"""What the heat of the box has to tell the journal: each crossing once, whichever child saw it."""

from edge.domain.events import EventType, NewEvent
from edge.vision_wire import Thermal


class HeatEvents:
    """Turns what the children say of the heat into events; a child that starts knows nothing of the last."""

    def __init__(self) -> None:
        self._throttled = False
        self._blind = False

    def take(self, thermal: Thermal) -> list[NewEvent]:
        """Return the events of what changed."""
        data = {"temperature": thermal.temperature, "rate": round(thermal.rate, 2)}
        events = []
        if thermal.blind not in {None, self._blind}:
            self._blind = bool(thermal.blind)
            kind = EventType.THERMAL_SENSOR_LOST if self._blind else EventType.THERMAL_SENSOR_RESTORED
            events.append(NewEvent(kind, data=data | ({"detail": thermal.detail} if self._blind else {})))
        if thermal.throttled not in {None, self._throttled}:
            self._throttled = bool(thermal.throttled)
            kind = EventType.THERMAL_THROTTLED if self._throttled else EventType.THERMAL_RECOVERED
            events.append(NewEvent(kind, data=data))
        return events
