"""The MQTT publisher, put together. Loads paho only where a broker is configured."""

import random
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import structlog

from edge.bootstrap.secrets import optional_file
from edge.config import Settings
from edge.credentials import read_credential
from edge.domain.command import Command, CommandName
from edge.domain.discovery import device_config
from edge.domain.events import Event
from edge.domain.mqtt_message import OutMessage
from edge.domain.mqtt_state import state_document
from edge.domain.mqtt_topics import OFFLINE, Topics
from edge.errors import ConflictError
from edge.ports import Clock
from edge.publish.commands import CommandDesk, CommandRules, Handler
from edge.publish.documents import Documents
from edge.publish.inbox import Inbox
from edge.publish.publisher import Publisher, PublisherRules
from edge.publish.session import SessionRules

if TYPE_CHECKING:
    from edge.adapters.publisher_mqtt import BrokerAddress
    from edge.adapters.store_sqlite import SqliteStore

log = structlog.get_logger("edge.bootstrap")

SINK = "mqtt"  # the name of the cursor
SHORTEST_KEY = 32  # bytes: as many as the hash has (RFC 2104, §3)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Health = Callable[[], Mapping[str, Any]]


def build_publisher(
    settings: Settings,
    store: "SqliteStore",
    health: Health,
    *,
    handlers: Mapping[CommandName, Handler] | None = None,
    clock: Clock | None = None,
) -> Publisher | None:
    """Return the publisher, not started yet; None where no broker is configured.

    `health` tells how the terminal is, `handlers` carry out commands beside `replay-from`. Without a broker
    nothing waits for the cursor of an earlier one: it is forgotten, and a broker configured later gets
    everything that is still there.
    """
    if not settings.mqtt.host:
        for sink in (SINK, f"{SINK}-replay"):
            store.journal.forget(sink)
        return None
    from edge.adapters.clock_system import ClockSystem
    from edge.adapters.publisher_mqtt import MqttLink

    if not settings.mqtt.tls and settings.mqtt.host not in LOOPBACK:
        log.warning("events and password travel unencrypted", key="mqtt.tls")
    desk = CommandDesk(
        journal=store.journal,
        nonces=store.nonces,
        handlers={
            **(handlers or {}),
            CommandName.REPLAY_FROM: lambda command: replay_from(publisher, command),
        },
        clock=clock or ClockSystem(),
        rules=_command_rules(settings),
    )
    inbox = Inbox(desk.receive, time.monotonic)
    publisher = Publisher(
        outbox=store.journal,
        link=MqttLink(broker_address(settings)),
        documents=_documents(settings, health),
        inbox=inbox,
        rules=PublisherRules(
            sink=SINK,
            session=SessionRules(
                topics=mqtt_topics(settings),
                ack_timeout=2.0 * settings.mqtt.keepalive_seconds,
                filters=_filters(settings),
            ),
        ),
        clock=time.monotonic,
        chance=random.random,
        age=age_of,
        more=lambda: {
            "commands": desk.counts() | ({"dropped": inbox.dropped} if inbox.dropped else {}),
        },
    )
    return publisher


def replay_from(publisher: Publisher, command: Command) -> str:
    """Carry out `replay-from`: `from_seq`, and `to_seq` where not everything since is wanted."""
    first, last = command.arguments.get("from_seq"), command.arguments.get("to_seq")
    if type(first) is not int or not (last is None or type(last) is int):
        raise ConflictError("replay-from: it takes from_seq and, where wanted, to_seq, both whole numbers")
    begin, end = publisher.replay(first, last)
    return f"the events from {begin} to {end} are delivered again"


def _documents(settings: Settings, health: Health) -> Documents:
    topics, number = mqtt_topics(settings), version("edge")
    fixed: dict[str, Callable[[], Mapping[str, Any]]] = {}
    if settings.mqtt.home_assistant:
        config = device_config(
            topics,
            version=number,
            language=settings.device.language,
            commands=settings.mqtt.commands == "broker",
        )
        fixed[topics.discovery] = lambda: config
    return Documents(
        state_topic=topics.state,
        state=lambda: state_document(health(), version=number, now=time.time()),
        fixed=fixed,
    )


def _filters(settings: Settings) -> list[str]:
    topics = mqtt_topics(settings)
    found = [topics.birth] if settings.mqtt.home_assistant else []
    return found if settings.mqtt.commands == "off" else [*found, topics.commands]


def _command_rules(settings: Settings) -> CommandRules:
    key = optional_file(settings, settings.mqtt.command_key_file)
    return CommandRules(
        topics=mqtt_topics(settings),
        mode=settings.mqtt.commands,
        key=None if key is None else lambda: read_credential(key, shortest=SHORTEST_KEY),
    )


def mqtt_topics(settings: Settings) -> Topics:
    """Return the topics of this terminal."""
    return Topics(settings.device.name, settings.mqtt.discovery_prefix)


def broker_address(settings: Settings, *, suffix: str = "") -> "BrokerAddress":
    """Return the broker of the settings; with a `suffix` as a client beside the daemon, without a will."""
    from edge.adapters.publisher_mqtt import BrokerAddress, Login
    from edge.tls_context import TlsFiles

    mqtt = settings.mqtt
    topics = mqtt_topics(settings)
    tls = login = None
    if mqtt.tls:
        tls = TlsFiles(
            server_name=mqtt.server_name or mqtt.host,
            ca=optional_file(settings, mqtt.ca_file),
            certificate=optional_file(settings, mqtt.cert_file),
            key=optional_file(settings, mqtt.key_file),
        )
    if mqtt.username:
        password = optional_file(settings, mqtt.password_file)
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


def age_of(event: Event) -> float:
    """Return how many seconds ago an event happened: exactly since this boot, else by the wall clock."""
    from datetime import datetime

    from edge.adapters.clock_system import boot_id

    if event.boot_id == boot_id():
        return max(0.0, (time.monotonic_ns() - event.monotonic_ns) / 1e9)
    return max(0.0, time.time() - datetime.fromisoformat(event.time).timestamp())
