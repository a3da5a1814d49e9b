"""The protocol of sd_notify(3), against a real datagram socket."""

import os
import socket
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.adapters.notify_systemd import NotifySystemd
from tests.service.conftest import Manager


def heard(manager: Manager, count: int) -> list[list[str]]:
    """Return the lines of `count` datagrams; by then the sender has sent them all."""
    while len(manager.heard) < count:
        assert manager.thread is not None
        assert manager.thread.is_alive()
    return [lines for _, lines in manager.heard]


@pytest.mark.parametrize("address", ["", f"@edge-test-{uuid.uuid4().hex}"], ids=["path", "abstract"])
def test_everything_arrives_at_a_path_and_at_an_abstract_name(
    listening: Callable[[str], Manager], address: str
) -> None:
    manager = listening(address)
    notifier = NotifySystemd.from_environment({"NOTIFY_SOCKET": manager.address})
    assert notifier.ready("well")
    assert notifier.status("degraded: 写真\nREADY=1")
    assert notifier.alive()
    assert notifier.stopping()
    notifier.close()
    assert heard(manager, 4) == [
        ["READY=1", "STATUS=well"],
        ["STATUS=degraded: 写真\\nREADY=1"],
        ["WATCHDOG=1"],
        ["STOPPING=1"],
    ]


@pytest.mark.parametrize("address", [None, "", "vsock:2:1234", "run/notify"])
def test_without_a_socket_it_does_nothing_and_succeeds(address: str | None) -> None:
    environ = {} if address is None else {"NOTIFY_SOCKET": address}
    notifier = NotifySystemd.from_environment(environ | {"WATCHDOG_USEC": "30000000"})
    assert notifier.period is None
    assert (notifier.ready("x"), notifier.status("x"), notifier.alive(), notifier.stopping()) == (True,) * 4
    notifier.close()


@pytest.mark.parametrize(
    ("environ", "period"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({}, None),
    ],
)
def test_the_period_is_half_of_what_the_manager_wants_of_this_process(
    environ: dict[str, str], period: float | None
) -> None:
    notifier = NotifySystemd.from_environment({"NOTIFY_SOCKET": "@nobody", **environ}, pid=42)
    assert notifier.period == period


def test_a_manager_that_is_gone_is_no_error_and_is_told(tmp_path: Path) -> None:
    notifier = NotifySystemd(str(tmp_path / "gone"))
    assert not notifier.alive()
    notifier.close()
    notifier.close()


def test_a_manager_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    place = str(tmp_path / "deaf")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        deaf.bind(place)
        notifier = NotifySystemd(place)
        told = [notifier.alive() for _ in range(5000)]  # more than any queue of datagrams takes
        notifier.close()
    assert told[0]
    assert not told[-1]


def test_the_socket_is_not_inherited(listening: Callable[[str], Manager]) -> None:
    before = {fd.name for fd in Path("/proc/self/fd").iterdir()}
    notifier = NotifySystemd(listening("").address)
    notifier.alive()
    new = {fd.name for fd in Path("/proc/self/fd").iterdir()} - before
    sockets = [fd for fd in new if Path(f"/proc/self/fd/{fd}").exists() and not os.get_inheritable(int(fd))]
    assert sockets
    notifier.close()
