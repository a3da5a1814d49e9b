"""Every page in both languages, on desktop and phone: without errors, in its width, and left as a picture.

The pictures are in var/screenshots, for people to look at. EDGE_TEST_LOOKS=4 takes two more looks.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from edge.web.language import japanese
from tests.pages.conftest import DESKTOP, PHONE
from tests.pages.pages import Shown, every_page
from tests.pages.site import ADMIN, PASSWORD, open_site, serving

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    locale: str
    size: dict[str, int]
    scheme: str

    @property
    def name(self) -> str:
        """Return it as in the names of pictures."""
        return f"{'phone' if self.size is PHONE else 'desktop'}-{self.locale[:2]}"


LOOKS = [
    Look("en-GB", DESKTOP, "light"),
    Look("ja-JP", PHONE, "light"),
    Look("ja-JP", DESKTOP, "dark"),
    Look("en-GB", PHONE, "dark"),
]


@dataclass
class Tour:
    """All pages of a served site, with somebody who is logged in."""

    browser: Browser
    address: str
    pages: list[Shown]
    state: Any = None

    def open(self, look: Look, *, alone: bool = False) -> Page:
        """Return a page of a browser of its own, logged in but for `alone`."""
        context = self.browser.new_context(
            viewport=look.size,  # type: ignore[arg-type] # a mapping of width and height
            locale=look.locale,
            color_scheme=look.scheme,  # type: ignore[arg-type] # light or dark
            timezone_id="Asia/Tokyo",
            storage_state=None if alone else self.state,
        )
        return context.new_page()

    def log_in(self) -> None:
        """Log in as people do, and keep the cookies."""
        page = self.open(LOOKS[0])
        page.goto(f"{self.address}/login")
        page.get_by_label("Name").fill(ADMIN)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(f"{self.address}/")
        self.state = page.context.storage_state()
        page.context.close()


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Tour]:
    """Return the tour."""
    with open_site(tmp_path_factory.mktemp("site"), account=None) as (app, _, made), serving(app) as address:
        found = Tour(browser, address, list(every_page(app, made)))
        found.log_in()
        yield found


@pytest.mark.parametrize(
    "look", LOOKS[: int(os.environ.get("EDGE_TEST_LOOKS", "2"))], ids=lambda look: look.name
)
def test_every_page_is_right_and_leaves_a_picture(tour: Tour, look: Look, screenshots: Path) -> None:
    said: list[str] = []
    wide: list[str] = []
    within, outside = tour.open(look), tour.open(look, alone=True)
    for page in (within, outside):
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
    for shown in tour.pages:
        page = outside if shown.alone else within
        before = len(said)
        answer = page.goto(tour.address + shown.path)
        assert answer is not None
        assert answer.status < 500, shown.path
        if answer.status >= 400:
            del said[before:]  # the browser says of itself that there was no page
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(shown.path)
        page.screenshot(path=screenshots / f"{shown.name}-{look.name}.png", full_page=True)
    within.context.close()
    outside.context.close()
    assert said == []
    assert wide == []


def test_the_tour_misses_no_page(tour: Tour) -> None:
    paths = {shown.path for shown in tour.pages}
    for path in ("/", "/people", "/people/new", "/events", "/attendance", "/accuracy", "/access", "/account"):
        assert path in paths
    assert {"/settings", "/settings/backup", "/settings/tokens", "/login", "/setup"} <= paths
    assert japanese()
