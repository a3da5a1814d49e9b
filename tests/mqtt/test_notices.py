"""A broker that hangs up over a topic loses that topic, not the events."""

from dataclasses import dataclass, field

from edge.domain.mqtt_message import OutMessage
from edge.publish.notices import SHUN, Notices


@dataclass
class Link:
    """A BrokerLink of which only `publish` is asked."""

    sent: list[str] = field(default_factory=list)

    def publish(self, message: OutMessage) -> int:
        self.sent.append(message.topic)
        return len(self.sent)


def notices() -> tuple[Notices, Link]:
    link = Link()
    return Notices(link), link  # type: ignore[arg-type]


def test_one_at_a_time_and_the_first_to_a_topic_alone() -> None:
    found, link = notices()
    for topic in ("a", "b", "a"):
        found.add(OutMessage(topic, b""))
    found.send(0.0)
    found.send(0.0)
    assert (link.sent, found.untried) == (["a"], True)
    found.arrived(1)
    found.send(0.0)
    found.arrived(2)
    found.send(0.0)
    assert (link.sent, found.untried) == (["a", "b", "a"], False)
    found.arrived(99)
    assert not found.quiet
    found.arrived(3)
    assert found.quiet


def test_a_refused_topic_is_left_alone_for_a_while() -> None:
    found, link = notices()
    found.add(OutMessage("a", b""))
    found.send(0.0)
    found.refused(1, 0.0)
    for now in (1.0, SHUN - 1, SHUN):
        found.add(OutMessage("a", b""))
        found.send(now)
    assert link.sent == ["a", "a"]


def test_a_topic_that_connections_end_over_without_a_word_is_left_alone_as_well() -> None:
    found, link = notices()
    for now in (0.0, 1.0, 2.0):
        found.begin(now)
        found.add(OutMessage("a", b""))
        found.send(now)
    assert link.sent == ["a", "a"]
    assert found.quiet


def test_a_connection_that_ends_later_is_not_the_topic_s_fault() -> None:
    found, link = notices()
    for now in range(5):
        found.begin(float(now))
        found.add(OutMessage("a", b""))
        found.send(float(now))
        found.arrived(len(link.sent))
    assert link.sent == ["a"] * 5
