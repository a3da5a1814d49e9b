"""What `edgectl` does with the broker, beside the daemon and under a client id of its own."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import uuid4

from edge.bootstrap.publisher import broker_address, mqtt_topics
from edge.bootstrap.storage import open_reader
from edge.config import Settings
from edge.ports import BrokerLink
from edge.publish.probe import Probe, probe, replay


@contextmanager
def _link(settings: Settings) -> Iterator[BrokerLink]:
    from edge.adapters.publisher_mqtt import MqttLink

    if not settings.mqtt.host:
        raise settings.wrong("mqtt.host", "no broker is configured; write host = its name")
    with closing(MqttLink(broker_address(settings, suffix=f"-ctl-{uuid4().hex[:8]}"))) as link:
        yield link


def probe_broker(settings: Settings) -> Probe:
    """Connect as the terminal would, publish and read back; raises BrokerError, ConfigError."""
    with _link(settings) as link:
        return probe(link, mqtt_topics(settings), clock=time.monotonic, mark=uuid4().hex)


def replay_events(settings: Settings, first: int, last: int | None, tell: Callable[[int], None]) -> int:
    """Deliver events again and return how many; raises BrokerError, ConflictError, StoreError."""
    with closing(open_reader(settings)) as reader, _link(settings) as link:
        return replay(
            link,
            reader.journal,
            mqtt_topics(settings),
            first=first,
            last=last,
            clock=time.monotonic,
            tell=tell,
        )


def publisher_health(settings: Settings) -> dict[str, Any] | None:
    """Return how the running daemon's publisher stands, None where it has none; raises ControlError."""
    from edge.adapters.control import ControlClient

    answer = ControlClient(settings.control_socket).ask("GET", "/v1/health")
    found = answer.get("mqtt") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else None
