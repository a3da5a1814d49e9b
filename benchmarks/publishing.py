"""A process that publishes a backlog of CONFIG's terminal, and says what it held: CONFIG EVENTS."""

import json
import sys
import time
from pathlib import Path

import psutil

from edge.adapters.clock_system import ClockSystem, boot_id
from edge.adapters.store_sqlite import open_store
from edge.bootstrap.publisher import build_publisher
from edge.config import load_settings
from edge.domain.events import EventType, NewEvent

BATCH = 1000
SETTLE = 2.0  # seconds a publisher with nothing to do is watched


def main() -> None:
    settings, count = load_settings(Path(sys.argv[1])), int(sys.argv[2])
    store = open_store(settings.database, clock=ClockSystem(), boot_id=boot_id(), ballast_bytes=0)
    for first in range(0, count, BATCH):
        store.journal.append_many(
            [NewEvent(EventType.ACCESS_GRANTED, data={"n": first + n}) for n in range(BATCH)]
        )
    store.close()
    store = open_store(settings.database, clock=ClockSystem(), boot_id=boot_id(), ballast_bytes=0)
    publisher = build_publisher(settings, store, lambda: {"camera": "live"})
    assert publisher is not None
    process, most = psutil.Process(), 0
    print("ready", flush=True)
    begun = time.monotonic()
    publisher.start()
    while (left := publisher.health()["waiting"]) or time.monotonic() < begun + SETTLE:
        most = max(most, process.memory_info().rss)
        if left == 0 and count:
            break
        time.sleep(0.05)
    rate = count / (time.monotonic() - begun)
    publisher.stop()
    store.close()
    print(json.dumps({"mib": most / 2**20, "rate": rate}), flush=True)


if __name__ == "__main__":
    main()
