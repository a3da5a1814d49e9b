"""Whatever a broker has against us is said in one line that tells which it is, and tried again."""

import logging
import subprocess
import time
from pathlib import Path

import pytest

from edge.publish.publisher import Publisher
from tests.mqtt.broker import Broker, free_port
from tests.mqtt.certificates import Authority, Pair
from tests.mqtt.conftest import Brokers, Recorders, Terminal

SECRET = "correct-horse-battery"
HERE = "DNS:localhost,IP:127.0.0.1"


def problem_of(publisher: Publisher, patience: float = 10.0) -> str:
    """Return the line of the first failure."""
    publisher.start()
    deadline = time.monotonic() + patience
    while not (line := publisher.health()["problem"]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return str(line)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"), "ours")


def tls_broker(folder: Path, authority: Authority, *more: str, **how: object) -> Broker:
    name = f"server{len(list(folder.iterdir()))}"
    pair = authority.sign(name, **how)  # type: ignore[arg-type]
    listener = (
        f"cafile {authority.certificate}",
        f"certfile {pair.certificate}",
        f"keyfile {pair.key}",
        *more,
    )
    return Broker(folder, listener=listener)


def test_a_trusted_broker_is_connected_to_over_tls(
    brokers: Brokers, authority: Authority, terminal: Terminal
) -> None:
    broker = brokers(listener=listener_with(authority, authority.sign("server")))
    terminal.happen(3)
    settings = terminal.settings(broker.port, host="localhost", tls=True, ca_file=str(authority.certificate))
    publisher = terminal.publisher(settings)
    publisher.start()
    deadline = time.monotonic() + 10
    while publisher.health()["acknowledged"] < 3:
        assert time.monotonic() < deadline, publisher.health()
        time.sleep(0.01)
    publisher.stop()


def listener_with(authority: Authority, pair: Pair, *more: str) -> tuple[str, ...]:
    return (f"cafile {authority.certificate}", f"certfile {pair.certificate}", f"keyfile {pair.key}", *more)


REFUSED: dict[str, tuple[str, int, dict[str, str], str]] = {
    "wrong CA": (HERE, 30, {"ca_file": "others"}, "not signed by an authority we trust (wrong CA)"),
    "wrong host name": ("DNS:elsewhere.example", 30, {}, "not for localhost (wrong host name)"),
    "wrong server name": (HERE, 30, {"server_name": "a.example"}, "not for a.example (wrong host name)"),
    "expired": (HERE, -1, {}, "its certificate has expired"),
    "missing CA": (HERE, 30, {"ca_file": "/nowhere/ca.crt"}, "/nowhere/ca.crt: it cannot be read"),
}


@pytest.mark.parametrize(("subject", "days", "keys", "line"), REFUSED.values(), ids=REFUSED)
def test_a_certificate_is_refused_with_the_reason(
    *,
    brokers: Brokers,
    tmp_path: Path,
    authority: Authority,
    terminal: Terminal,
    subject: str,
    days: int,
    keys: dict[str, str],
    line: str,
) -> None:
    pair = authority.sign("server", subject=subject, days=days)
    broker = brokers(listener=listener_with(authority, pair))
    files = {"ca_file": str(authority.certificate)} | keys
    if files["ca_file"] == "others":
        files["ca_file"] = str(Authority(tmp_path, "others").certificate)
    publisher = terminal.publisher(terminal.settings(broker.port, host="localhost", tls=True, **files))
    assert line in problem_of(publisher)


def test_a_broker_that_wants_a_client_certificate_says_so(
    brokers: Brokers, authority: Authority, terminal: Terminal
) -> None:
    listener = listener_with(authority, authority.sign("server"), "require_certificate true")
    broker = brokers(listener=listener)
    keys = {"host": "localhost", "tls": True, "ca_file": str(authority.certificate)}
    without = terminal.publisher(terminal.settings(broker.port, **keys))
    assert "wants a client certificate" in problem_of(without)
    without.stop()
    pair = authority.sign("terminal")
    keys |= {"cert_file": str(pair.certificate), "key_file": str(pair.key)}
    terminal.happen(1)
    with_one = terminal.publisher(terminal.settings(broker.port, **keys))
    with_one.start()
    deadline = time.monotonic() + 10
    while with_one.health()["acknowledged"] < 1:
        assert time.monotonic() < deadline, with_one.health()
        time.sleep(0.01)
    with_one.stop()


def test_tls_to_a_plain_port_and_plain_to_a_tls_port_are_told_apart(
    broker: Broker, brokers: Brokers, authority: Authority, terminal: Terminal
) -> None:
    to_plain = terminal.publisher(
        terminal.settings(broker.port, tls=True, ca_file=str(authority.certificate))
    )
    assert "it hangs up when TLS begins" in problem_of(to_plain)
    secured = brokers(listener=listener_with(authority, authority.sign("server")))
    to_tls = terminal.publisher(terminal.settings(secured.port))
    assert problem_of(to_tls)


@pytest.mark.parametrize(
    ("host", "line"), [("127.0.0.1", "connection is refused"), ("no.invalid", "resolved")]
)
def test_a_broker_that_is_not_there(terminal: Terminal, host: str, line: str) -> None:
    publisher = terminal.publisher(terminal.settings(free_port(), host=host))
    assert line in problem_of(publisher)


def with_password(folder: Path, acl: str) -> tuple[str, ...]:
    """Return the lines of a broker with two users, the terminal's and one that may do everything."""
    passwords, rules = folder / "passwords", folder / "acl"
    passwords.touch(mode=0o600)
    for name in ("gate-1", "watcher"):
        subprocess.run(["mosquitto_passwd", "-b", passwords, name, SECRET], check=True, capture_output=True)
    rules.write_text(f"user gate-1\n{acl}\nuser watcher\ntopic readwrite #\n")
    return ("allow_anonymous false", f"password_file {passwords}", f"acl_file {rules}")


def login(terminal: Terminal, password: str) -> dict[str, str]:
    file = terminal.folder / "password"
    file.write_text(password + "\n")
    file.chmod(0o600)
    return {"username": "gate-1", "password_file": "password"}


def test_a_bad_password_is_refused_and_a_better_one_taken_without_a_restart(
    brokers: Brokers, tmp_path: Path, terminal: Terminal, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broker = brokers(lines=with_password(tmp_path, "topic readwrite edge/gate-1/#"))
    terminal.happen(2)
    settings = terminal.settings(broker.port, **login(terminal, "wrong-" + SECRET))
    publisher = terminal.publisher(settings)
    line = problem_of(publisher)
    assert "refuses user name, password" in line
    login(terminal, SECRET)
    deadline = time.monotonic() + 10
    while publisher.health()["acknowledged"] < 2:
        assert time.monotonic() < deadline, publisher.health()
        time.sleep(0.01)
    publisher.stop()
    told = caplog.text + line + repr(settings) + repr(publisher.__dict__) + repr(settings.model_dump())
    assert SECRET not in told


def test_an_acl_that_keeps_events_out_is_named_and_tried_again_with_growing_waits(
    brokers: Brokers, tmp_path: Path, terminal: Terminal, recorder: Recorders
) -> None:
    acl = "topic readwrite edge/gate-1/availability\ntopic readwrite edge/gate-1/state"
    broker = brokers(lines=with_password(tmp_path, acl))
    terminal.happen(3)
    keys: dict[str, object] = {"home_assistant": False, **login(terminal, SECRET)}
    publisher = terminal.publisher(terminal.settings(broker.port, **keys))
    line = problem_of(publisher)
    assert line.endswith(
        "the broker's ACL does not let us publish to edge/gate-1/event/access.granted; allow it there"
    )
    time.sleep(3)
    assert publisher.health()["acknowledged"] == 0
    assert 2 <= publisher.health()["connections"] <= 4
    (tmp_path / "acl").write_text(
        "user gate-1\ntopic readwrite edge/gate-1/#\nuser watcher\ntopic readwrite #\n"
    )
    broker.kill()
    broker.start()
    heard = recorder(broker.port, username="watcher", password=SECRET)
    heard.wait(lambda: len(heard.events()) >= 3)
    publisher.stop()


def test_what_the_acl_refuses_besides_events_keeps_no_event_back(
    brokers: Brokers, tmp_path: Path, terminal: Terminal, recorder: Recorders
) -> None:
    broker = brokers(lines=with_password(tmp_path, "topic readwrite edge/gate-1/event/+"))
    terminal.happen(100)
    heard = recorder(broker.port, username="watcher", password=SECRET)
    publisher = terminal.publisher(terminal.settings(broker.port, **login(terminal, SECRET)))
    publisher.start()
    heard.wait(lambda: len(heard.first_deliveries()) == 100)
    time.sleep(1.5)
    connections = publisher.health()["connections"]
    terminal.happen(10)
    heard.wait(lambda: len(heard.first_deliveries()) == 110)
    assert publisher.health()["connections"] == connections


@pytest.mark.parametrize(
    ("text", "mode", "line"),
    [
        (None, 0o600, "it cannot be read"),
        ("x", 0o644, "everybody may read this secret"),
        ("", 0o600, "at least 1 are needed"),
    ],
)
def test_a_password_file_that_cannot_be_used_is_named(
    broker: Broker, terminal: Terminal, text: str | None, mode: int, line: str
) -> None:
    keys = {"username": "gate-1", "password_file": "pass"}
    if text is not None:
        (terminal.folder / "pass").write_text(text)
        (terminal.folder / "pass").chmod(mode)
    found = problem_of(terminal.publisher(terminal.settings(broker.port, **keys)))
    assert found.startswith(str(terminal.folder / "pass"))
    assert line in found
