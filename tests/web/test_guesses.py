"""A thousand guesses: few are looked at, and the right password works meanwhile."""

import pytest

from edge.domain.events import EventType
from edge.domain.login_budget import ACCOUNT, ADDRESS, Left, left, network, take
from tests.web.secured import PASSWORD, Browser, Secured

MINUTES = 10


def guess(secured: Secured, count: int, browser_of: list[Browser], name: str = "yui") -> int:
    """Spread `count` wrong passwords over ten minutes; return how many were looked at."""
    before = secured.hasher.asked
    tokens = [browser.token() for browser in browser_of]
    for number in range(count):
        secured.wait(MINUTES * 60 / count)
        at = number % len(browser_of)
        form = {"name": name, "password": f"guess {number}", "csrf_token": tokens[at]}
        answer = browser_of[at].send("/login", form)
        assert answer.status_code in {422, 429}
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) >= 1
    return secured.hasher.asked - before


def test_of_a_thousand_guesses_from_one_address_few_are_looked_at(secured: Secured) -> None:
    secured.join()
    looked_at = guess(secured, 1000, [secured.browser("203.0.113.7")])
    assert 5 <= looked_at <= 20
    assert secured.browser("192.0.2.1").log_in().status_code == 303  # from another address, meanwhile


def test_of_a_thousand_guesses_from_many_addresses_few_are_looked_at(secured: Secured) -> None:
    secured.join()
    known = secured.browser("192.0.2.1")
    known.log_in()
    known.post("/logout", form="/account")
    looked_at = guess(secured, 1000, [secured.browser(f"203.0.113.{host}") for host in range(200)])
    assert 5 <= looked_at <= 20
    assert known.log_in().status_code == 303  # from a browser that was here before, meanwhile


def test_guesses_at_many_names_from_one_address_are_few(secured: Secured) -> None:
    secured.join()
    browser = secured.browser("203.0.113.7")
    before = secured.hasher.asked
    for number in range(200):
        browser.log_in(f"name{number}", "x")
    assert secured.hasher.asked - before == 5


def test_a_restart_and_a_clock_set_back_forget_no_guess(secured: Secured) -> None:
    secured.join()
    browser = secured.browser("203.0.113.7")
    assert [browser.log_in(password="x").status_code for _ in range(6)] == [422] * 5 + [429]
    again = secured.browser("203.0.113.7", app=secured.build())
    assert again.log_in(password="x").status_code == 429
    secured.clock.wall -= 86400
    assert again.log_in(password="x").status_code == 429
    secured.wait(121)
    assert again.log_in(password="x").status_code == 422


def test_a_cookie_of_another_account_or_made_up_exempts_nobody(secured: Secured) -> None:
    secured.join()
    secured.join("ken")
    thief = secured.browser("203.0.113.7")
    thief.log_in("ken")
    thief.post("/logout", form="/account")
    assert [thief.log_in(password="x").status_code for _ in range(8)].count(422) == 5
    made_up = secured.browser("203.0.113.8")
    made_up.client.set_cookie("__Host-edge-browser", "x" * 43, domain="porch", secure=True)
    assert [made_up.log_in(password="x").status_code for _ in range(8)].count(422) == 5


def test_a_known_browser_does_not_guess_for_ever_either(secured: Secured) -> None:
    secured.join()
    browser = secured.browser()
    browser.log_in()
    browser.post("/logout", form="/account")
    answers = [browser.log_in(password="x").status_code for _ in range(30)]
    assert answers.count(422) == 10
    assert browser.log_in().status_code == 429


def test_the_right_password_gives_an_address_its_tries_back(secured: Secured) -> None:
    secured.join()
    for _ in range(3):
        browser = secured.browser()
        assert [browser.log_in(password="x").status_code for _ in range(3)] == [422] * 3
        assert browser.log_in(password=PASSWORD).status_code == 303
        secured.wait(300)


def test_it_is_said_once_that_guesses_are_not_looked_at(secured: Secured) -> None:
    secured.join()
    browser = secured.browser("203.0.113.7")
    for _ in range(30):
        browser.log_in(password="x")
    assert secured.told(EventType.ADMIN_LOGIN_DELAYED) == [{"account": "yui", "address": "203.0.113.7"}]
    assert len(secured.told(EventType.ADMIN_LOGIN_FAILED)) == 5


@pytest.mark.parametrize(
    ("address", "whose"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "?"),
        ("unix", "?"),
    ],
)
def test_an_address_counts_by_what_somebody_has_for_themselves(address: str, whose: str) -> None:
    assert network(address) == whose


def test_a_budget_refills_one_by_one_and_never_over_its_most() -> None:
    spent = Left(0.0, 1000.0)
    assert left(ACCOUNT, spent, 1060.0) == Left(1.0, 1060.0)
    assert left(ACCOUNT, spent, 1e9).tokens == ACCOUNT.most
    assert left(ACCOUNT, Left(3.0, 1e9), 1000.0) == Left(3.0, 1000.0)  # the clock was set back
    assert left(ACCOUNT, None, 0.0).tokens == ACCOUNT.most


def test_a_try_is_taken_from_all_budgets_or_from_none() -> None:
    wanted = {"account": ACCOUNT, "address": ADDRESS}
    full, wait = take(wanted, {}, 0.0)
    assert (full, wait) == ({"account": Left(9.0, 0.0), "address": Left(4.0, 0.0)}, 0.0)
    none, wait = take(wanted, {"address": Left(0.5, 0.0)}, 0.0)
    assert none == {}
    assert wait == pytest.approx(0.5 * ADDRESS.every)
    rebased, _ = take(wanted, {"address": Left(0.5, 9.0)}, 0.0)
    assert rebased == {"address": Left(0.5, 0.0)}


def test_a_token_of_a_program_is_not_guessed(secured: Secured) -> None:
    browser = secured.browser("203.0.113.7")
    headers = {"Authorization": "Bearer edge_" + "x" * 43}
    answers = [browser.get("/api/v1/health", headers=headers).status_code for _ in range(30)]
    assert answers == [401] * 5 + [429] * 25
