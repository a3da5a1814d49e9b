"""A subscriber that keeps all it gets, and comes back when the broker does."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion


class Recorder:
    """Subscribes to `topic` at `port` on a thread of its own, trying again every few milliseconds.

    With QoS 0 it never writes: to acknowledge to a broker that was just killed ends the connection, with what
    that broker had still sent unread.
    """

    def __init__(self, port: int, topic: str = "#", **login: str) -> None:
        self.messages: list[MQTTMessage] = []
        self.connected = threading.Event()
        self._port = port
        self._over = False
        self.client = Client(
            CallbackAPIVersion.VERSION2, f"recorder-{id(self)}", protocol=MQTTProtocolVersion.MQTTv5
        )
        if login:
            self.client.username_pw_set(**login)
        self.client.on_connect = lambda client, *_: client.subscribe(topic, qos=0)
        self.client.on_subscribe = lambda *_: self.connected.set()
        self.client.on_disconnect = lambda *_: self.connected.clear()
        self.client.on_message = lambda _client, _data, message: self.messages.append(message)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self, what: Callable[[], object], patience: float = 30.0) -> None:
        deadline = time.monotonic() + patience
        while not what():
            assert time.monotonic() < deadline, [(m.topic, m.payload) for m in self.messages[-5:]]
            time.sleep(0.01)

    def ready(self) -> "Recorder":
        assert self.connected.wait(10)
        return self

    def of(self, topic: str) -> list[bytes]:
        """Return the payloads of one topic."""
        return [bytes(message.payload) for message in list(self.messages) if message.topic == topic]

    def events(self) -> list[dict[str, Any]]:
        """Return the CloudEvents in their order of arrival, repeats included."""
        return [json.loads(m.payload) for m in list(self.messages) if "/event/" in m.topic]

    def first_deliveries(self) -> list[int]:
        """Return the sequence numbers in order of arrival after dedupe by id."""
        seen = {event["id"]: int(event["sequence"]) for event in reversed(self.events())}
        order = dict.fromkeys(event["id"] for event in self.events())
        return [seen[name] for name in order]

    def close(self) -> None:
        self._over = True
        self.client.disconnect()
        self._thread.join()

    def _run(self) -> None:
        while not self._over:
            try:
                self.client.connect("127.0.0.1", self._port, keepalive=60)
            except OSError:
                time.sleep(0.02)
                continue
            while self.client.loop(0.2) == 0:
                pass
            self.connected.clear()
