"""The MQTT publisher, put together. Loads paho only where a broker is configured."""

import random
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from edge.config import Settings
from edge.credentials import credential_path, read_credential
from edge.domain.events import Event
from edge.domain.mqtt_message import OutMessage
from edge.domain.mqtt_state import state_document
from edge.domain.mqtt_topics import OFFLINE, Topics
from edge.ports import Outbox
from edge.publish.documents import Documents
from edge.publish.publisher import Publisher, PublisherRules
from edge.publish.session import SessionRules

if TYPE_CHECKING:
    from edge.adapters.publisher_mqtt import BrokerAddress

log = structlog.get_logger("edge.bootstrap")

SINK = "mqtt"  # the name of the cursor
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Health = Callable[[], Mapping[str, Any]]


def build_publisher(settings: Settings, outbox: Outbox, health: Health) -> Publisher | None:
    """Return the publisher, not started yet; None where no broker is configured.

    `health` tells how the terminal is. Without a broker nothing waits for the cursor of an earlier one: it is
    forgotten, and a broker configured later gets everything that is still there.
    """
    if not settings.mqtt.host:
        outbox.forget(SINK)
        return None
    from edge.adapters.clock_system import boot_id
    from edge.adapters.publisher_mqtt import MqttLink

    if not settings.mqtt.tls and settings.mqtt.host not in LOOPBACK:
        log.warning("events and password travel unencrypted", key="mqtt.tls")
    topics = mqtt_topics(settings)
    boot = boot_id()
    documents = Documents(
        state_topic=topics.state,
        state=lambda: state_document(health(), version=version("edge"), now=time.time()),
        fixed={},
    )
    return Publisher(
        outbox=outbox,
        link=MqttLink(broker_address(settings)),
        documents=documents,
        inbox=lambda _message: (),
        rules=PublisherRules(
            sink=SINK,
            session=SessionRules(
                topics=topics,
                ack_timeout=2.0 * settings.mqtt.keepalive_seconds,
                filters=(topics.birth,) if settings.mqtt.home_assistant else (),
            ),
        ),
        clock=time.monotonic,
        chance=random.random,
        age=lambda event: _age(event, boot),
    )


def mqtt_topics(settings: Settings) -> Topics:
    """Return the topics of this terminal."""
    return Topics(settings.device.name, settings.mqtt.discovery_prefix)


def broker_address(settings: Settings, *, suffix: str = "") -> "BrokerAddress":
    """Return the broker of the settings; with a `suffix` as a client beside the daemon, without a will."""
    from edge.adapters.publisher_mqtt import BrokerAddress, Login, TlsFiles

    mqtt = settings.mqtt
    topics = mqtt_topics(settings)
    tls = login = None
    if mqtt.tls:
        tls = TlsFiles(
            server_name=mqtt.server_name or mqtt.host,
            ca=_file(settings, mqtt.ca_file),
            certificate=_file(settings, mqtt.cert_file),
            key=_file(settings, mqtt.key_file),
        )
    if mqtt.username:
        password = _file(settings, mqtt.password_file)
        login = Login(mqtt.username, None if password is None else lambda: read_credential(password))
    will = OutMessage(topics.availability, OFFLINE.encode(), retain=True, content_type="text/plain")
    return BrokerAddress(
        host=mqtt.host,
        port=mqtt.port,
        client_id=f"edge-{settings.device.name}{suffix}",
        keepalive=mqtt.keepalive_seconds,
        tls=tls,
        login=login,
        will=None if suffix else will,
    )


def _file(settings: Settings, name: str) -> Path | None:
    """Return the file that a key names, None where it names none."""
    if not name:
        return None
    beside = settings.file.absolute().parent if settings.file else Path.cwd()
    return credential_path(name, beside)


def _age(event: Event, boot: str) -> float:
    """Return how many seconds ago an event happened: exactly since this boot, else by the wall clock."""
    from datetime import datetime

    if event.boot_id == boot:
        return max(0.0, (time.monotonic_ns() - event.monotonic_ns) / 1e9)
    return max(0.0, time.time() - datetime.fromisoformat(event.time).timestamp())
