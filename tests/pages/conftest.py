"""A browser and a made-up site for the tests of pages; every page must be without errors in its console."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.test import TestResponse

from edge.adapters.store_sqlite.store import SqliteStore
from edge.web.account import Account
from edge.web.roles import Role
from tests.pages.fake_doors import FakeDoors
from tests.pages.made_up import Made
from tests.pages.people_site import Terminal, prepare, running
from tests.pages.site import open_site, serving

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@dataclass
class Site:
    """A served site; `account` may be changed between requests."""

    app: Flask
    store: SqliteStore
    doors: FakeDoors
    made: Made
    address: str = ""
    account: Account = field(default_factory=lambda: Account("yui", Role.ADMIN))

    def as_role(self, role: Role) -> None:
        """Let whoever asks next have a role."""
        self.account = Account("yui", role)


class Client:
    """A browser without scripts: it keeps cookies and gives each form its token."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()

    def get(self, path: str, language: str = "en") -> TestResponse:
        """Return a page or a file, read to its end."""
        return _read(self._client.get(path, headers={"Accept-Language": language}))

    def post(self, path: str, data: Mapping[str, object] | None = None, language: str = "en") -> TestResponse:
        """Send a form, with the token of the first page."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/nowhere").text)
        assert found is not None
        headers = {"X-CSRFToken": found[1], "Accept-Language": language}
        return _read(self._client.post(path, data=data or {}, headers=headers))

    def post_without_token(self, path: str) -> int:
        """Return the status of a form that has no token."""
        return self._client.post(path).status_code


def _read(answer: TestResponse) -> TestResponse:
    answer.get_data()
    answer.close()  # as a server does, which lets go of a file that was sent
    return answer


@pytest.fixture
def client(site: Site) -> Client:
    """Return a browser without scripts."""
    return Client(site.app)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a real Chromium."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        yield found
        found.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a site with 50 people and 2,000 events, on a Friday afternoon; shared by a module's tests."""
    holder: list[Site] = []
    with (
        open_site(tmp_path_factory.mktemp("site"), account=lambda: holder[0].account) as (app, store, made),
        serving(app) as address,
    ):
        doors = app.extensions["edge"].doors
        holder.append(Site(app, store, doors, made, address))
        yield holder[0]


@pytest.fixture(autouse=True)
def _an_admin_again(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "site" in request.fixturenames:
        site: Site = request.getfixturevalue("site")
        site.as_role(Role.ADMIN)
        site.doors.stuck = False


Open = Callable[..., Page]


@pytest.fixture
def visit(site: Site, browser: Browser) -> Iterator[Open]:
    """Return a function that opens an address in a fresh profile; consoles must stay without errors."""
    with visiting(browser, site.address) as open_page:
        yield open_page


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator[Open]:
    """Give a function that opens an address of a site in a fresh profile; see `visit`."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        where = message.location.get("url", "")
        as_many_as_may_be = "/live/stream" in where and "503" in message.text  # it is tried again later
        if message.type in {"error", "warning"} and not as_many_as_may_be:
            said.append(f"{where}: {message.text}")

    def open_page(
        path: str,
        *,
        locale: str = "en-GB",
        size: dict[str, int] = DESKTOP,
        scheme: str = "light",
        expect_errors: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type] # a mapping of width and height
            locale=locale,
            color_scheme=scheme,  # type: ignore[arg-type] # light or dark
            timezone_id="Asia/Tokyo",
        )
        contexts.append(context)
        page = context.new_page()
        if not expect_errors:
            page.on("console", heard)
            page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def screenshots() -> Path:
    """Return the folder of pictures that people look at."""
    folder = Path(__file__).resolve().parents[2] / "var" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def people_terminal(
    tmp_path_factory: pytest.TempPathFactory, presidents: Path, prepared_models: Path
) -> Iterator[Terminal]:
    """Return a real terminal that runs, in front of which one president walks up again and again."""
    settings = prepare(tmp_path_factory.mktemp("terminal"), models=prepared_models, presidents=presidents)
    with running(settings) as terminal:
        yield terminal


@pytest.fixture
def terminal(people_terminal: Terminal) -> Terminal:
    """Return the real terminal without people."""
    people_terminal.forget_everybody()
    return people_terminal


@pytest.fixture
def look(people_terminal: Terminal, browser: Browser) -> Iterator[Open]:
    """Return a function that opens an address of the real terminal, as `visit` does of the made-up site."""
    with visiting(browser, people_terminal.address) as open_page:
        yield open_page
