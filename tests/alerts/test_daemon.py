"""The whole daemon: alerts arrive by both ways, go on after a restart, and no receiver holds it up."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.alerts.conftest import MailServers, Receivers
from tests.alerts.mail_server import WARNS
from tests.alerts.receiver import Receiver
from tests.daemon.conftest import wait_for
from tests.mqtt.certificates import Authority
from tests.mqtt.test_cli import edgectl
from tests.mqtt.test_daemon import FAKE_EDGED, READY, STOPS_WITHIN

pytestmark = pytest.mark.filterwarnings(WARNS)

LOST = [
    READY,
    {"kind": "camera", "state": "live"},
    {"kind": "camera", "state": "lost", "detail": "unplugged"},
]


@dataclass
class Box:
    """A terminal whose vision child plays a part."""

    folder: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "edge.toml"

    def configure(self, authority: Authority, **alerts: object) -> None:
        for name in ("key", "password"):
            (self.folder / name).write_text("5" * 64 + "\n")
            (self.folder / name).chmod(0o600)
        known = {"webhook_ca_file": str(authority.certificate), "mail_ca_file": str(authority.certificate)}
        lines = [f"{key} = {json.dumps(value)}" for key, value in (known | alerts).items()]
        self.config.write_text(
            f'[device]\nname = "gate-1"\n[storage]\ndata_dir = "{self.folder}/data"\nballast_mib = 0\n'
            '[camera]\nsource = "replay:film.avi"\n[alerts]\n' + "\n".join(lines) + "\n"
        )

    def start(self, play: list[Any]) -> None:
        (self.folder / "play.json").write_text(json.dumps(play))
        command = [sys.executable, str(FAKE_EDGED), f"{self.folder}/play.json", "--config", str(self.config)]
        environ = {key: value for key, value in os.environ.items() if not key.startswith("EDGE_")}
        with (self.folder / "log").open("ab") as log:
            self.processes.append(subprocess.Popen(command, stderr=log, env=environ))

    def stop(self) -> float:
        begun = time.monotonic()
        self.processes[-1].send_signal(signal.SIGTERM)
        assert self.processes[-1].wait(20) == 0
        return time.monotonic() - begun

    def status(self) -> dict[str, Any]:
        found = edgectl(self.config, "alerts", "status", "--json")
        assert found.returncode == 0, found.stderr
        told: dict[str, Any] = json.loads(found.stdout)
        return told


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    folder = tmp_path / "box"
    folder.mkdir(mode=0o700)
    found = Box(folder)
    yield found
    for process in found.processes:
        process.kill()
        process.wait()


def webhook(receiver: Receiver) -> dict[str, object]:
    return {"webhook_url": receiver.url, "webhook_key_file": "key"}


def mail(port: int) -> dict[str, object]:
    return {
        "mail_host": "localhost",
        "mail_port": port,
        "mail_username": "gate",
        "mail_password_file": "password",
        "mail_from": "gate@example.org",
        "mail_to": "guard@example.org",
    }


def test_alerts_arrive_by_both_ways_and_go_on_after_a_restart(
    box: Box, receivers: Receivers, mail_servers: MailServers, authority: Authority
) -> None:
    receiver, server = receivers(), mail_servers(login=("gate", "5" * 64))
    box.configure(authority, **webhook(receiver), **mail(server.port))
    box.start(LOST)
    receiver.wait(1)
    server.wait(1)
    assert receiver.types() == ["camera.lost"]
    assert receiver.posted[0].json["data"]["detail"] == "unplugged"
    assert server.mails[0]["Subject"] == "[gate-1] Camera lost"
    status = box.status()
    assert {name: one["delivered"] for name, one in status.items()} == {"webhook": 1, "mail": 1}
    assert all(one["running"] and one["problem"] is None for one in status.values())
    assert box.stop() < STOPS_WITHIN
    box.start([*LOST, {"kind": "camera", "state": "live"}])
    receiver.wait(2)
    server.wait(2)
    assert receiver.types() == ["camera.lost", "camera.restored"]
    assert box.status()["webhook"]["held_back"] == 1  # the same loss, told anew by the new child
    log = (box.folder / "log").read_text()
    for secret in ("T0KEN", "5" * 64):
        assert secret not in log


def test_what_the_receiver_missed_arrives_when_it_is_back_also_after_a_restart(
    box: Box, receivers: Receivers, authority: Authority
) -> None:
    receiver = receivers(answers=[(503, {})])
    box.configure(authority, **webhook(receiver))
    box.start(LOST)
    receiver.wait(1)
    wait_for(lambda: "answered 503" in str(box.status()["webhook"]["problem"]), 10)
    box.processes[-1].kill()
    box.processes[-1].wait()
    receiver.answers[:] = [(200, {})]
    before = len(receiver.posted)
    box.start([READY])
    receiver.wait(before + 1)
    wait_for(lambda: box.status()["webhook"]["delivered"] == 1, 10)
    assert len({one.headers["webhook-id"] for one in receiver.posted}) == 1


def test_receivers_that_hang_neither_hold_each_other_nor_the_end(
    box: Box, receivers: Receivers, mail_servers: MailServers, authority: Authority
) -> None:
    receiver, server = receivers(slow=8.0), mail_servers(login=("gate", "5" * 64))
    box.configure(authority, **webhook(receiver), **mail(server.port))
    box.start(LOST)
    receiver.wait(1)
    server.wait(1)
    assert box.stop() < STOPS_WITHIN


def test_without_a_way_there_is_nothing_to_show(box: Box, authority: Authority) -> None:
    box.configure(authority)
    box.start([READY])
    wait_for(lambda: edgectl(box.config, "alerts", "status").returncode == 0, 20)
    found = edgectl(box.config, "alerts", "status", "--json")
    assert json.loads(found.stdout) == {}
    assert "nobody is told of anything" in found.stderr


def test_the_test_command_says_who_took_it(
    box: Box, receivers: Receivers, mail_servers: MailServers, authority: Authority
) -> None:
    receiver, server = receivers(), mail_servers(login=("gate", "5" * 64))
    box.configure(authority, **webhook(receiver), **mail(server.port), language="ja")
    found = edgectl(box.config, "alerts", "test", "--json")
    assert found.returncode == 0, found.stderr
    assert [one["way"] for one in json.loads(found.stdout)] == ["webhook", "mail"]
    assert receiver.posted[0].json["type"] == "edge.alerts.test"
    assert server.mails[0]["Subject"] == "[gate-1] テスト"
    assert edgectl(box.config, "alerts", "test", "mail").returncode == 0
    assert (len(receiver.posted), len(server.mails)) == (1, 2)


def test_the_test_command_says_in_a_line_what_is_wrong(
    box: Box, receivers: Receivers, mail_servers: MailServers, authority: Authority
) -> None:
    receiver, server = receivers(), mail_servers(login=("gate", "another"))
    box.configure(authority, **webhook(receiver), **mail(server.port))
    found = edgectl(box.config, "alerts", "test", "mail")
    assert found.returncode == 1
    assert found.stderr.startswith(f"edgectl: error: mail localhost:{server.port}: it refuses user name")
    assert found.stderr.count("\n") == 1
    found = edgectl(box.config, "alerts", "test", "--json")
    assert found.returncode == 1
    both = json.loads(found.stdout)
    assert "answered 204" in both[0]["answer"]
    assert "it refuses user name" in both[1]["problem"]
    (box.folder / "key").chmod(0o644)
    assert "everybody may read this secret" in edgectl(box.config, "alerts", "test", "webhook").stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["test"], "alerts: nobody is told of anything; set webhook_url or mail_host"),
        (["test", "webhook"], "alerts.webhook_url: it is not configured"),
        (["test", "pigeon"], "'pigeon' is not one of 'webhook', 'mail'"),
        (["status"], "the daemon does not answer"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(
    box: Box, authority: Authority, arguments: list[str], said: str
) -> None:
    box.configure(authority)
    found = edgectl(box.config, "alerts", *arguments)
    assert found.returncode != 0
    assert said in found.stderr
    assert found.stderr.count("\n") == 1
