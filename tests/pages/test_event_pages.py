"""Pages of a journal in which the lock moved thousands of times since anything else happened."""

import re
from collections.abc import Iterator

import pytest

from edge.domain.api_token import Scope
from edge.domain.events import EventType, NewEvent
from edge.web.account import Account
from edge.web.event_pages import MOST_READS, READ
from edge.web.roles import Role
from tests.pages.conftest import Client, Site


@pytest.fixture(autouse=True, scope="module")
def _moved(site: Site) -> None:
    """Write down that somebody did something, and then more of the lock than a page reads."""
    door = {"door": "door"}
    moves = [
        NewEvent(EventType.DOOR_UNLOCKED, data={**door, "by": "grant"}),
        NewEvent(EventType.DOOR_LOCKED, data={**door, "why": "grant"}),
    ]
    actor = {"actor": "admin:mori"}
    site.store.journal.append_many(
        [
            NewEvent(EventType.DOOR_UNLOCKED, data={**door, "by": "admin", **actor}),
            NewEvent(EventType.ADMIN_EXPORTED, data={"what": "events", "form": "csv", **actor}),
            *(moves * (READ * MOST_READS // 2 + 50)),
        ]
    )


def pages(client: Client, address: str) -> Iterator[str]:
    """Yield the page at an address and all older ones."""
    while True:
        text = client.get(address).text
        yield text
        older = re.search(r'rel="next" href="([^"]+)"', text)
        if older is None:
            return
        address = older[1].replace("&amp;", "&")


def test_the_audit_log_leads_to_the_first_thing_that_somebody_did(client: Client) -> None:
    found = list(pages(client, "/settings/audit"))
    assert "mori unlocked the door" in found[0]
    assert "mori changed the schedule office hours" in found[-1]
    assert "Nobody did anything yet" not in "".join(found)
    assert "The door was unlocked" not in "".join(found)


def test_where_only_the_lock_moved_older_events_are_led_to(client: Client) -> None:
    first, second = (text for text, _ in zip(pages(client, "/events"), range(2), strict=False))
    assert "Only the lock moved in this stretch." in first
    assert "mori unlocked the door" in second


def test_before_the_first_event_newer_ones_are_led_to(client: Client) -> None:
    text = client.get("/events?kind=all&before=1").text
    newer = re.search(r'rel="prev" href="([^"]+)"', text)
    assert newer is not None
    assert "office hours" in client.get(newer[1].replace("&amp;", "&")).text


LARGE = 2**63 - 1, 2**63, 10**30


@pytest.mark.parametrize("number", LARGE)
def test_no_event_has_a_number_so_large(site: Site, client: Client, number: int) -> None:
    person = site.made.people[0]
    assert client.get(f"/people/{person}/events/{number}/dispute").status_code == 404
    for way in ("after", "before"):
        assert client.get(f"/events?{way}={number}").status_code == 200
    assert client.get(f"/settings/audit?after={number}").status_code == 200


def test_a_program_may_ask_what_came_after_the_last_number_there_is(site: Site, client: Client) -> None:
    site.account = Account("erp", Role.PUBLIC, "token", frozenset(Scope))
    answer = client.get(f"/api/v1/events?after={LARGE[0]}")
    assert (answer.status_code, answer.get_json()["events"]) == (200, [])
