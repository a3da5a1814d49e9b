"""Whatever follows the journal in the daemon: the publisher, alerts, and retention, which waits for them."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.bootstrap.alerts import build_alert_sinks
from edge.bootstrap.publisher import Health, build_publisher
from edge.config import Settings
from edge.domain.command import CommandName
from edge.ports import Clock
from edge.publish.alert_sink import AlertSink
from edge.publish.commands import Handler
from edge.publish.publisher import Publisher
from edge.publish.retention import Retention, RetentionRules
from edge.publish.watches import Watches, broker_watch, disk_watch

if TYPE_CHECKING:
    from edge.adapters.store_sqlite import SqliteStore


@dataclass(frozen=True, slots=True, eq=False)
class Sinks:
    """Started and stopped beside the runtime, which never waits for them."""

    retention: Retention
    publisher: Publisher | None
    alerts: Mapping[str, AlertSink]
    watches: Watches

    def start(self) -> None:
        """Begin; returns at once."""
        self.retention.start()
        if self.publisher is not None:
            self.publisher.start()
        for sink in self.alerts.values():
            sink.start()
        self.watches.start()

    def stop(self) -> None:
        """Deliver the last events where that takes no longer than a second, and end within four."""
        self.watches.stop()
        for sink in self.alerts.values():
            sink.ask_to_stop()
        if self.publisher is not None:
            self.publisher.stop()
        for sink in self.alerts.values():
            sink.stop()
        self.retention.stop()

    def health(self) -> Mapping[str, Any]:
        """Return how the sinks stand, as JSON."""
        return {
            "mqtt": self.publisher.health() if self.publisher is not None else None,
            "alerts": {name: sink.health() for name, sink in self.alerts.items()},
        }


def build_sinks(
    settings: Settings,
    store: "SqliteStore",
    health: Health,
    handlers: Mapping[CommandName, Handler] | None,
    clock: Clock,
) -> Sinks:
    """Return what follows the journal, not started yet.

    `health` tells how the terminal is, `handlers` carry out commands, `clock` knows who vouches for it.
    """
    rules = RetentionRules(
        days=settings.storage.keep_days,
        events=settings.storage.keep_events,
        min_free=settings.storage.min_free_mib * 1024 * 1024,
    )

    def free() -> int:
        return shutil.disk_usage(settings.data_dir).free

    retention = Retention(journal=store.journal, rules=rules, clock=clock, free=free)
    publisher = build_publisher(settings, store, health, handlers=handlers, clock=clock)
    watches = [disk_watch(settings.storage.warn_free_mib, free)] if settings.storage.warn_free_mib else []
    if publisher is not None:
        watches.append(broker_watch(settings.mqtt.lost_minutes, publisher.health))
    return Sinks(
        retention,
        publisher,
        build_alert_sinks(settings, store, clock=clock),
        Watches(watches, journal=store.journal, query=store.query, clock=time.monotonic),
    )
