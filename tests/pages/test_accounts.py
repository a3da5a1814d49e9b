"""Accounts in a real browser, over real HTTPS: the first run, a second factor, an invitation, a token."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from edge.web.server_admin import Listen, TlsFiles, WebServer
from tests.pages.conftest import DESKTOP, PHONE
from tests.pages.test_axe import GRAVE, RULES
from tests.store.conftest import Terminal
from tests.web.certificates import make_certificate
from tests.web.secured import PASSWORD, Secured

pytestmark = pytest.mark.slow


@dataclass
class Served:
    """A terminal whose pages are served by HTTPS, and nobody has an account yet."""

    secured: Secured
    address: str
    browser: Browser
    folder: Path

    def open(self, *, locale: str = "en-GB", size: dict[str, int] = DESKTOP) -> Page:
        """Return a page of a browser of its own."""
        context = self.browser.new_context(
            viewport=size,  # type: ignore[arg-type] # a mapping of width and height
            locale=locale,
            ignore_https_errors=True,
            timezone_id="Asia/Tokyo",
        )
        return context.new_page()

    def kept(self, page: Page, name: str) -> None:
        """Look at a page: no serious fault, nothing beyond its width, and a picture for people."""
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(page, options=RULES)
        grave = [one for one in found.response["violations"] if one["impact"] in GRAVE]
        assert grave == [], [(one["id"], one["nodes"][0]["html"]) for one in grave]
        page.screenshot(path=self.folder / f"accounts-{name}.png", full_page=True)


@pytest.fixture
def served(tmp_path: Path, browser: Browser, screenshots: Path) -> Iterator[Served]:
    (tmp_path / "data").mkdir()
    terminal = Terminal(tmp_path / "data")
    store = terminal.open()
    secured = Secured(store, terminal.clock)
    files = TlsFiles(make_certificate(tmp_path))
    server = WebServer(Listen("127.0.0.1", 0), secured.app, tls=files)
    server.start()
    yield Served(secured, f"https://127.0.0.1:{server.port}", browser, screenshots)
    server.stop()
    store.close()


def set_up_app(served: Served, page: Page) -> str:
    """Switch the second factor on, and return its secret."""
    page.goto(f"{served.address}/account")
    page.get_by_role("link", name="Set up an app").click()
    expect(page.get_by_role("img", name="The secret as a picture")).to_be_visible()
    page.get_by_text("It cannot scan?").click()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    served.kept(page, "authenticator")
    page.get_by_label("The six digits it shows").fill(pyotp.TOTP(secret).at(int(served.secured.clock.wall)))
    page.get_by_role("button", name="Switch on").click()
    expect(page.locator(".codes > li")).to_have_count(10)
    served.kept(page, "recovery")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Recovery codes left: 10")).to_be_visible()
    served.kept(page, "second-factor-on")
    return secret


def log_in_with_app(served: Served, page: Page, secret: str) -> None:
    """Forget all cookies, and log in anew."""
    page.context.clear_cookies()
    page.goto(f"{served.address}/account")
    served.secured.wait(60)
    page.get_by_label("Login name").fill("yui")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("The name or the password is wrong.")).to_be_visible()
    served.kept(page, "login-wrong")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    served.kept(page, "second")
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(int(served.secured.clock.wall)))
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url(f"{served.address}/account")


def test_from_the_first_run_to_a_second_factor_and_back_in(served: Served) -> None:
    page = served.open()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(served.address)
    expect(page.get_by_role("heading", name="Set up this terminal")).to_be_visible()
    served.kept(page, "setup")
    page.get_by_label("Code").fill(served.secured.accounts.setup_code(actor="system"))
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Login name").fill("yui")
    password = page.get_by_label("Password", exact=True)
    password.fill("password1234")
    page.get_by_role("button", name="Show").click()
    expect(password).to_have_attribute("type", "text")
    served.kept(page, "join")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_text("tried first")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url(f"{served.address}/")

    log_in_with_app(served, page, set_up_app(served, page))
    refused = [
        line for line in said if "422" not in line
    ]  # the browser's own word on a form that was refused
    assert refused == []
    page.context.close()


def test_an_invitation_and_a_token_on_a_phone_in_japanese(served: Served) -> None:
    served.secured.join()
    page = served.open(locale="ja-JP", size=PHONE)
    page.goto(f"{served.address}/settings/accounts")
    page.get_by_label("ログイン名").fill("yui")
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="ログイン").click()
    page.get_by_label("ログイン名").fill("ken")
    page.get_by_role("button", name="コードを発行").click()
    code = page.locator(".secret").inner_text()
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", code)
    served.kept(page, "invited")
    other = served.open(locale="ja-JP", size=PHONE)
    other.goto(f"{served.address}/setup")
    other.get_by_label("コード").fill(code)
    other.get_by_role("button", name="次へ").click()
    expect(other.get_by_label("ログイン名")).to_have_value("ken")
    served.kept(other, "invitation")
    other.get_by_label("パスワード", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="アカウントを作成").click()
    other.wait_for_url(f"{served.address}/")
    page.goto(f"{served.address}/settings/accounts")
    expect(page.get_by_role("group", name="kenさんの操作").get_by_role("button")).to_have_count(3)
    served.kept(page, "acts")
    page.goto(f"{served.address}/settings/tokens")
    page.get_by_label("名称").fill("給与計算")
    page.get_by_role("button", name="トークンを発行").click()
    expect(page.locator(".secret")).to_contain_text("edge_")
    served.kept(page, "token")
    other.context.close()
    page.context.close()


def test_what_matters_asks_for_the_password_and_goes_on(served: Served) -> None:
    served.secured.join()
    page = served.open()
    page.goto(f"{served.address}/login")
    page.get_by_label("Login name").fill("yui")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(f"{served.address}/")
    served.secured.wait(301)
    page.goto(f"{served.address}/account/authenticator")
    expect(page.get_by_role("heading", name="Your password again")).to_be_visible()
    served.kept(page, "again")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(f"{served.address}/account/authenticator")
    page.context.close()


def logged_in(served: Served, *, locale: str = "en-GB") -> Page:
    """Return a page of an admin's browser."""
    served.secured.join()
    page = served.open(locale=locale)
    page.goto(f"{served.address}/login")
    page.locator("input[name=name]").fill("yui")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form[action='/login'] button.primary").click()
    page.wait_for_url(f"{served.address}/")
    return page


