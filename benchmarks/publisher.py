"""How fast a backlog drains to a real mosquitto, against bare paho with the same payloads in memory.

Both publish with QoS 1 and the same window, turn about; what counts is the ratio. The peer reads no database,
keeps no cursor and would lose its place at a crash: the difference is the price of the promise.
"""

import argparse
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.adapters.clock_system import ClockSystem
from edge.adapters.publisher_mqtt.link import WINDOW
from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.bootstrap.publisher import SINK, build_publisher
from edge.config import Settings, load_settings
from edge.domain.events import EventType, NewEvent
from edge.publish.documents import json_bytes

DATA = {"reason": "face", "track": 7, "frames": 3, "latency_ms": 41, "band": "clear", "percent": 97.5}


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """Give the port of a broker that takes everything."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n")
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin") or "mosquitto"
    with subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL) as process:
        time.sleep(0.5)
        yield port
        process.terminate()


def ours(settings: Settings, store: SqliteStore, count: int) -> float:
    """Return the events a second of the publisher, from the whole backlog to the last acknowledgement."""
    store.journal.forget(SINK)
    publisher = build_publisher(settings, store, dict)
    assert publisher is not None
    begun = time.perf_counter()
    publisher.start()
    while publisher.health()["acknowledged"] < count:
        time.sleep(0.005)
    rate: float = count / (time.perf_counter() - begun)
    publisher.stop()
    return rate


def bare(port: int, payloads: list[bytes]) -> float:
    """Return the events a second of paho alone, its own network thread included."""
    acknowledged = 0

    def count(*_: object) -> None:
        nonlocal acknowledged
        acknowledged += 1

    client = Client(CallbackAPIVersion.VERSION2, "bare", protocol=MQTTProtocolVersion.MQTTv5)
    client.max_inflight_messages_set(WINDOW)
    client.on_publish = count
    begun = time.perf_counter()
    client.connect("127.0.0.1", port)
    client.loop_start()
    for payload in payloads:
        client.publish("edge/bare/event/access.granted", payload, qos=1)
    while acknowledged < len(payloads):
        time.sleep(0.005)
    rate = len(payloads) / (time.perf_counter() - begun)
    client.disconnect()
    client.loop_stop()
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as brokers:
        folder = Path(name)
        port = brokers.enter_context(mosquitto(folder))
        config = folder / "edge.toml"
        config.write_text(f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\ntls = false\n')
        settings = load_settings(config, {"EDGE_DATA_DIR": name})
        store = open_store(folder / "edge.db", clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
        events = store.journal.append_many([NewEvent(EventType.ACCESS_GRANTED, data=DATA)] * options.events)
        payloads = [json_bytes(event.cloud_event("bare")) for event in events]
        runs: dict[str, Callable[[], float]] = {
            "publisher": lambda: ours(settings, store, options.events),
            "bare paho": lambda: bare(port, payloads),
        }
        rates: dict[str, list[float]] = {what: [] for what in runs}
        for _ in range(options.rounds):
            for what, run in runs.items():
                rates[what].append(run())
        store.close()
    middle = {what: statistics.median(found) for what, found in rates.items()}
    for what, rate in middle.items():
        print(f"{what}: {rate:.0f} events/s (median of {options.rounds})")
    print(f"ratio: {middle['publisher'] / middle['bare paho']:.2f}")


if __name__ == "__main__":
    main()
