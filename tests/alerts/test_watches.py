"""A filling disk and a lost broker: told once, and their end once, also over restarts."""

from typing import Any

import pytest

from edge.domain.standing import Standing
from edge.errors import StoreError
from edge.publish import watches as module
from edge.publish.watches import MIB, Watch, Watches, broker_watch, disk_watch
from tests.alerts.conftest import Site
from tests.alerts.test_sink import until


def watched(site: Site, *watches: Watch) -> Watches:
    found = Watches(watches, journal=site.store.journal, query=site.store.query, clock=site.clock.monotonic)
    found._recall()
    return found


def told(site: Site) -> list[tuple[str, dict[str, Any]]]:
    return [(str(event.type), dict(event.data)) for event in site.store.journal.events()]


def test_a_trouble_is_told_when_it_has_lasted_and_its_end_once() -> None:
    standing = Standing(60.0)
    looks = [(0, True), (59, True), (60, True), (70, True), (80, False), (81, False), (90, True), (149, True)]
    found = []
    for at, bad in looks:
        if standing.look(float(at), bad=bad):
            standing.tell()
            found.append(at)
    assert found == [60, 80]


def test_a_disk_that_fills_is_told_once_and_its_room_only_when_there_is_some_to_spare(site: Site) -> None:
    free = 300
    watches = watched(site, disk_watch(256, lambda: free * MIB))
    for free in (300, 255, 200, 257, 281, 282, 300, 100):  # noqa: B007 - the watch reads it
        watches.look()
    assert told(site) == [
        ("system.disk_low", {"free_mib": 255}),
        ("system.disk_restored", {"free_mib": 282}),
        ("system.disk_low", {"free_mib": 100}),
    ]


def test_after_a_restart_it_is_neither_told_again_nor_forgotten(site: Site) -> None:
    watched(site, disk_watch(256, lambda: 1 * MIB)).look()
    watched(site, disk_watch(256, lambda: 1 * MIB)).look()
    watched(site, disk_watch(256, lambda: 999 * MIB)).look()
    assert [kind for kind, _ in told(site)] == ["system.disk_low", "system.disk_restored"]


WELL = {"contact": "connected", "waiting": 0, "acknowledged": 5, "problem": None}


@pytest.mark.parametrize(
    ("health", "problem"),
    [
        (
            {"contact": "waiting", "problem": "refused", "waiting": 3, "acknowledged": 5},
            {"problem": "refused"},
        ),
        ({"contact": "connected", "problem": None, "waiting": 3, "acknowledged": 5}, {}),
        ({"contact": "waiting", "problem": None, "waiting": 0, "acknowledged": 5}, {}),
        ({"journal": "stuck"}, {}),
    ],
    ids=["away", "acknowledges nothing", "away with nothing to deliver", "unknown"],
)
def test_a_broker_is_lost_when_nothing_arrives_for_long(
    site: Site, health: dict[str, Any], problem: dict[str, str]
) -> None:
    found: dict[str, Any] = dict(WELL)
    watches = watched(site, broker_watch(15.0, lambda: found))
    watches.look()
    found = health
    for _ in range(90):
        watches.look()
        assert told(site) == []
        site.clock.go(10)
    site.clock.go(10)
    watches.look()
    assert told(site) == [("system.broker_lost", {"minutes": 15, **problem})]
    watches.look()
    found = dict(WELL)
    watches.look()
    assert told(site)[1:] == [("system.broker_restored", {})]


def test_a_broker_that_takes_events_slowly_is_not_lost(site: Site) -> None:
    found: dict[str, Any] = WELL | {"waiting": 1000, "acknowledged": 0}
    watches = watched(site, broker_watch(15.0, lambda: found))
    for _ in range(300):
        found["acknowledged"] += 1
        watches.look()
        site.clock.go(10)
    assert told(site) == []


def test_what_cannot_be_journaled_is_told_later(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    watches = watched(site, disk_watch(256, lambda: 1 * MIB))

    def full(_event: object) -> None:
        raise StoreError("full")

    with monkeypatch.context() as patched:
        patched.setattr(site.store.journal, "append", full)
        with pytest.raises(StoreError):
            watches.look()
    watches.look()
    assert [kind for kind, _ in told(site)] == ["system.disk_low"]


@pytest.mark.parametrize("fault", [OSError("gone"), StoreError("closed"), RuntimeError("planted")])
def test_the_thread_goes_on_looking_and_ends_when_asked(
    site: Site, fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EVERY", 0.02)
    faults: list[Exception] = [fault, fault]

    def free() -> int:
        if faults:
            raise faults.pop()
        return 0

    watches = Watches(
        [disk_watch(256, free)],
        journal=site.store.journal,
        query=site.store.query,
        clock=site.clock.monotonic,
    )
    watches.start()
    until(lambda: told(site))
    watches.stop()
    assert [kind for kind, _ in told(site)] == ["system.disk_low"]


def test_with_nothing_to_watch_there_is_no_thread(site: Site) -> None:
    watches = watched(site)
    watches.start()
    watches.stop()