def test_a_file_asks_for_the_password_and_leaves_a_page_that_goes_on(served: Served) -> None:
    extensions = served.secured.app.extensions
    office = SimpleNamespace(journal=served.secured.store.journal)
    extensions["edge"] = replace(extensions["edge"], office=cast("Any", office))
    page = logged_in(served)
    page.goto(f"{served.address}/events?kind=admin")
    served.secured.wait(301)
    page.get_by_role("link", name="CSV").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(f"{served.address}/events?kind=admin")
    expect(page.locator(".banner.info")).to_contain_text("Please do once more")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    assert page.url == f"{served.address}/events?kind=admin"
    page.context.close()


def test_what_the_server_or_nobody_answers_is_said_in_the_language_of_the_page(served: Served) -> None:
    page = logged_in(served, locale="ja-JP")
    send = "(path) => import('/static/ui.js').then(({ send }) => send(path)).catch((error) => error.message)"
    page.route("**/large", lambda route: route.fulfill(status=413, body="Request Entity Too Large"))
    page.route("**/teapot", lambda route: route.fulfill(status=418, body="<p>tea</p>"))
    page.route("**/gone", lambda route: route.abort())
    said = [page.evaluate(send, path) for path in ("/large", "/teapot", "/gone")]
    assert said == ["サイズが大きすぎます", "エラーが発生しました", "端末に接続できません"]
    page.context.close()
