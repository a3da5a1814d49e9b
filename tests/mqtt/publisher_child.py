"""A process that journals and publishes, for tests to kill: CONFIG TOTAL RATE.

It journals until the log has TOTAL events, RATE a second (0: before it starts publishing), and works until
SIGTERM.
"""

import contextlib
import signal
import sys
import threading
import time
from pathlib import Path

from edge.adapters.clock_system import ClockSystem, boot_id
from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.bootstrap.publisher import build_publisher
from edge.config import load_settings
from edge.domain.events import EventType, NewEvent
from edge.log import configure_logging

BATCH = 10


def fill(store: SqliteStore, total: int, rate: float, over: threading.Event) -> None:
    """Journal in small transactions, `rate` events a second."""
    batch = BATCH if rate else 1000
    while not over.is_set() and (last := store.journal.last_seq()) < total:
        count = min(batch, total - last)
        events = [NewEvent(EventType.ACCESS_GRANTED, data={"n": last + n + 1}) for n in range(count)]
        store.journal.append_many(events)
        if rate:
            over.wait(count / rate)


def main() -> None:
    config, total, rate = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    configure_logging("info", "text")
    settings = load_settings(config)
    with contextlib.closing(
        open_store(settings.database, clock=ClockSystem(), boot_id=boot_id(), ballast_bytes=0)
    ) as store:
        if not rate:
            fill(store, total, 0, over)
        publisher = build_publisher(settings, store, lambda: {"camera": "live"})
        assert publisher is not None
        publisher.start()
        print("ready", flush=True)  # noqa: T201 - the test waits for it
        writer = threading.Thread(target=fill, args=(store, total, rate, over))
        if rate:
            writer.start()
        over.wait()
        begun = time.monotonic()
        publisher.stop()
        print(f"stopped {time.monotonic() - begun:.2f}", flush=True)  # noqa: T201 - the test reads it
        if rate:
            writer.join()


if __name__ == "__main__":
    main()
