import contextlib
import os
import select
import ssl
import time
from collections.abc import Callable, Sequence
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, LogLevel, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.adapters.publisher_mqtt import faults
from edge.adapters.publisher_mqtt.address import BrokerAddress
from edge.adapters.publisher_mqtt.tls import facts_of
from edge.domain.mqtt_message import Arrived, Delivered, Denied, Happening, LinkFacts, OutMessage, Refused
from edge.errors import BrokerError
from edge.guard import guarded
from edge.network_faults import connecting
from edge.tls_context import NamedContext, tls_context

WINDOW = 64  # messages on their way at once, where the broker allows it
MAX_PACKET = 2 * 1024 * 1024  # bytes a broker that speaks MQTT 5 may send us in one packet
STEP = 0.2  # seconds between two looks at `give_up` while connecting
_VERSIONS = {MQTTProtocolVersion.MQTTv5: "MQTT 5", MQTTProtocolVersion.MQTTv311: "MQTT 3.1.1"}


class MqttLink:
    """A BrokerLink over paho, whose network is driven from `turn`: there is no thread of paho's to die.

    Each `open` makes a new client with a clean session. Every callback passes through the guard; one that
    fails makes the next `turn` raise BrokerError, so that the connection is made anew.
    """

    def __init__(self, address: BrokerAddress) -> None:
        self._address = address
        self._client: Client | None = None
        self._tls: NamedContext | None = None
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._happened: list[Happening] = []
        self._reset()

    def open(self, give_up: Callable[[], bool]) -> LinkFacts:
        """Connect and log in with MQTT 5, and with 3.1.1 where the broker knows nothing newer."""
        try:
            return self._open(MQTTProtocolVersion.MQTTv5, give_up)
        except _OldBrokerError as old:
            try:
                return self._open(MQTTProtocolVersion.MQTTv311, give_up)
            except _OldBrokerError:
                raise BrokerError(str(old)) from None

    def subscribe(self, filters: Sequence[str]) -> None:
        """Ask for messages on `filters`, with QoS 1."""
        client = self._connected()
        # as published: what somebody publishes as retained shows it also to whoever is there already
        new = {"options": SubscribeOptions(qos=1, retainAsPublished=True)}
        how: dict[str, Any] = new if self._protocol is MQTTProtocolVersion.MQTTv5 else {"qos": 1}
        for topic in filters:
            _, mid = client.subscribe(topic, **how)
            if mid is not None:
                self._asked[mid] = topic

    def publish(self, message: OutMessage) -> int:
        """Queue a message; it goes out in the next `turn`."""
        properties = None
        if self._client is not None and self._protocol is MQTTProtocolVersion.MQTTv5:
            properties = _properties(PacketTypes.PUBLISH)
            properties.ContentType = message.content_type
            if message.correlation is not None:
                properties.CorrelationData = message.correlation
        info = self._connected().publish(
            message.topic, message.payload, qos=1, retain=message.retain, properties=properties
        )
        if info.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._lost()
        self._topics[info.mid] = message.topic
        return info.mid

    def turn(self, timeout: float) -> list[Happening]:
        """Read, write and keep alive; see the port. What happened before a loss is told before the loss."""
        if self._connected().socket() is not None and self._fault is None:
            self._step(timeout)
        happened, self._happened = self._happened, []
        if happened:
            return happened
        if self._fault is not None:
            raise BrokerError(f"{self._address}: {self._fault}")
        if self._connected().socket() is None:
            raise self._lost()
        return []

    def wake(self) -> None:
        """End a waiting `turn`."""
        os.eventfd_write(self._wake, 1)

    def close(self) -> None:
        """Send what the socket takes at once, with the goodbye, and drop the rest."""
        client, self._client = self._client, None
        if client is None:
            return
        with guarded("mqtt close"):
            client.disconnect()
            client.loop_write()
        # paho closes the socket only once the goodbye is written, which a stopped broker never lets happen
        with guarded("mqtt close"), contextlib.suppress(OSError):
            sock = client.socket()
            if sock is not None:
                sock.close()
        self._reset()

    def _reset(self) -> None:
        self._happened = []
        self._topics: dict[int, str] = {}
        self._asked: dict[int, str] = {}
        self._fault: str | None = None
        self._last_error = ""
        self._goodbye: ReasonCode | None = None
        self._login: ReasonCode | None = None
        self._window = WINDOW

    def _open(self, protocol: MQTTProtocolVersion, give_up: Callable[[], bool]) -> LinkFacts:
        self.close()
        self._protocol = protocol
        self._client = client = self._new_client(protocol)
        address = self._address
        name = address.tls.server_name if address.tls else address.host
        try:
            client.connect(address.host, address.port, address.keepalive, **self._start(protocol))
        except (OSError, ValueError) as error:  # ValueError: a host name that no address can be made of
            if self._tls is not None:
                self._tls.close()
            raise BrokerError(f"{address}: {connecting(error, name, faults.BROKER)}") from None
        deadline = time.monotonic() + address.patience
        while self._login is None:
            if give_up():
                raise BrokerError(f"{address}: stopped while connecting")
            if time.monotonic() > deadline:
                raise BrokerError(f"{address}: it accepts connections but does not answer")
            if (
                client.socket() is None
            ):  # closed before it said yes or no: a client too new, or no certificate
                raise _OldBrokerError(f"{address}: {faults.ended(self._goodbye, self._last_error)}")
            self._step(STEP)
        return self._welcome(client, protocol)

    def _welcome(self, client: Client, protocol: MQTTProtocolVersion) -> LinkFacts:
        reason = self._login
        if reason is not None and reason.value == faults.UNSUPPORTED_PROTOCOL:
            raise _OldBrokerError(f"{self._address}: the broker speaks neither MQTT 5 nor 3.1.1")
        if reason is not None and reason.is_failure:
            raise BrokerError(f"{self._address}: {faults.refused_login(reason)}")
        if self._fault is not None:
            raise BrokerError(f"{self._address}: {self._fault}")
        return LinkFacts(protocol=_VERSIONS[protocol], window=self._window, **facts_of(client.socket()))

    def _new_client(self, protocol: MQTTProtocolVersion) -> Client:
        address = self._address
        client = Client(
            CallbackAPIVersion.VERSION2, address.client_id, protocol=protocol, reconnect_on_failure=False
        )
        client.connect_timeout = address.patience
        client.max_inflight_messages = 0  # no limit of paho's: whoever publishes keeps to the window
        if address.tls is not None:
            self._tls = tls_context(address.tls)
            client.tls_set_context(self._tls)
        if address.login is not None:
            client.username_pw_set(address.login.username)
            if address.login.password is not None:
                client.password = address.login.password().decode("utf-8", "surrogateescape")
        if address.will is not None:
            client.will_set(address.will.topic, address.will.payload, qos=1, retain=address.will.retain)
        self._listen(client)
        return client

    def _listen(self, client: Client) -> None:
        """Have paho call us back; the last callback makes it leave all writing to `turn`."""
        client.on_connect = self._guarded("on_connect", self._on_connect)
        client.on_disconnect = self._guarded("on_disconnect", self._on_disconnect)
        client.on_publish = self._guarded("on_publish", self._on_publish)
        client.on_subscribe = self._guarded("on_subscribe", self._on_subscribe)
        client.on_message = self._guarded("on_message", self._on_message)
        client.on_log = self._guarded("on_log", self._on_log)
        client.on_socket_register_write = self._guarded("on_socket_register_write", self._on_want_write)

    def _guarded(self, name: str, callback: Callable[..., None]) -> Any:
        def broken(error: BaseException) -> None:
            self._fault = f"{name} failed ({type(error).__name__}: {error}); connecting anew"

        return guarded(f"mqtt {name}", broken)(callback)

    def _start(self, protocol: MQTTProtocolVersion) -> dict[str, Any]:
        if protocol is not MQTTProtocolVersion.MQTTv5:
            return {}
        properties = _properties(PacketTypes.CONNECT)
        properties.MaximumPacketSize = MAX_PACKET
        return {"clean_start": True, "properties": properties}

    def _step(self, timeout: float) -> None:
        client = self._connected()
        sock: Any = client.socket()
        if sock is None:
            return
        if isinstance(sock, ssl.SSLSocket) and sock.pending():
            timeout = 0.0  # decrypted already: the descriptor shows nothing of it
        poll = select.poll()
        poll.register(sock, select.POLLIN | (select.POLLOUT if client.want_write() else 0))
        poll.register(self._wake, select.POLLIN)
        ready = dict(poll.poll(timeout * 1000))
        if self._wake in ready:
            with contextlib.suppress(BlockingIOError):
                os.eventfd_read(self._wake)
        if ready.get(sock.fileno()) or timeout == 0.0:
            client.loop_read()
        if client.want_write():
            client.loop_write()
        client.loop_misc()

    def _connected(self) -> Client:
        if self._client is None:
            raise BrokerError(f"{self._address}: not connected")
        return self._client

    def _lost(self) -> BrokerError:
        return BrokerError(f"{self._address}: {faults.ended(self._goodbye, self._last_error)}")

    def _on_connect(
        self,
        _client: Client,
        _data: Any,
        _flags: ConnectFlags,
        reason: ReasonCode,
        properties: Properties | None,
    ) -> None:
        self._login = reason
        self._window = min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW))

    def _on_disconnect(
        self, _client: Client, _data: Any, flags: DisconnectFlags, reason: ReasonCode, _properties: Any
    ) -> None:
        if flags.is_disconnect_packet_from_server:
            self._goodbye = reason
        elif reason.is_failure and not self._last_error:
            self._last_error = str(reason)

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, reason: ReasonCode, _properties: Any
    ) -> None:
        topic = self._topics.pop(mid, "")
        if reason.is_failure:
            self._happened.append(Refused(mid, f"{self._address}: {faults.refused_message(topic, reason)}"))
        else:
            self._happened.append(Delivered(mid))

    def _on_subscribe(
        self, _client: Client, _data: Any, mid: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        topic = self._asked.pop(mid, "")
        for reason in reasons:
            if reason.is_failure:
                self._happened.append(Denied(f"{self._address}: {faults.denied_topic(topic, reason)}"))

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        with contextlib.suppress(UnicodeDecodeError):  # a topic that is no text is none of ours
            properties = message.properties
            self._happened.append(
                Arrived(
                    topic=message.topic,
                    payload=bytes(message.payload),
                    retained=message.retain,
                    expiry=getattr(properties, "MessageExpiryInterval", None),
                    response_topic=getattr(properties, "ResponseTopic", None),
                    correlation=getattr(properties, "CorrelationData", None),
                )
            )

    def _on_log(self, _client: Client, _data: Any, level: int, text: str) -> None:
        if level == LogLevel.MQTT_LOG_ERR:
            self._last_error = text

    def _on_want_write(self, _client: Client, _data: Any, _sock: Any) -> None:
        pass  # `turn` asks `want_write` by itself


class _OldBrokerError(BrokerError):
    """The broker ended the connection without a word, or said that it does not know this protocol."""


def _properties(packet: int) -> Any:
    return Properties(packet)  # type: ignore[no-untyped-call]
