"""The whole daemon on a film, with its broker stopped: people are recognised and let in all the same."""

import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.conftest import wait_for
from tests.daemon.test_film import ENOUGH, LOOK_IN, Terminal, prepare
from tests.mqtt.broker import Broker
from tests.mqtt.conftest import Recorders

KEEPALIVE = 2
GRANTED = "edge.access.granted"


class Site(Terminal):
    """A terminal whose film begins anew for ever, with a broker."""

    def begin(self, port: int) -> None:
        self.start(
            "look-in",
            also=f'[mqtt]\nhost = "127.0.0.1"\nport = {port}\ntls = false\nkeepalive_seconds = {KEEPALIVE}\n',
        )

    def granted(self) -> int:
        return self.kinds().count("access.granted")

    def lets_in(self, more: int) -> None:
        """Wait until as many more people were let in, and the lock was moved for each."""
        grants, moves = self.granted(), self.opened()
        wait_for(lambda: self.granted() >= grants + more, 60)
        wait_for(lambda: self.opened() > moves, 20)

    def opened(self) -> int:
        return sum(entry["level"] for entry in self.relay())


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, presidents: Path, dlib_models: Path) -> Path:
    """Return a terminal's folder with a film of the enrolled president looking in."""
    return prepare(tmp_path_factory.mktemp("terminal"), presidents, dlib_models, [LOOK_IN])


@pytest.fixture
def site(prepared: Path, tmp_path: Path) -> Iterator[Site]:
    shutil.copytree(prepared, tmp_path / "site")
    found = Site(tmp_path / "site")
    yield found
    if found.process is not None and found.process.poll() is None:
        found.process.kill()
        found.wait(10)


@pytest.mark.slow
def test_people_are_let_in_while_the_broker_is_stopped_or_gone_and_their_events_arrive_after_it(
    site: Site, broker: Broker, recorder: Recorders
) -> None:
    heard = recorder(broker.port)
    site.begin(broker.port)
    heard.wait(lambda: [event for event in heard.events() if event["type"] == GRANTED], 60)
    broker.signal(signal.SIGSTOP)
    site.lets_in(1)  # what was on its way before has arrived by then
    known = len(heard.events())
    begun = time.monotonic()
    while time.monotonic() < begun + 3 * KEEPALIVE:
        site.lets_in(1)
    assert len(heard.events()) == known  # nothing has arrived meanwhile
    broker.signal(signal.SIGCONT)
    heard.wait(lambda: set(heard.first_deliveries()) >= {event.seq for event in site.journal()[:-2]}, 60)
    order = heard.first_deliveries()
    assert order == list(range(1, len(order) + 1))
    broker.kill()
    site.lets_in(1)
    broker.start()
    heard.ready()
    last = site.journal()[-1].seq
    heard.wait(lambda: max(heard.first_deliveries()) >= last, 60)
    broker.signal(signal.SIGSTOP)
    site.lets_in(1)
    assert site.process is not None
    site.process.send_signal(signal.SIGTERM)
    assert site.wait(ENOUGH) == 0
    assert "Traceback" not in site.said()
