"""Closed by default: every route, those of pages still to come included, is walked."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from edge.domain.account import AccountRole
from edge.web.app import create_admin_app
from edge.web.roles import Role, role_of, scope_of
from tests.web.secured import Secured
from tests.web.walking import address_of

PUBLIC = {
    "static",
    "frame.preferences",
    "health.show",
    "login.show",
    "login.enter",
    "login.second",
    "login.give_second",
    "login.leave",
    "setup.show",
    "setup.enter",
    "kiosk.show",
    "kiosk.pair",
    "kiosk.language",
}
CLOSED = {302, 401, 403}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def walk(app: Flask) -> Iterator[tuple[Rule, str, str]]:
    """Give every rule with each of its methods and an address that it answers."""
    for rule in app.url_map.iter_rules():
        for method in METHODS:
            if method in (rule.methods or set()):
                yield rule, method, address_of(app, rule)


def test_every_view_says_who_may_open_it(secured: Secured) -> None:
    views = secured.app.view_functions
    assert {name for name, view in views.items() if role_of(view) is Role.PUBLIC} <= PUBLIC
    assert not [name for name, view in views.items() if role_of(view) is None and scope_of(view) is None]


def test_a_view_that_says_nothing_keeps_the_pages_from_being_served(
    secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgotten(app: Flask, _: object) -> None:
        app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    monkeypatch.setattr("edge.web.app.add_account_pages", forgotten)
    with pytest.raises(ValueError, match="who may open them: forgotten"):
        create_admin_app(secured.app.extensions["edge"])


def test_every_route_but_the_public_ones_is_closed_to_strangers(secured: Secured) -> None:
    secured.join()
    browser = secured.browser()
    token = browser.token()
    walked = 0
    for rule, method, address in walk(secured.app):
        if rule.endpoint in PUBLIC:
            continue
        headers = {"Origin": browser.base, "X-CSRFToken": token}
        answer = browser.client.open(address, method=method, base_url=browser.base, headers=headers)
        assert answer.status_code in CLOSED, f"{method} {address}: {answer.status_code}"
        if answer.status_code == 302:
            assert answer.headers["Location"].startswith("/login"), address
        walked += 1
    assert walked > 40


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-CSRFToken": "wrong"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["no token", "wrong token", "other origin", "other site"],
)
def test_every_change_without_the_token_or_from_elsewhere_is_refused(
    secured: Secured, headers: dict[str, str]
) -> None:
    secured.join()
    browser = secured.browser()
    browser.log_in()
    right = {} if "X-CSRFToken" in headers or not headers else {"X-CSRFToken": browser.token("/account")}
    walked = 0
    for rule, method, address in walk(secured.app):
        if method == "GET":
            continue
        answer = browser.client.open(
            address, method=method, base_url=browser.base, headers={**right, **headers}, data={"a": "b"}
        )
        programs = role_of(secured.app.view_functions[rule.endpoint]) is None
        allowed = {400, 403} | ({401} if programs else set())
        assert answer.status_code in allowed, f"{method} {address}: {answer.status_code}"
        walked += 1
    assert walked > 20


def test_no_page_that_is_only_looked_at_changes_or_breaks_anything(secured: Secured) -> None:
    secured.join()
    browser = secured.browser()
    browser.log_in()
    before = secured.store.journal.last_seq()
    for rule, method, address in walk(secured.app):
        if method == "GET" and "stream" not in rule.rule:
            answer = browser.get(address)
            assert answer.status_code < 500 or answer.status_code == 503, f"{address}: {answer.status_code}"
    assert secured.store.journal.last_seq() == before


@pytest.mark.parametrize("role", [AccountRole.VIEWER, AccountRole.OPERATOR])
def test_nobody_opens_what_is_above_their_role(secured: Secured, role: AccountRole) -> None:
    secured.join()
    secured.join("ken", role)
    browser = secured.browser()
    browser.log_in("ken")
    token = browser.token("/account")
    walked = 0
    for rule, method, address in walk(secured.app):
        wanted = role_of(secured.app.view_functions[rule.endpoint])
        if wanted is None or wanted <= Role[role.upper()]:
            continue
        headers = {"Origin": browser.base, "X-CSRFToken": token}
        answer = browser.client.open(address, method=method, base_url=browser.base, headers=headers)
        assert answer.status_code == 403, f"{method} {address}: {answer.status_code}"
        walked += 1
    assert walked > 10


@pytest.mark.parametrize(
    "host", ["porch", "porch:8443", "PORCH.local", "localhost", "192.0.2.7:8443", "[2001:db8::7]:8443"]
)
def test_the_names_and_addresses_of_the_terminal_are_answered(secured: Secured, host: str) -> None:
    assert secured.app.test_client().get("/login", base_url=f"https://{host}").status_code == 303


@pytest.mark.parametrize(
    "host",
    ["evil.example", "porch.evil.example", "porch.local.evil.example:8443", "1.2.3.4.evil.example", "xporch"],
)
def test_a_name_that_is_rebound_to_it_is_not(secured: Secured, host: str) -> None:
    answer = secured.app.test_client().get("/login", base_url=f"https://{host}")
    assert answer.status_code == 421
    assert "porch" not in answer.headers.get("Location", "")


def test_a_form_that_a_page_of_this_site_sends_is_taken(secured: Secured) -> None:
    secured.join()
    browser = secured.browser()
    form = {"name": "yui", "password": "x", "csrf_token": browser.token()}
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": browser.base}):
        assert (
            browser.client.post("/login", data=form, base_url=browser.base, headers=headers).status_code
            == 422
        )
    for headers in ({"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}, {"Origin": "http://porch:8443"}):
        assert (
            browser.client.post("/login", data=form, base_url=browser.base, headers=headers).status_code
            == 403
        )


def test_a_token_of_another_browser_is_no_token(secured: Secured) -> None:
    one, other = secured.browser(), secured.browser()
    form = {"code": "x", "csrf_token": one.token("/setup")}
    other.token("/setup")
    assert other.send("/setup", form, form="/setup").status_code == 400
    assert one.send("/setup", form, form="/setup").status_code == 422


@pytest.mark.parametrize(("state", "status"), [("well", 200), ("degraded", 200), ("failing", 503)])
def test_a_stranger_learns_of_the_health_one_word(secured: Secured, state: str, status: int) -> None:
    secured.changes = {"health": lambda: {"state": state, "reasons": ["camera lost"], "version": "9"}}
    answer = secured.browser(app=secured.build()).get("/health")
    assert (answer.status_code, answer.get_json()) == (status, {"state": state})
