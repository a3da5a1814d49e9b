"""A screen whose stream ends comes back, and misses nothing; and whose browser it is."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from edge.domain.events import EventType
from edge.web.kiosk_feed import LONGEST, RETRY, kiosk_feed
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
