"""How fast a backlog drains to a real mosquitto, against bare paho with the same payloads in memory.

Both publish with QoS 1 and the same window, turn about; what counts is the ratio. The peer reads no database,
keeps no cursor and would lose its place at a crash: the difference is the price of the promise. Then, what a
long backlog costs in memory.
"""

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from edge.adapters.clock_system import ClockSystem
from edge.adapters.publisher_mqtt.link import WINDOW
from edge.adapters.store_sqlite import SqliteStore, open_store
from edge.bootstrap.publisher import SINK, build_publisher
from edge.config import Settings, load_settings
from edge.domain.events import EventType, NewEvent
from edge.publish.documents import json_bytes

RESULTS = Path(__file__).resolve().parent.parent / "var" / "benchmarks"
Row = dict[str, Any]
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


def resident(config: Path, backlog: int, folder: Path) -> tuple[float, float]:
    """Return the most MiB that a publishing process holds, and the events a second it delivers."""
    command = [sys.executable, "-m", "benchmarks.publishing", str(config), str(backlog)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert ready.startswith("ready"), ready
        found = json.loads(process.stdout.readline())
    for file in folder.glob("edge.db*"):
        file.unlink()
    return float(found["mib"]), float(found["rate"])


def memory(folder: Path, port: int, backlog: int) -> Row:
    config = written(folder, port)
    empty = min(resident(config, 0, folder)[0] for _ in range(3))
    full, rate = resident(config, backlog, folder)
    return {
        "name": f"publisher: memory with {backlog} events waiting at the start, more than with none",
        "figure": round(full - empty, 1),
        "unit": "MiB",
        "peer": f"the same process with nothing to deliver: {empty:.1f} MiB",
        "ratio": round(full / empty, 2),
        "goal": f"under 10 MiB, and all delivered ({rate:.0f} events/s)",
        "holds": full - empty < 10,
    }


def written(folder: Path, port: int) -> Path:
    """Write a configuration for the broker at `port` and return it."""
    config = folder / "edge.toml"
    config.write_text(
        f'[storage]\ndata_dir = "{folder}"\nballast_mib = 0\n'
        f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\ntls = false\n'
    )
    return config


def drain(folder: Path, port: int, events: int, rounds: int) -> Row:
    settings = load_settings(written(folder, port), {})
    store = open_store(folder / "edge.db", clock=ClockSystem(), boot_id="boot", ballast_bytes=0)
    journaled = store.journal.append_many([NewEvent(EventType.ACCESS_GRANTED, data=DATA)] * events)
    payloads = [json_bytes(event.cloud_event("bare")) for event in journaled]
    runs: dict[str, Callable[[], float]] = {
        "publisher": lambda: ours(settings, store, events),
        "bare paho": lambda: bare(port, payloads),
    }
    rates: dict[str, list[float]] = {what: [] for what in runs}
    for _ in range(rounds):
        for what, run in runs.items():
            rates[what].append(run())
    store.close()
    for file in folder.glob("edge.db*"):
        file.unlink()
    own, peer = (statistics.median(rates[what]) for what in runs)
    return {
        "name": "publisher: a backlog, from journal to acknowledgement",
        "figure": round(own),
        "unit": "events/s",
        "peer": f"bare paho from memory: {peer:.0f} events/s",
        "ratio": round(own / peer, 2),
        "goal": "at least 500 events/s",
        "holds": own >= 500,
    }


def main() -> int:
    """Print the rows and keep them; the exit status says whether every goal holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--backlog", type=int, default=100_000)
    options = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, ExitStack() as brokers:
        folder = Path(name)
        port = brokers.enter_context(mosquitto(folder))
        rows = [
            drain(folder, port, options.events, options.rounds),
            memory(folder, port, options.backlog),
        ]
    (RESULTS / "publisher.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    for one in rows:
        print(json.dumps(one, ensure_ascii=False))
    return 0 if all(one["holds"] for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
