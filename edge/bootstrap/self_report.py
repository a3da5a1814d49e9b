"""What the daemon says of itself on its control socket: health as JSON, metrics as text."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from edge.domain.exposition import exposition
from edge.errors import StoreError
from edge.event_counts import EventCounts
from edge.metrics import Measured, families
from edge.parent_status import ParentStatus
from edge.ports import EventReader

Resident = Callable[[int], int | None]


class SelfReport:
    """Puts together what the runtime knows and what is measured when it is asked; from any thread.

    `status` tells of the runtime, `sinks` how the followers of the journal stand, `resident` the bytes a
    process holds. Raises StoreError where the journal cannot be read at the start.
    """

    def __init__(
        self,
        *,
        version: str,
        status: Callable[[], ParentStatus],
        sinks: Callable[[], Mapping[str, Any]],
        journal: EventReader,
        resident: Resident,
    ) -> None:
        self._version = version
        self._status = status
        self._sinks = sinks
        self._resident = resident
        self._events = EventCounts(journal)

    def health(self) -> dict[str, Any]:
        """Return how the terminal stands; it says itself what it could not find out."""
        status, sinks = self._status(), self._sinks()
        measured = self._measured(status, sinks)
        return {
            **status.json(measured.fault, measured.outbox_age, measured.alert_ages),
            "version": self._version,
            "journal": {"last_seq": measured.last_seq, "problem": measured.fault},
            "resident": dict(measured.resident),
            **sinks,
        }

    def metrics(self) -> str:
        """Return the page for Prometheus."""
        status = self._status()
        return exposition(families(status, self._measured(status, self._sinks())))

    def _measured(self, status: ParentStatus, sinks: Mapping[str, Any]) -> Measured:
        fault, last_seq = None, None
        events: dict[str, int] = {}
        try:
            events, last_seq = self._events.read()
        except StoreError as error:
            fault = str(error)
        mqtt = sinks.get("mqtt") or {}
        pids = {"parent": os.getpid(), "vision": status.vision_pid}
        sizes = {name: self._resident(pid) for name, pid in pids.items() if pid is not None}
        return Measured(
            version=self._version,
            events=events,
            last_seq=last_seq,
            fault=fault,
            resident={name: size for name, size in sizes.items() if size is not None},
            outbox_waiting=mqtt.get("waiting"),
            outbox_age=(mqtt.get("oldest_age") or 0.0) if mqtt else None,
            alert_ages={way: one["oldest_age"] or 0.0 for way, one in (sinks.get("alerts") or {}).items()},
        )
