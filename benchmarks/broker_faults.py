"""What others see of the whole daemon when it is killed, and what it does when its broker is stopped.

The daemon has no camera, so that nothing else is measured. Times are those of a subscriber beside it;
readiness is what the daemon tells a service manager.
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.terminal import prepare
from edge.bootstrap.control import daemon_health
from edge.config import load_settings
from edge.errors import ControlError
from tests.mqtt.broker import Broker
from tests.mqtt.recorder import Recorder

RESULTS = Path(__file__).resolve().parent.parent / "var" / "benchmarks"
KEEPALIVE = 15  # seconds, as by default
SHORT = 2
CONNECTING = 5.0  # seconds that a try may take before it counts as failed
ROUNDS = 3
AVAILABILITY, DISCOVERY = "edge/gate-1/availability", "homeassistant/device/edge_gate-1/config"

Row = dict[str, Any]


def until(what: Callable[[], object], patience: float = 90.0) -> float:
    """Wait for something and return the second it came at."""
    end = time.monotonic() + patience
    while not what():
        assert time.monotonic() < end
        time.sleep(0.005)
    return time.monotonic()


def configure(folder: Path, port: int, keepalive: int) -> Path:
    path = folder / "edge.toml"
    path.write_text(
        f'[device]\nname = "gate-1"\n[storage]\ndata_dir = "{folder}"\nballast_mib = 0\n'
        '[door]\nrelay = "recording"\n'
        f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\ntls = false\nkeepalive_seconds = {keepalive}\n'
    )
    return path


@contextmanager
def daemon(config: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Callable[[], float]]]:
    """Run a daemon; gives it, and what waits until it says that it is ready and returns that second."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        address = config.parent / "notify"
        address.unlink(missing_ok=True)
        notified.bind(str(address))
        notified.settimeout(150)
        with (config.parent / "daemon.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "edge.daemon", "--config", str(config)],
                stderr=log,
                env=os.environ | {"NOTIFY_SOCKET": str(address)},
            )

        def ready() -> float:
            while b"READY=1" not in notified.recv(4096):
                pass
            return time.monotonic()

        try:
            yield process, ready
        finally:
            process.kill()
            process.wait()


def health(config: Path) -> dict[str, Any]:
    with suppress(ControlError):
        return dict(daemon_health(load_settings(config, {})).get("mqtt") or {})
    return {}


def presence(folder: Path) -> list[Row]:
    """Kill the daemon and start it again; see when the broker says so."""
    broker = Broker(folder).start()
    config = configure(folder, broker.port, KEEPALIVE)
    heard = Recorder(broker.port).ready()
    offline, online = [], []
    for _ in range(ROUNDS):
        heard.messages.clear()
        with daemon(config) as (process, ready):
            announced = until(lambda: heard.of(DISCOVERY) and b"online" in heard.of(AVAILABILITY)[-1:])
            online.append(announced - ready())
            process.kill()
            killed = time.monotonic()
            offline.append(until(lambda: heard.of(AVAILABILITY)[-1] == b"offline") - killed)
    with daemon(config) as (process, ready):
        until(lambda: heard.of(AVAILABILITY)[-1] == b"online")
        process.send_signal(signal.SIGSTOP)  # to the broker it is as if the power had gone
        stopped = time.monotonic()
        silent = until(lambda: heard.of(AVAILABILITY)[-1] == b"offline") - stopped
    heard.close()
    broker.kill()
    return [
        {
            "name": f"availability: offline after it fell silent, keep-alive {KEEPALIVE} s",
            "figure": round(silent, 1),
            "unit": "s",
            "goal": "within 45 s",
            "holds": silent <= 45,
        },
        {
            "name": f"availability: offline after SIGKILL, keep-alive {KEEPALIVE} s, slowest of {ROUNDS}",
            "figure": round(max(offline), 1),
            "unit": "s",
            "goal": "within 45 s",
            "holds": max(offline) <= 45,
        },
        {
            "name": f"availability: online and announced after readiness, slowest of {ROUNDS}",
            "figure": round(max(online), 2),
            "unit": "s",
            "goal": "within 5 s (below 0: before it)",
            "holds": max(online) <= 5,
        },
    ]


def recovery(folder: Path) -> list[Row]:
    """Stop the broker for more than three keep-alives, let it go on, stop it again and end the daemon."""
    broker = Broker(folder).start()
    config = configure(folder, broker.port, SHORT)
    ratios, ends = [], []
    for _ in range(ROUNDS):
        with daemon(config) as (process, ready):
            ready()
            until(lambda: health(config).get("contact") == "connected")
            broker.signal(signal.SIGSTOP)
            time.sleep(3 * SHORT + 1)
            told = health(config)
            assert told["contact"] != "connected"
            period = told["retry_in"] + CONNECTING
            broker.signal(signal.SIGCONT)
            continued = time.monotonic()
            back = until(lambda: health(config).get("contact") == "connected") - continued
            ratios.append(back / period)
            broker.signal(signal.SIGSTOP)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            ends.append(time.monotonic() - begun)
            broker.signal(signal.SIGCONT)
    broker.kill()
    return [
        {
            "name": f"broker stopped for three keep-alives: back after it continues, slowest of {ROUNDS}",
            "figure": round(max(ratios), 2),
            "unit": "back-off periods",
            "peer": f"the wait then in force and one try ({CONNECTING:g} s)",
            "ratio": round(statistics.median(ratios), 2),
            "goal": "within one",
            "holds": max(ratios) <= 1,
        },
        {
            "name": f"broker stopped: the daemon's end, slowest of {ROUNDS}",
            "figure": round(max(ends), 2),
            "unit": "s",
            "goal": "under 5 s",
            "holds": max(ends) < 5,
        },
    ]


def main() -> int:
    """Print the rows and keep them; the exit status says whether every goal holds."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, [])
        rows = [*presence(folder), *recovery(folder)]
    (RESULTS / "broker_faults.json").write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")
    for one in rows:
        print(json.dumps(one, ensure_ascii=False))
    return 0 if all(one["holds"] for one in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
