"""A silent alarm is silent: it is an event and an alert, and shows in nothing that is kept or displayed."""

import json

from edge.domain.discovery import device_config
from edge.domain.events import EventType
from edge.domain.mqtt_topics import Topics
from tests.mqtt.broker import Broker
from tests.mqtt.conftest import Recorders, Terminal, broker, brokers, recorder, terminal  # noqa: F401 - fixtures


def test_it_is_published_as_an_event_and_retained_nowhere(
    broker: Broker,  # noqa: F811 - the fixture
    recorder: Recorders,  # noqa: F811 - the fixture
    terminal: Terminal,  # noqa: F811 - the fixture
) -> None:
    heard = recorder(broker.port)
    publisher = terminal.publisher(terminal.settings(broker.port))
    publisher.start()
    terminal.happen(1, EventType.ACCESS_GRANTED)
    terminal.happen(1, EventType.ACCESS_DURESS)
    heard.wait(lambda: heard.of("edge/gate-1/event/access.duress"))
    heard.wait(lambda: heard.of("edge/gate-1/state"))
    publisher.announce()
    late = recorder(broker.port)
    late.wait(lambda: len(late.messages) >= 3)
    for message in late.messages:
        assert b"duress" not in message.payload
        assert "duress" not in message.topic
    assert "duress" not in json.dumps(publisher.health())


def test_home_assistant_s_entities_do_not_show_it() -> None:
    for language in ("en", "ja"):
        found = device_config(Topics("gate-1"), version="1", language=language, commands=True)
        assert "duress" not in json.dumps(found)
        template = found["components"]["recognition"]["value_template"]
        assert "kind in ['granted', 'denied']" in template
