"""What is asked of the box and of whoever watches over the daemon."""

from collections.abc import Callable, Sequence
from typing import Protocol

from edge.domain.box_load import BoxLoad
from edge.domain.events import Instant
from edge.domain.mqtt_message import Happening, LinkFacts, OutMessage


class Clock(Protocol):
    """Time. Durations come from `monotonic`; the wall clock is only for people."""

    def monotonic(self) -> float:
        """Return monotonic seconds."""
        ...

    def now(self) -> Instant:
        """Return this instant by both clocks, with what is known of the wall clock's trust."""
        ...


class Thermometer(Protocol):
    """A temperature of the box."""

    @property
    def name(self) -> str:
        """Return which sensor it is, for people."""
        ...

    def read(self) -> float:
        """Return °C; raises DeviceError where there is nothing to read, or no number."""
        ...


class BoxMeter(Protocol):
    """How busy and how full the box is; from any thread."""

    def read(self) -> BoxLoad:
        """Return it as it is now; what cannot be measured is None."""
        ...


class ServiceNotifier(Protocol):
    """Whoever started the daemon and watches over it. No call waits; False means that it was not told."""

    @property
    def period(self) -> float | None:
        """Return in how many seconds each sign of life is due, None where none is wanted."""
        ...

    def ready(self, status: str) -> bool:
        """Tell that the service has started, and in a line how it stands."""
        ...

    def status(self, text: str) -> bool:
        """Tell in a line how the service stands."""
        ...

    def alive(self) -> bool:
        """Give a sign of life."""
        ...

    def stopping(self) -> bool:
        """Tell that the service is about to end."""
        ...


class BrokerLink(Protocol):
    """A connection to a message broker, used by one thread. All raises BrokerError where it is lost."""

    def open(self, give_up: Callable[[], bool]) -> LinkFacts:
        """Connect and log in, or raise BrokerError; `give_up` is asked between steps whether to stop trying.

        May be called again after `close`.
        """
        ...

    def subscribe(self, filters: Sequence[str]) -> None:
        """Ask for messages; a broker that denies them says so by a `Denied` later."""
        ...

    def publish(self, message: OutMessage) -> int:
        """Hand a message over with QoS 1 and return its token, unique among those on their way."""
        ...

    def turn(self, timeout: float) -> list[Happening]:
        """Do what the network wants, for at most `timeout` seconds without news, and return what happened."""
        ...

    def wake(self) -> None:
        """End a `turn` that waits; from any thread."""
        ...

    def close(self) -> None:
        """Say goodbye and disconnect without waiting; may be called twice."""
        ...
