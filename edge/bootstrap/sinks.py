"""Whatever follows the journal in the daemon: the publisher, and retention, which waits for it."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from edge.bootstrap.publisher import Health, build_publisher
from edge.config import Settings
from edge.domain.command import CommandName
from edge.publish.commands import Handler
from edge.publish.publisher import Publisher
from edge.publish.retention import Retention, RetentionRules

if TYPE_CHECKING:
    from edge.adapters.store_sqlite import SqliteStore


@dataclass(frozen=True, slots=True, eq=False)
class Sinks:
    """Started and stopped beside the runtime, which never waits for them."""

    retention: Retention
    publisher: Publisher | None

    def start(self) -> None:
        """Begin; returns at once."""
        self.retention.start()
        if self.publisher is not None:
            self.publisher.start()

    def stop(self) -> None:
        """Deliver the last events where that takes no longer than a second, and end within three."""
        if self.publisher is not None:
            self.publisher.stop()
        self.retention.stop()

    def health(self) -> Mapping[str, Any]:
        """Return how the sinks stand, as JSON."""
        return {"mqtt": self.publisher.health() if self.publisher is not None else None}


def build_sinks(
    settings: Settings,
    store: "SqliteStore",
    health: Health,
    handlers: Mapping[CommandName, Handler] | None = None,
) -> Sinks:
    """Return what follows the journal, not started yet.

    `health` tells how the terminal is, `handlers` carry out commands and return at once.
    """
    rules = RetentionRules(
        days=settings.storage.keep_days,
        events=settings.storage.keep_events,
        min_free=settings.storage.min_free_mib * 1024 * 1024,
    )
    retention = Retention(
        journal=store.journal,
        rules=rules,
        wall=time.time,
        free=lambda: shutil.disk_usage(settings.data_dir).free,
    )
    return Sinks(retention, build_publisher(settings, store, health, handlers=handlers))
