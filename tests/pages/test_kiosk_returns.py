"""A screen whose stream ends comes back, and misses nothing; and whose browser it is."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Route, expect

from edge.domain.events import Event, EventType
from edge.errors import StoreError
from edge.web.kiosk_feed import LONGEST, RETRY, kiosk_feed
from edge.web.kiosk_moment import Moment, moment
from edge.web.kiosk_parts import MOST_SCREENS, KioskParts
from edge.web.roles import Role
from tests.pages.site import SiteClock, serving
from tests.pages.test_kiosk import Kiosk, kiosk_app, pair, tone


class LateClock(SiteClock):
    """A clock of which a part of the time has passed already; `late` is in seconds."""

    def __init__(self, late: float) -> None:
        super().__init__()
        self._late = late

    def monotonic(self) -> float:
        return super().monotonic() + self._late

    def now(self) -> Any:
        found = super().now()
        return replace(found, monotonic_ns=found.monotonic_ns + round(self._late * 1e9))


def parts_of(app: Flask) -> KioskParts:
    found: KioskParts = app.extensions["edge"].kiosk
    return found


def first_state(told: Iterator[str]) -> tuple[int, dict[str, Any]]:
    """Return the id and the state that a stream tells first, and end it."""
    retry, first = next(told), next(told)
    assert retry == f"retry: {RETRY}\n\n"
    told.close()  # type: ignore[attr-defined] # a generator
    number, state = first.strip().split("\n")
    return int(number.removeprefix("id: ")), json.loads(state.removeprefix("data: "))


def told_after(parts: KioskParts, after: int | None, late: float = 0.0) -> dict[str, Any]:
    return first_state(kiosk_feed(replace(parts, clock=LateClock(late)), str, after=after))[1]


def test_what_happened_between_two_streams_is_told(tmp_path: Path) -> None:
    with kiosk_app(tmp_path) as (app, kiosk):
        parts = parts_of(app)
        last, state = first_state(kiosk_feed(parts, str))
        assert (last, state["tone"]) == (kiosk.store.journal.last_seq(), "idle")
        kiosk.happens(EventType.ACCESS_GRANTED, kiosk.person, reason="face")
        told = told_after(parts, last)
        assert (told["headline"], told["name"], told["moment"]) == ("Welcome", kiosk.name, last + 1)
        assert told_after(parts, None)["tone"] == "idle"  # a screen that was not there before


def test_only_the_last_seconds_are_told(tmp_path: Path) -> None:
    with kiosk_app(tmp_path) as (app, kiosk):
        parts = parts_of(app)
        last = kiosk.store.journal.last_seq()
        kiosk.happens(EventType.ACCESS_GRANTED, kiosk.person, reason="face")
        assert told_after(parts, last, late=4.5)["tone"] == "yes"
        assert told_after(parts, last, late=6.0)["tone"] == "idle"


def test_what_was_being_shown_goes_on_as_long_as_it_would_have(tmp_path: Path) -> None:
    with kiosk_app(tmp_path) as (app, kiosk):
        parts = parts_of(app)
        kiosk.happens(EventType.ACCESS_GRANTED, kiosk.person, reason="face")
        last = kiosk.store.journal.last_seq()
        assert told_after(parts, last, late=3.0)["moment"] == last
        assert told_after(parts, last, late=4.5)["moment"] == 0


class KeptFeed:
    """Events that were journaled before; `broken` is how often they cannot be read first."""

    def __init__(self, events: Sequence[Event], broken: int = 0) -> None:
        self._events = events
        self._broken = broken

    def last(self) -> int:
        if self._broken:
            self._broken -= 1
            raise StoreError("database", "cannot be read")
        return self._events[-1].seq

    def wait(self, *, after: int, timeout: float, limit: int = 100) -> list[Event]:
        del timeout
        return [event for event in self._events if event.seq > after][:limit]


def kept(
    seq: int, kind: EventType, person: str | None, *, age: float, boot: str = "boot-2", **data: Any
) -> Event:
    """Return an event that is `age` seconds old by the monotonic time of now, whatever its boot."""
    at = time.monotonic_ns() - round(age * 1e9)
    return Event(seq, f"j:{seq}", boot, "2026-11-27T06:42:00.000Z", at, True, kind, person, data)


def test_a_pin_that_nobody_waits_for_is_not_asked_for_again(tmp_path: Path) -> None:
    with kiosk_app(tmp_path) as (app, kiosk):
        for age in (10.0, 2.0):  # in the second case the greeting before it would still be shown
            greeted = kept(1, EventType.ACCESS_GRANTED, kiosk.person, age=age + 1.0, reason="face")
            asked = kept(2, EventType.ACCESS_DENIED, kiosk.person, age=age, reason="second_factor_missing")
            parts = replace(parts_of(app), feed=KeptFeed([greeted, asked]))
            kiosk.doors.want(None)
            assert told_after(parts, 2)["tone"] == "idle"
            kiosk.doors.want(kiosk.person)
            assert told_after(parts, 2)["tone"] == "ask"


def test_the_time_of_another_boot_is_not_compared_with_this_one(tmp_path: Path) -> None:
    with kiosk_app(tmp_path) as (app, kiosk):
        old = kept(1, EventType.ACCESS_GRANTED, kiosk.person, age=3.0, boot="boot-1", reason="face")
        started = kept(2, EventType.SYSTEM_STARTED, None, age=1.0)
        parts = replace(parts_of(app), feed=KeptFeed([old, started]))
        assert [told_after(parts, after)["moment"] for after in (0, 1)] == [0, 0]


@pytest.mark.parametrize("after", [None, 2])
def test_a_journal_that_cannot_be_read_at_first_greets_nobody_of_long_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int | None
) -> None:
    monkeypatch.setattr("edge.web.kiosk_feed.SIGN", 0.0)
    with kiosk_app(tmp_path) as (app, kiosk):
        old = [kept(seq, EventType.ACCESS_GRANTED, kiosk.person, age=900.0) for seq in (1, 2, 3)]
        feed, turns = KeptFeed(old, broken=2), iter([False] * 5 + [True])
        told = kiosk_feed(replace(parts_of(app), feed=feed), str, lambda: next(turns), after)
        assert next(told).startswith("retry:")
        states = [one.strip().split("\n") for one in told]
        assert [json.loads(lines[-1].removeprefix("data: "))["tone"] for lines in states] == ["idle"] * 5
        assert [lines[:-1] for lines in states] == [[], [], *[["id: 3"]] * 3]


@pytest.mark.parametrize(
    ("header", "query", "tones"),
    [("1", "", "yes"), ("", "?after=1", "yes"), ("", "", "idle"), ("x", "?after=-1", "idle")],
)
def test_a_screen_says_itself_what_it_had(tmp_path: Path, header: str, query: str, tones: str) -> None:
    with kiosk_app(tmp_path, Role.KIOSK) as (app, kiosk):
        kiosk.happens(EventType.ACCESS_GRANTED, kiosk.person, reason="face")
        client = app.test_client()
        answer = client.get(f"/kiosk/stream{query}", headers={"Last-Event-ID": header})
        told = (one.decode() if isinstance(one, bytes) else one for one in answer.iter_encoded())
        next(told)
        assert f'"tone": "{tones}"' in next(told)
        answer.close()


def test_a_stream_that_is_made_anew_is_not_noticed(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.web.kiosk_feed.LONGEST", LONGEST / 300)
    context = browser.new_context(locale="en-GB")
    with kiosk_app(tmp_path) as (app, kiosk), serving(app) as address:
        page = context.new_page()
        pair(page, replace(kiosk, address=address))
        tone(page, "idle")
        page.evaluate(
            "window.tones = []; new MutationObserver(() => tones.push(document.body.dataset.tone))"
            ".observe(document.body, { attributes: true, attributeFilter: ['data-tone'] })"
        )
        happens_between_streams(app, kiosk)
        tone(page, "yes")
        expect(page.locator("#name")).to_have_text(kiosk.name)
        tone(page, "idle")
        assert [seen for seen, _ in groupby(page.evaluate("tones"))] == ["yes", "idle"]
        context.close()


def lasting(event: Event) -> Moment | None:
    """Return what is said of an event, for so long that the test need not hurry."""
    found = moment(event)
    return found and replace(found, seconds=18.0)


def test_a_greeting_that_goes_on_after_a_break_still_tells_its_time(
    tmp_path: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.web.kiosk_screen.moment", lasting)
    context = browser.new_context(locale="en-GB")
    with kiosk_app(tmp_path) as (app, kiosk), serving(app) as address:
        page = context.new_page()
        pair(page, replace(kiosk, address=address))
        tone(page, "idle")
        kiosk.happens(EventType.ACCESS_GRANTED, kiosk.person, reason="face")
        tone(page, "yes")
        monkeypatch.setattr("edge.web.kiosk_feed.LONGEST", 0.0)
        tone(page, "off")
        expect(page.locator("#detail")).to_have_text("It comes back by itself")
        monkeypatch.setattr("edge.web.kiosk_feed.LONGEST", LONGEST)
        tone(page, "yes")
        expect(page.locator("#detail")).to_have_text(re.compile(r"^\d\d:\d\d$"))
        context.close()


def test_what_a_screen_had_is_not_forgotten_while_the_journal_cannot_be_read(
    tmp_path: Path, browser: Browser
) -> None:
    state = json.dumps({"tone": "idle", "headline": "Face the camera", "moment": 0})
    bodies = iter([f"id: 7\ndata: {state}\n\n", "", f"data: {state}\n\n", ""])
    asked: list[str] = []

    def answer(route: Route) -> None:
        if route.request.method == "HEAD":
            route.fulfill(content_type="text/event-stream")
            return
        asked.append(route.request.url.partition("?")[2])
        body = next(bodies, "")
        route.fulfill(status=200 if body else 503, content_type="text/event-stream", body=body)

    context = browser.new_context(locale="en-GB")
    with kiosk_app(tmp_path) as (app, kiosk), serving(app) as address:
        page = context.new_page()
        page.route("**/kiosk/stream*", answer)
        pair(page, replace(kiosk, address=address))
        end = time.monotonic() + 20
        while len(asked) < 5 and time.monotonic() < end:
            page.wait_for_timeout(50)
        assert asked[:5] == ["", "", "after=7", "after=7", "after=7"]
        context.close()


def happens_between_streams(app: Flask, kiosk: Kiosk) -> None:
    """Let somebody in while no screen is connected."""
    slots, end = parts_of(app).slots, time.monotonic() + 10
    while slots._value < MOST_SCREENS and time.monotonic() < end:
        time.sleep(0.005)
    assert slots._value == MOST_SCREENS
    kiosk.happens(EventType.ACCESS_GRANTED, kiosk.person, reason="face")


def test_a_browser_in_which_somebody_is_logged_in_is_no_screen(tmp_path: Path) -> None:
    with kiosk_app(tmp_path, Role.ADMIN) as (app, _):
        client = app.test_client()
        assert 'id="code"' in client.get("/kiosk").text
        assert [client.get(f"/kiosk/{part}").status_code for part in ("stream", "picture.jpg")] == [403, 403]


def test_a_paired_screen_stays_one_when_somebody_logs_in_in_its_browser(tmp_path: Path) -> None:
    with kiosk_app(tmp_path, Role.ADMIN) as (app, kiosk):
        app.config["WTF_CSRF_ENABLED"] = False
        client = app.test_client()
        token = kiosk.store.screens.pair(kiosk.code(), address="", now=SiteClock().now().wall)
        assert token is not None
        client.set_cookie("screen", token, path="/kiosk")
        assert 'id="kiosk"' in client.get("/kiosk").text
        assert client.post("/kiosk/pin", json={"digits": "1234"}).get_json()["granted"]
        assert client.get("/settings/screens").status_code == 200  # elsewhere it is who is logged in
