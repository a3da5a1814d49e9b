"""What went wrong with a broker, in one line that says which of the many it was, and the remedy."""

from paho.mqtt.reasoncodes import ReasonCode

from edge.network_faults import Peer, wants_certificate

# Reasons of MQTT 5, §2.4; paho gives the codes of 3.1.1 as the same
BAD_LOGIN = frozenset({0x86, 0x87, 0x8C})
UNSUPPORTED_PROTOCOL = 0x84
NOT_AUTHORIZED = 0x87
FAILED = 0x80  # and above
_LINES = {
    0x85: "the broker does not accept the client id; another device may use the same name",
    0x88: "the broker says it is unavailable",
    0x8A: "the broker has banned this client",
    0x8D: "the broker heard nothing from us for too long",
    0x8E: "another client connected with our client id; give each terminal a device.name of its own",
    0x93: "the broker wants fewer messages on their way",
    0x95: "the broker says a message is too large; raise its limit",
    0x97: "the broker's quota is used up",
}

BROKER = Peer(
    what="the broker",
    host="mqtt.host",
    port="mqtt.port and mqtt.tls",
    ca="mqtt.ca_file",
    named="mqtt.host or mqtt.server_name",
    client="mqtt.cert_file and mqtt.key_file",
)


def refused_login(reason: ReasonCode) -> str:
    """Return why the broker did not let us in."""
    if reason.value in BAD_LOGIN:
        return (
            f"the broker refuses user name, password or client certificate ({reason}); "
            "check mqtt.username and mqtt.password_file"
        )
    return _LINES.get(reason.value, f"the broker does not let us in ({reason})")


def refused_message(topic: str, reason: ReasonCode) -> str:
    """Return why the broker did not take a message."""
    if reason.value == NOT_AUTHORIZED:
        return f"the broker's ACL does not let us publish to {topic}; allow it there"
    return f"{topic}: {_LINES.get(reason.value, f'the broker refuses a message ({reason})')}"


def denied_topic(topic: str, reason: ReasonCode) -> str:
    """Return why the broker did not let us subscribe."""
    if reason.value in {NOT_AUTHORIZED, FAILED}:
        return f"the broker's ACL does not let us subscribe to {topic}; allow it there"
    return f"{topic}: the broker refuses the subscription ({reason})"


def ended(reason: ReasonCode | None, last: str) -> str:
    """Return why a connection ended; `last` is what the network said, if anything."""
    if reason is not None and reason.value >= FAILED and reason.value in _LINES:
        return _LINES[reason.value]
    if "CERTIFICATE_REQUIRED" in last or "CERTIFICATE REQUIRED" in last.upper():
        return wants_certificate(BROKER)
    return f"the connection was lost ({last})" if last else "the broker ended the connection"
